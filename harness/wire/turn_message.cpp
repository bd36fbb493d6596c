#include "harness/wire/turn_message.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>

#include "harness/core/checksum.hpp"

namespace cambench::internet {
namespace {

constexpr std::uint32_t turn_cookie = 0x2112a442;
constexpr std::size_t turn_head = 20, channel_head = 4, turn_digest_size = 20, most_peers = 16;

/// Endpoints are masked with the cookie, those of IPv6 with the transaction, too.
Bytes mask_of(ByteView transaction) { return ByteWriter().u32(turn_cookie).bytes(transaction).take(); }

std::optional<Endpoint> masked_endpoint(ByteView value, ByteView transaction) {
    ByteReader reader(value);
    reader.skip(1);
    const auto family = reader.u8();
    const auto port = static_cast<std::uint16_t>(reader.u16() ^ (turn_cookie >> 16));
    const auto masked = reader.rest();
    if (reader.failed() || (family != 1 && family != 2) || masked.size() != (family == 1 ? 4U : 16U))
        return std::nullopt;
    Bytes plain(masked.begin(), masked.end());
    const auto mask = mask_of(transaction);
    for (std::size_t i = 0; i < plain.size() && i < mask.size(); ++i) plain[i] ^= mask[i];
    return Endpoint{family == 1 ? IpAddress::v4(ByteView(plain)) : IpAddress::v6(plain), port};
}

void take_turn_attribute(std::uint16_t attribute, ByteView value, TurnMessage& message) {
    ByteReader reader(value);
    switch (attribute) {
        case TurnAttribute::user:
            message.user = as_text(value);
            break;
        case TurnAttribute::realm:
            message.realm = as_text(value);
            break;
        case TurnAttribute::nonce:
            message.nonce = as_text(value);
            break;
        case TurnAttribute::software:
            message.software = as_text(value);
            break;
        case TurnAttribute::data:
            message.data = value;
            break;
        case TurnAttribute::channel:
            message.channel = reader.u16();
            break;
        case TurnAttribute::lifetime:
            message.lifetime = reader.u32();
            break;
        case TurnAttribute::transport:
            message.transport = reader.u8();
            break;
        case TurnAttribute::family:
            message.family = reader.u8();
            break;
        case TurnAttribute::fingerprint:
            message.fingerprint = true;
            break;
        case TurnAttribute::peer:
            if (const auto peer = masked_endpoint(value, message.transaction);
                peer && message.peers.size() < most_peers)
                message.peers.push_back(*peer);
            break;
        default:
            break;
    }
}

std::size_t padding(std::size_t size) { return (4 - size % 4) % 4; }

/// What is before the signature, with a length in the head as if it ended with the signature.
Bytes signed_digest(ByteView before, ByteView key) {
    ByteWriter text;
    text.bytes(before).patch_u16(
        2, static_cast<std::uint16_t>(before.size() - turn_head + 4 + turn_digest_size));
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    const auto view = text.view();
    HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(view.data()), view.size(), digest.data(), &size);
    return to_bytes({reinterpret_cast<const char*>(digest.data()), size});
}

}  // namespace

std::optional<TurnMessage> parse_turn(ByteView bytes) {
    ByteReader reader(bytes);
    TurnMessage message;
    const auto type = reader.u16(), length = reader.u16();
    if ((type & 0xc000) != 0 || reader.u32() != turn_cookie) return std::nullopt;
    message.transaction = reader.take(12);
    if (reader.failed() || length != reader.remaining()) return std::nullopt;
    message.kind = static_cast<unsigned>((type >> 4 & 1) | (type >> 7 & 2));
    message.method =
        static_cast<std::uint16_t>((type & 0x000f) | (type & 0x00e0) >> 1 | (type & 0x3e00) >> 2);
    while (!reader.empty()) {
        const auto begins = reader.position();
        const auto attribute = reader.u16();
        const std::size_t size = reader.u16();
        const auto value = reader.take(size);
        reader.skip(std::min(padding(size), reader.remaining()));
        if (reader.failed()) return std::nullopt;
        const bool signature = attribute == TurnAttribute::integrity && value.size() == turn_digest_size &&
                               message.integrity.empty();
        if (signature)
            message.integrity = value, message.signed_size = begins;
        else
            take_turn_attribute(attribute, value, message);
    }
    return message;
}

std::optional<TurnFrame> next_turn_frame(ByteView bytes) {
    if (bytes.size() < channel_head) return TurnFrame{};
    ByteReader reader(bytes);
    const auto first = reader.u16();
    const std::size_t length = reader.u16();
    TurnFrame frame;
    if ((first & 0xc000) == 0) {
        if (bytes.size() >= 8 && reader.u32() != turn_cookie) return std::nullopt;
        frame.size = frame.padded = turn_head + length;
    } else if ((first & 0xc000) == 0x4000) {
        frame = {channel_head + length, channel_head + length + padding(length), first};
    } else {
        return std::nullopt;
    }
    return bytes.size() < frame.padded ? TurnFrame{} : frame;
}

Likeness turn_likeness(ByteView bytes) {
    if (bytes.empty()) return Likeness::perhaps;
    if ((std::to_integer<unsigned>(bytes[0]) & 0xc0) != 0) return Likeness::no;
    if (bytes.size() >= 4 && std::to_integer<unsigned>(bytes[3]) % 4 != 0) return Likeness::no;
    static constexpr std::array cookie{std::byte{0x21}, std::byte{0x12}, std::byte{0xa4}, std::byte{0x42}};
    if (bytes.size() >= 8)
        return std::equal(cookie.begin(), cookie.end(), bytes.begin() + 4) ? Likeness::yes : Likeness::no;
    // Method and class are small: text and most other protocols are told at once.
    return std::to_integer<unsigned>(bytes[0]) <= 1 ? Likeness::perhaps : Likeness::no;
}

Bytes turn_key(std::string_view user, std::string_view realm, std::string_view password) {
    const auto text = fmt::format("{}:{}:{}", user, realm, password);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_md5(), nullptr);
    return to_bytes({reinterpret_cast<const char*>(digest.data()), size});
}

bool is_signed_with(ByteView bytes, const TurnMessage& message, ByteView key) {
    if (message.integrity.empty()) return false;
    const auto digest = signed_digest(bytes.first(message.signed_size), key);
    return std::equal(digest.begin(), digest.end(), message.integrity.begin(), message.integrity.end());
}

TurnWriter::TurnWriter(std::uint16_t method, unsigned kind, ByteView transaction)
    : transaction_(transaction.begin(), transaction.end()) {
    const auto type = (method & 0x000f) | (method & 0x0070) << 1 | (method & 0x0f80) << 2 |
                      static_cast<int>((kind & 1) << 4 | (kind & 2) << 7);
    writer_.u16(static_cast<std::uint16_t>(type)).u16(0).u32(turn_cookie).bytes(transaction_);
}

TurnWriter& TurnWriter::text(std::uint16_t attribute, std::string_view text) {
    writer_.u16(attribute)
        .u16(static_cast<std::uint16_t>(text.size()))
        .text(text)
        .zeros(padding(text.size()));
    return *this;
}

TurnWriter& TurnWriter::number(std::uint16_t attribute, std::uint32_t value) {
    writer_.u16(attribute).u16(4).u32(value);
    return *this;
}

TurnWriter& TurnWriter::error(unsigned code, std::string_view reason) {
    writer_.u16(TurnAttribute::error)
        .u16(static_cast<std::uint16_t>(4 + reason.size()))
        .u16(0)
        .u8(static_cast<std::uint8_t>(code / 100))
        .u8(static_cast<std::uint8_t>(code % 100));
    writer_.text(reason).zeros(padding(reason.size()));
    return *this;
}

TurnWriter& TurnWriter::endpoint(std::uint16_t attribute, const Endpoint& endpoint) {
    const auto plain = endpoint.address.bytes();
    const auto mask = mask_of(transaction_);
    writer_.u16(attribute)
        .u16(static_cast<std::uint16_t>(4 + plain.size()))
        .u8(0)
        .u8(endpoint.address.is_v4() ? 1 : 2)
        .u16(static_cast<std::uint16_t>(endpoint.port ^ (turn_cookie >> 16)));
    for (std::size_t i = 0; i < plain.size(); ++i)
        writer_.u8(std::to_integer<std::uint8_t>(plain[i] ^ mask[i]));
    return *this;
}

Bytes TurnWriter::take(ByteView key, bool fingerprint) {
    if (!key.empty()) {
        const auto digest = signed_digest(writer_.view(), key);
        writer_.u16(TurnAttribute::integrity).u16(turn_digest_size).bytes(digest);
    }
    writer_.patch_u16(2, static_cast<std::uint16_t>(writer_.size() - turn_head + (fingerprint ? 8 : 0)));
    if (fingerprint) {
        constexpr std::uint32_t mask = 0x5354554e;
        const auto sum = crc32_of(writer_.view()) ^ mask;
        writer_.u16(TurnAttribute::fingerprint).u16(4).u32(sum);
    }
    return writer_.take();
}

}  // namespace cambench::internet
