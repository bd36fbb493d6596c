#pragma once

#include <openssl/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/bytes.hpp"
#include "harness/core/result.hpp"

/// SSH's binary packets and what they are made of (RFC 4251, 4253).
namespace cambench::internet {

class SshReader {
public:
    explicit SshReader(ByteView bytes) : reader_(bytes) {}
    [[nodiscard]] bool failed() const { return reader_.failed(); }
    [[nodiscard]] bool empty() const { return reader_.empty(); }
    std::uint8_t byte() { return reader_.u8(); }
    bool flag() { return reader_.u8() != 0; }
    std::uint32_t number() { return reader_.u32(); }
    ByteView string() { return reader_.take(reader_.u32()); }
    std::string text() { return std::string(as_text(string())); }
    std::vector<std::string> names();
    void skip(std::size_t count) { reader_.skip(count); }

private:
    ByteReader reader_;
};

class SshWriter {
public:
    SshWriter& byte(std::uint8_t value) { return writer_.u8(value), *this; }
    SshWriter& flag(bool value) { return byte(value ? 1 : 0); }
    SshWriter& number(std::uint32_t value) { return writer_.u32(value), *this; }
    SshWriter& raw(ByteView bytes) { return writer_.bytes(bytes), *this; }
    SshWriter& string(ByteView bytes) { return number(static_cast<std::uint32_t>(bytes.size())).raw(bytes); }
    SshWriter& text(std::string_view text) { return string(as_bytes(text)); }
    SshWriter& integer(ByteView magnitude);  ///< not negative, the most significant byte first
    [[nodiscard]] ByteView view() const { return writer_.view(); }
    [[nodiscard]] Bytes take() { return writer_.take(); }

private:
    ByteWriter writer_;
};

struct SshCipher {
    std::string_view name;
    const EVP_CIPHER* (*of)();
    std::size_t key, block;
};
struct SshMac {
    std::string_view name;
    const EVP_MD* (*of)();
    std::size_t size;
};
[[nodiscard]] const SshCipher* ssh_cipher(std::string_view name);
[[nodiscard]] const SshMac* ssh_mac(std::string_view name);
[[nodiscard]] std::string ssh_cipher_names();
[[nodiscard]] std::string ssh_mac_names();

/// Packets of one way: in clear until keys are taken up.
class SshWay {
public:
    enum class Side { sends, receives };
    explicit SshWay(Side side) : side_(side) {}
    ~SshWay();
    SshWay(const SshWay&) = delete;
    SshWay& operator=(const SshWay&) = delete;

    [[nodiscard]] Status take_up(const SshCipher& cipher, const SshMac& mac, ByteView key, ByteView start,
                                 ByteView mac_key);
    /// A packet with this content, ready to be sent.
    [[nodiscard]] Bytes wrap(ByteView content);
    /// The content of the next packet; nullopt: more bytes are needed. An error is the end of the connection.
    [[nodiscard]] Result<std::optional<Bytes>> next(Bytes& pending);

private:
    [[nodiscard]] std::size_t block() const { return cipher_ == nullptr ? 8 : cipher_->block; }
    [[nodiscard]] std::size_t mac_size() const { return mac_ == nullptr ? 0 : mac_->size; }
    void apply(std::byte* bytes, std::size_t size);
    [[nodiscard]] Bytes mac_of(ByteView plain) const;

    Side side_;
    const SshCipher* cipher_ = nullptr;
    const SshMac* mac_ = nullptr;
    EVP_CIPHER_CTX* context_ = nullptr;
    Bytes mac_key_;
    std::uint32_t sequence_ = 0;
    bool begun_ = false;  ///< the first block of the packet at hand is in clear
};

}  // namespace cambench::internet
