#include <openssl/evp.h>

#include "bench/internet/services/files/ssh_keys.hpp"
#include "bench/internet/services/files/ssh_transport.hpp"
#include "bench/internet/services/files/ssh_wire.hpp"
#include "bench/internet/world/dialogue.hpp"
#include "tests/catch.hpp"
#include "tests/unit/internet_support.hpp"

using namespace cambench;
using namespace cambench::internet;
using namespace std::string_literals;

namespace {

/// A client as far as the tests need one: Curve25519, AES in counter mode, HMAC with SHA-256.
class Client {
public:
    Client(StreamDialogue& server, std::string exchange, std::string cipher, std::size_t piece)
        : server_(server), exchange_(std::move(exchange)), cipher_(std::move(cipher)), piece_(piece) {}

    bool shake_hands() {
        take(say(server_, "SSH-2.0-dropbear_2020\r\n", piece_));
        const auto end = std::string_view(as_text(pending_)).find("\r\n");
        if (end == std::string_view::npos || !as_text(pending_).starts_with("SSH-2.0-")) return false;
        pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(end + 2));
        SshWriter offer;
        offer.byte(20).raw(as_bytes("0123456789abcdef")).text(exchange_ + ",ext-info-c").text("ssh-ed25519");
        const auto init = offer.text(cipher_)
                              .text(cipher_)
                              .text("hmac-sha2-256")
                              .text("hmac-sha2-256")
                              .text("none")
                              .text("none")
                              .text("")
                              .text("")
                              .flag(false)
                              .number(0)
                              .take();
        const auto theirs = next();
        send(init);
        EVP_PKEY* own = EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519");
        Bytes mine(32);
        std::size_t size = 32;
        EVP_PKEY_get_raw_public_key(own, reinterpret_cast<unsigned char*>(mine.data()), &size);
        send(SshWriter().byte(30).string(mine).take());
        const auto reply = next();
        SshReader reader(ByteView(reply).subspan(1));
        const auto host = reader.string(), ours = reader.string(), signature = reader.string();
        if (reader.failed() || next() != Bytes{std::byte{21}}) return false;
        auto* peer = EVP_PKEY_new_raw_public_key(
            EVP_PKEY_X25519, nullptr, reinterpret_cast<const unsigned char*>(ours.data()), ours.size());
        auto* context = EVP_PKEY_CTX_new(own, nullptr);
        Bytes secret(32);
        EVP_PKEY_derive_init(context);
        EVP_PKEY_derive_set_peer(context, peer);
        EVP_PKEY_derive(context, reinterpret_cast<unsigned char*>(secret.data()), &size);
        EVP_PKEY_CTX_free(context), EVP_PKEY_free(own), EVP_PKEY_free(peer);
        SshWriter text;
        text.text("SSH-2.0-dropbear_2020")
            .text(ssh_version)
            .string(init)
            .string(theirs)
            .string(host)
            .string(mine)
            .string(ours)
            .integer(secret);
        hash_ = ssh_hash(exchange_, text.view());
        secret_ = SshWriter().integer(secret).take();
        signed_ = is_signed(host, signature);
        send(SshWriter().byte(21).take());
        const auto& kind = *ssh_cipher(cipher_);
        const auto& mac = *ssh_mac("hmac-sha2-256");
        return out_.take_up(kind, mac, derived('C'), derived('A'), derived('E')).ok() &&
               in_.take_up(kind, mac, derived('D'), derived('B'), derived('F')).ok() && signed_;
    }
    void send(const Bytes& message) { take(say(server_, as_text(out_.wrap(message)), piece_)); }
    Bytes next() {
        const auto content = in_.next(pending_);
        return content.ok() && *content ? **content : Bytes();
    }
    void take(const std::string& bytes) {
        const auto view = as_bytes(bytes);
        pending_.insert(pending_.end(), view.begin(), view.end());
    }

private:
    Bytes derived(char letter) const {
        ByteWriter text;
        text.bytes(secret_).bytes(hash_).u8(static_cast<std::uint8_t>(letter)).bytes(hash_);
        return ssh_hash(exchange_, text.view());
    }
    bool is_signed(ByteView host, ByteView signature) const {
        SshReader key(host), given(signature);
        const auto name = key.text(), form = given.text();
        const auto pub = key.string(), mark = given.string();
        auto* handle = EVP_PKEY_new_raw_public_key(
            EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(pub.data()), pub.size());
        auto* context = EVP_MD_CTX_new();
        const bool good =
            name == "ssh-ed25519" && form == name &&
            EVP_DigestVerifyInit(context, nullptr, nullptr, nullptr, handle) == 1 &&
            EVP_DigestVerify(context, reinterpret_cast<const unsigned char*>(mark.data()), mark.size(),
                             reinterpret_cast<const unsigned char*>(hash_.data()), hash_.size()) == 1;
        EVP_MD_CTX_free(context), EVP_PKEY_free(handle);
        return good;
    }

    StreamDialogue& server_;
    std::string exchange_, cipher_;
    std::size_t piece_;
    Bytes pending_, hash_, secret_;
    SshWay out_{SshWay::Side::sends}, in_{SshWay::Side::receives};
    bool signed_ = false;
};

Bytes ask_to_log_in(std::string_view method) {
    return SshWriter().byte(50).text("root").text("ssh-connection").text(method).take();
}

}  // namespace

TEST_CASE("an SSH client gets a host key of the bench, and its login and what it wants are told") {
    for (const auto& [exchange, cipher, piece] :
         {std::tuple{"curve25519-sha256"s, "aes128-ctr"s, std::size_t{0}},
          std::tuple{"curve25519-sha256@libssh.org"s, "aes256-cbc"s, std::size_t{3}}}) {
        TestWorld test;
        auto conversation = make_conversation(test.world, test.flow("198.51.100.22", 2200, Transport::tcp));
        Client client(*conversation, exchange, cipher, piece);
        REQUIRE(client.shake_hands());
        CHECK(test.recorder.last("ssh")["client"] == "SSH-2.0-dropbear_2020");
        CHECK(test.recorder.last("ssh")["key_exchanges"][0] == exchange);
        CHECK(std::to_integer<int>(client.next().at(0)) == 7);
        client.send(SshWriter().byte(5).text("ssh-userauth").take());
        CHECK(std::to_integer<int>(client.next().at(0)) == 6);
        client.send(ask_to_log_in("none"));
        CHECK(std::to_integer<int>(client.next().at(0)) == 51);
        CHECK(test.recorder.last("ssh")["taken"] == false);
        client.send(SshWriter().raw(ask_to_log_in("password")).flag(false).text("xc3511").take());
        CHECK(std::to_integer<int>(client.next().at(0)) == 52);
        CHECK(test.recorder.last("ssh")["user"] == "root");
        CHECK(test.recorder.last("ssh")["password"] == "xc3511");
        client.send(
            SshWriter().byte(80).text("tcpip-forward").flag(true).text("0.0.0.0").number(2222).take());
        CHECK(std::to_integer<int>(client.next().at(0)) == 81);
        CHECK(test.recorder.last("ssh")["target"] == "0.0.0.0:2222");
        client.send(SshWriter()
                        .byte(90)
                        .text("direct-tcpip")
                        .number(7)
                        .number(1000)
                        .number(1000)
                        .text("203.0.113.9")
                        .number(443)
                        .text("127.0.0.1")
                        .number(5)
                        .take());
        CHECK(std::to_integer<int>(client.next().at(0)) == 91);
        CHECK(test.recorder.last("ssh")["target"] == "203.0.113.9:443");
        client.send(SshWriter().byte(94).number(0).text("inside the tunnel").take());
        CHECK(std::to_integer<int>(client.next().at(0)) == 93);
        client.send(SshWriter().byte(97).number(0).take());
        CHECK(test.recorder.last("ssh")["payload"] == "inside the tunnel");
        CHECK(std::to_integer<int>(client.next().at(0)) == 96);
        conversation->closed();
    }
}

TEST_CASE("a command over SSH ends well once its client is silent") {
    TestWorld test;
    auto conversation = make_conversation(test.world, test.flow("198.51.100.22", 22, Transport::tcp));
    Client client(*conversation, "curve25519-sha256", "aes128-ctr", 0);
    REQUIRE(client.shake_hands());
    (void)client.next();
    client.send(
        SshWriter().raw(ask_to_log_in("publickey")).flag(false).text("ssh-ed25519").text("key").take());
    CHECK(std::to_integer<int>(client.next().at(0)) == 60);
    client.send(SshWriter().raw(ask_to_log_in("keyboard-interactive")).text("").text("").take());
    CHECK(std::to_integer<int>(client.next().at(0)) == 60);
    client.send(SshWriter().byte(61).number(1).text("asked").take());
    CHECK(std::to_integer<int>(client.next().at(0)) == 52);
    CHECK(test.recorder.last("ssh")["password"] == "asked");
    client.send(SshWriter().byte(90).text("session").number(0).number(1000).number(1000).take());
    (void)client.next();
    client.send(SshWriter().byte(98).number(0).text("exec").flag(true).text("cat > /tmp/x").take());
    CHECK(std::to_integer<int>(client.next().at(0)) == 99);
    CHECK(test.recorder.last("ssh")["command"] == "cat > /tmp/x");
    Output output;
    conversation->silence(output);
    client.take(output.bytes);
    CHECK(std::to_integer<int>(client.next().at(0)) == 98);  // exit-status
    CHECK(std::to_integer<int>(client.next().at(0)) == 96);
    CHECK(std::to_integer<int>(client.next().at(0)) == 97);
}

TEST_CASE("older groups and keys serve too, and values that are none are refused") {
    for (const auto* name : {"ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-256"}) {
        const auto key = ssh_host_key(name);
        REQUIRE(key.ok());
        CHECK((*key)->sign(name, as_bytes("text")).ok());
    }
    for (const auto* exchange : {"diffie-hellman-group14-sha1", "diffie-hellman-group1-sha1"}) {
        CHECK(ssh_agree(exchange, as_bytes("\x05"s)).ok());
        CHECK_FALSE(ssh_agree(exchange, as_bytes("\x01"s)).ok());
        CHECK_FALSE(ssh_agree(exchange, Bytes(256, std::byte{0xff})).ok());
    }
    CHECK_FALSE(ssh_agree("curve25519-sha256", as_bytes("short")).ok());
    CHECK_FALSE(ssh_agree("curve25519-sha256", Bytes(32)).ok());
    CHECK_FALSE(ssh_agree("ecdh-sha2-nistp256", Bytes(65, std::byte{4})).ok());
}

TEST_CASE("SSH that is malformed ends the connection") {
    for (const auto& text :
         {"SSH-1.5-old\r\n"s, "SSH-2.0-x\r\n\0\0\0\0\0\0\0\0"s,
          "SSH-2.0-x\r\n\0\0\0\x0c\x0a\x15\0\0\0\0\0\0\0\0\0\0"s, "SSH-2.0-x\r\n\xff\xff\xff\xff\0\0\0\0"s}) {
        TestWorld test;
        auto conversation = make_conversation(test.world, test.flow("198.51.100.22", 22, Transport::tcp));
        Output output;
        conversation->received(as_bytes(text), output);
        CHECK(output.close);
        CHECK(test.recorder.last("ssh").contains("malformed"));
        conversation->closed();
    }
}
