#include "bench/internet/services/files/ssh_wire.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>

#include "harness/core/text.hpp"

namespace cambench::internet {
namespace {

constexpr std::size_t longest_ssh_packet = 262'144, least_padding = 4;

constexpr std::array ssh_ciphers{
    SshCipher{"aes128-ctr", EVP_aes_128_ctr, 16, 16}, SshCipher{"aes256-ctr", EVP_aes_256_ctr, 32, 16},
    SshCipher{"aes192-ctr", EVP_aes_192_ctr, 24, 16}, SshCipher{"aes128-cbc", EVP_aes_128_cbc, 16, 16},
    SshCipher{"aes256-cbc", EVP_aes_256_cbc, 32, 16}, SshCipher{"3des-cbc", EVP_des_ede3_cbc, 24, 8}};
constexpr std::array ssh_macs{SshMac{"hmac-sha2-256", EVP_sha256, 32},
                              SshMac{"hmac-sha2-512", EVP_sha512, 64}, SshMac{"hmac-sha1", EVP_sha1, 20}};

template <typename List>
auto named(const List& list, std::string_view name) -> decltype(list.data()) {
    const auto found =
        std::find_if(list.begin(), list.end(), [&](const auto& one) { return one.name == name; });
    return found == list.end() ? nullptr : &*found;
}

template <typename List>
std::string names_of(const List& list) {
    std::string text;
    for (const auto& one : list) text.append(text.empty() ? "" : ",").append(one.name);
    return text;
}

}  // namespace

std::vector<std::string> SshReader::names() { return split(as_text(string()), ','); }

SshWriter& SshWriter::integer(ByteView magnitude) {
    while (!magnitude.empty() && magnitude[0] == std::byte{}) magnitude = magnitude.subspan(1);
    const bool sign = !magnitude.empty() && (magnitude[0] & std::byte{0x80}) != std::byte{};
    number(static_cast<std::uint32_t>(magnitude.size() + (sign ? 1 : 0)));
    if (sign) byte(0);
    return raw(magnitude);
}

const SshCipher* ssh_cipher(std::string_view name) { return named(ssh_ciphers, name); }
const SshMac* ssh_mac(std::string_view name) { return named(ssh_macs, name); }
std::string ssh_cipher_names() { return names_of(ssh_ciphers); }
std::string ssh_mac_names() { return names_of(ssh_macs); }

SshWay::~SshWay() { EVP_CIPHER_CTX_free(context_); }

Status SshWay::take_up(const SshCipher& cipher, const SshMac& mac, ByteView key, ByteView start,
                       ByteView mac_key) {
    EVP_CIPHER_CTX_free(context_);
    context_ = EVP_CIPHER_CTX_new();
    const auto* key_bytes = reinterpret_cast<const unsigned char*>(key.data());
    const auto* start_bytes = reinterpret_cast<const unsigned char*>(start.data());
    const bool done = context_ != nullptr && key.size() >= cipher.key && start.size() >= cipher.block &&
                      EVP_CipherInit_ex(context_, cipher.of(), nullptr, key_bytes, start_bytes,
                                        side_ == Side::sends ? 1 : 0) == 1 &&
                      EVP_CIPHER_CTX_set_padding(context_, 0) == 1;
    if (!done) return bench_error("ssh: no cipher to be had");
    cipher_ = &cipher;
    mac_ = &mac;
    mac_key_.assign(mac_key.begin(), mac_key.end());
    return {};
}

void SshWay::apply(std::byte* bytes, std::size_t size) {
    if (cipher_ == nullptr || size == 0) return;
    auto* data = reinterpret_cast<unsigned char*>(bytes);
    int out = 0;
    (void)EVP_CipherUpdate(context_, data, &out, data, static_cast<int>(size));
}

Bytes SshWay::mac_of(ByteView plain) const {
    if (mac_ == nullptr) return {};
    const auto text = ByteWriter().u32(sequence_).bytes(plain).take();
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    HMAC(mac_->of(), mac_key_.data(), static_cast<int>(mac_key_.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
    return to_bytes({reinterpret_cast<const char*>(digest.data()), size});
}

Bytes SshWay::wrap(ByteView content) {
    auto padding = block() - (5 + content.size()) % block();
    if (padding < least_padding) padding += block();
    Bytes random(padding);
    (void)RAND_bytes(reinterpret_cast<unsigned char*>(random.data()), static_cast<int>(padding));
    auto packet = ByteWriter()
                      .u32(static_cast<std::uint32_t>(1 + content.size() + padding))
                      .u8(static_cast<std::uint8_t>(padding))
                      .bytes(content)
                      .bytes(random)
                      .take();
    const auto mac = mac_of(packet);
    apply(packet.data(), packet.size());
    packet.insert(packet.end(), mac.begin(), mac.end());
    ++sequence_;
    return packet;
}

Result<std::optional<Bytes>> SshWay::next(Bytes& pending) {
    if (pending.size() < block()) return std::optional<Bytes>();
    if (!std::exchange(begun_, true)) apply(pending.data(), block());
    const std::size_t length = ByteReader(pending).u32(), size = length + 4;
    if (length < 2 || length > longest_ssh_packet || size % block() != 0)
        return dut_error("ssh: a packet of no possible size");
    if (pending.size() < size + mac_size()) return std::optional<Bytes>();
    apply(pending.data() + block(), size - block());
    const auto plain = ByteView(pending).first(size), mac = ByteView(pending).subspan(size, mac_size());
    const auto expected = mac_of(plain);
    if (!std::equal(expected.begin(), expected.end(), mac.begin(), mac.end()))
        return dut_error("ssh: a packet that was changed");
    const auto padding = std::to_integer<std::size_t>(plain[4]);
    if (padding + 1 > length) return dut_error("ssh: more padding than packet");
    const auto content = plain.subspan(5, length - 1 - padding);
    std::optional<Bytes> taken(Bytes(content.begin(), content.end()));
    pending.erase(pending.begin(), pending.begin() + static_cast<std::ptrdiff_t>(size + mac_size()));
    begun_ = false;
    ++sequence_;
    return taken;
}

}  // namespace cambench::internet
