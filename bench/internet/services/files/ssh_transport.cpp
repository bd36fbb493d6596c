#include "bench/internet/services/files/ssh_transport.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/text.hpp"

namespace cambench::internet {
namespace {

constexpr std::size_t longest_version = 255, most_before_version = 8192;

/// The client's first that the server has, too (RFC 4253, 7.1); "" when there is none.
std::string chosen(const std::vector<std::string>& theirs, const std::string& ours) {
    const auto list = split(ours, ',');
    for (const auto& one : theirs)
        if (std::find(list.begin(), list.end(), one) != list.end()) return one;
    return {};
}

}  // namespace

std::string SshTransport::take_output() { return std::exchange(output_, {}); }

void SshTransport::send(ByteView message) { output_ += as_text(out_.wrap(message)); }

Status SshTransport::received(ByteView bytes) {
    pending_.insert(pending_.end(), bytes.begin(), bytes.end());
    if (offer_.client.empty()) {
        TRY(take_version());
        if (offer_.client.empty()) return {};
    }
    for (;;) {
        TRY_ASSIGN(const auto content, in_.next(pending_));
        if (!content) return {};
        if (!content->empty()) TRY(take_packet(*content));
    }
}

Status SshTransport::take_version() {
    const auto text = as_text(pending_);
    const auto end = text.find('\n');
    if (end == std::string_view::npos)
        return pending_.size() > most_before_version ? Status(dut_error("ssh: no version")) : Status();
    const auto line = trim(text.substr(0, end));
    if (!line.starts_with("SSH-2.") && !line.starts_with("SSH-1.99"))
        return dut_error(fmt::format("ssh: another version, {}", inert(line.substr(0, 40))));
    offer_.client = line.substr(0, longest_version);
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(end + 1));
    send_offer();
    return {};
}

void SshTransport::send_offer() {
    const auto ciphers = ssh_cipher_names(), macs = ssh_mac_names();
    SshWriter writer;
    const auto cookie = ByteWriter().text("bench of cameras").take();
    writer.byte(SshMessage::exchange_begins)
        .raw(ByteView(cookie).first(16))
        .text(ssh_exchange_names())
        .text(ssh_host_key_names());
    writer.text(ciphers)
        .text(ciphers)
        .text(macs)
        .text(macs)
        .text("none")
        .text("none")
        .text("")
        .text("")
        .flag(false)
        .number(0);
    our_init_ = writer.take();
    send(our_init_);
}

Status SshTransport::take_packet(ByteView content) {
    const auto number = std::to_integer<std::uint8_t>(content[0]);
    switch (number) {
        case SshMessage::disconnect:
            return dut_error("ssh: the client took its leave");
        case SshMessage::ignore:
        case SshMessage::unimplemented:
        case SshMessage::debug:
        case SshMessage::extensions:
            return {};
        case SshMessage::exchange_begins:
            return take_offer(content);
        case SshMessage::exchange_init:
            return exchange_keys(content);
        case SshMessage::new_keys:
            if (hash_.empty()) return dut_error("ssh: keys before they were agreed on");
            return take_up_keys(in_, 'C', 'A', 'E', cipher_in_, mac_in_);
        default:
            break;
    }
    if (!is_encrypted()) return dut_error("ssh: a message before there are keys");
    take_(content);
    return {};
}

Status SshTransport::take_offer(ByteView content) {
    SshReader reader(content);
    reader.skip(17);
    SshOffer offer{.client = offer_.client,
                   .exchanges = reader.names(),
                   .host_keys = reader.names(),
                   .ciphers = reader.names(),
                   .macs = {}};
    const auto ciphers_out = reader.names();
    offer.macs = reader.names();
    const auto macs_out = reader.names();
    for (int i = 0; i < 4; ++i) (void)reader.string();
    const bool guessed = reader.flag();
    if (reader.failed()) return dut_error("ssh: an offer that ends too early");
    if (is_encrypted()) send_offer();  // keys are exchanged anew
    exchange_ = chosen(offer.exchanges, ssh_exchange_names());
    host_key_ = chosen(offer.host_keys, ssh_host_key_names());
    cipher_in_ = chosen(offer.ciphers, ssh_cipher_names()),
    cipher_out_ = chosen(ciphers_out, ssh_cipher_names());
    mac_in_ = chosen(offer.macs, ssh_mac_names()), mac_out_ = chosen(macs_out, ssh_mac_names());
    const bool right = !offer.exchanges.empty() && !offer.host_keys.empty() &&
                       ssh_exchange_names().starts_with(offer.exchanges[0] + ",") &&
                       ssh_host_key_names().starts_with(offer.host_keys[0] + ",");
    skips_guess_ = guessed && !right;
    wants_extensions_ =
        std::find(offer.exchanges.begin(), offer.exchanges.end(), "ext-info-c") != offer.exchanges.end();
    offer_ = std::move(offer);
    their_init_.assign(content.begin(), content.end());
    for (const auto* one : {&exchange_, &host_key_, &cipher_in_, &cipher_out_, &mac_in_, &mac_out_})
        if (one->empty()) return dut_error("ssh: nothing in common");
    return {};
}

Status SshTransport::exchange_keys(ByteView content) {
    if (exchange_.empty()) return dut_error("ssh: an exchange before it was agreed on");
    if (std::exchange(skips_guess_, false)) return {};
    SshReader reader(content);
    reader.skip(1);
    const auto theirs = reader.string();
    if (reader.failed() || theirs.empty()) return dut_error("ssh: no public value");
    TRY_ASSIGN(const auto* host, ssh_host_key(host_key_));
    TRY_ASSIGN(const auto shared, ssh_agree(exchange_, theirs));
    SshWriter text;
    text.text(offer_.client).text(ssh_version).string(their_init_).string(our_init_).string(host->blob);
    if (shared.integers)
        text.integer(theirs).integer(shared.ours).integer(shared.secret);
    else
        text.string(theirs).string(shared.ours).integer(shared.secret);
    hash_ = ssh_hash(exchange_, text.view());
    const bool first = session_.empty();
    if (first) session_ = hash_;
    secret_ = SshWriter().integer(shared.secret).take();
    TRY_ASSIGN(const auto signature, host->sign(host_key_, hash_));
    SshWriter reply;
    reply.byte(SshMessage::exchange_reply).string(host->blob);
    if (shared.integers)
        reply.integer(shared.ours);
    else
        reply.string(shared.ours);
    send(reply.string(signature).view());
    send(SshWriter().byte(SshMessage::new_keys).view());
    TRY(take_up_keys(out_, 'D', 'B', 'F', cipher_out_, mac_out_));
    if (first && wants_extensions_)
        send(SshWriter()
                 .byte(SshMessage::extensions)
                 .number(1)
                 .text("server-sig-algs")
                 .text("ssh-ed25519,ecdsa-sha2-nistp256,rsa-sha2-512,rsa-sha2-256,ssh-rsa")
                 .view());
    return {};
}

Bytes SshTransport::derived(char letter, std::size_t size) const {
    Bytes key;
    while (key.size() < size) {
        ByteWriter text;
        text.bytes(secret_).bytes(hash_);
        if (key.empty())
            text.u8(static_cast<std::uint8_t>(letter)).bytes(session_);
        else
            text.bytes(key);
        const auto more = ssh_hash(exchange_, text.view());
        key.insert(key.end(), more.begin(), more.end());
    }
    key.resize(size);
    return key;
}

Status SshTransport::take_up_keys(SshWay& way, char key, char start, char mac, const std::string& cipher_name,
                                  const std::string& mac_name) {
    const auto* cipher = ssh_cipher(cipher_name);
    const auto* code = ssh_mac(mac_name);
    if (cipher == nullptr || code == nullptr) return dut_error("ssh: nothing in common");
    return way.take_up(*cipher, *code, derived(key, cipher->key), derived(start, cipher->block),
                       derived(mac, code->size));
}

}  // namespace cambench::internet
