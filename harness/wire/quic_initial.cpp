#include "harness/wire/quic_initial.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <memory>

namespace cambench {
namespace {

constexpr std::size_t longest_id = 20, tag_size = 16, sample_size = 16, longest_hello = 32768,
                      most_pieces = 256;

/// A variable-length integer (RFC 9000, 16).
std::uint64_t variable(ByteReader& reader) {
    const std::uint64_t first = reader.u8();
    std::uint64_t value = first & 0x3f;
    for (unsigned more = (1U << (first >> 6)) - 1; more > 0; --more) value = value << 8 | reader.u8();
    return value;
}

struct Flavour {
    std::uint32_t version;
    std::string_view salt;
    std::string_view key, iv, header;
    unsigned initial;  ///< the packet type
};
using namespace std::string_view_literals;
constexpr auto salt_v1 = "\x38\x76\x2c\xf7\xf5\x59\x34\xb3\x4d\x17\x9a\xe6\xa4\xc8\x0c\xad\xcc\xbb\x7f\x0a"sv;
constexpr auto salt_v2 = "\x0d\xed\xe3\xde\xf7\x00\xa6\xdb\x81\x93\x81\xbe\x6e\x26\x9d\xcb\xf9\xbd\x2e\xd9"sv;
constexpr auto salt_draft29 =
    "\xaf\xbf\xec\x28\x99\x93\xd2\x4c\x9e\x97\x86\xf1\x9c\x61\x11\xe0\x43\x90\xa8\x99"sv;
constexpr auto salt_draft23 =
    "\xc3\xee\xf7\x12\xc7\x2e\xbb\x5a\x11\xa7\xd2\x43\x2b\xb4\x63\x65\xbe\xf9\xf5\x02"sv;
constexpr std::array flavours{Flavour{QuicVersion::v1, salt_v1, "quic key", "quic iv", "quic hp", 0},
                              Flavour{QuicVersion::v2, salt_v2, "quicv2 key", "quicv2 iv", "quicv2 hp", 1},
                              Flavour{0xff000017, salt_draft23, "quic key", "quic iv", "quic hp", 0},
                              Flavour{0xff00001d, salt_draft29, "quic key", "quic iv", "quic hp", 0}};

/// A draft under the number of the first one with its salt.
std::uint32_t representative_of(std::uint32_t version) {
    if (version >= 0xff000017 && version <= 0xff00001c) return 0xff000017;
    if (version >= 0xff00001d && version <= 0xff000020) return 0xff00001d;
    return version == 0xff000021 || version == 0xff000022 ? QuicVersion::v1 : version;
}

const Flavour* flavour_of(std::uint32_t any_version) {
    const auto version = representative_of(any_version);
    const auto found = std::find_if(flavours.begin(), flavours.end(),
                                    [&](const auto& one) { return one.version == version; });
    return found == flavours.end() ? nullptr : &*found;
}

using Digest = std::array<std::byte, 32>;

Digest hmac(ByteView key, ByteView message) {
    Digest digest{};
    unsigned size = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(message.data()), message.size(),
         reinterpret_cast<unsigned char*>(digest.data()), &size);
    return digest;
}

/// HKDF-Expand-Label of TLS 1.3 with an empty context, at most 32 bytes.
Digest expand_label(ByteView secret, std::string_view label, std::size_t size) {
    ByteWriter information;
    information.u16(static_cast<std::uint16_t>(size))
        .u8(static_cast<std::uint8_t>(6 + label.size()))
        .text("tls13 ")
        .text(label)
        .u8(0)
        .u8(1);
    return hmac(secret, information.view());
}

struct FreeContext {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

const unsigned char* raw(ByteView bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }
unsigned char* raw(Bytes& bytes, std::size_t at = 0) {
    return reinterpret_cast<unsigned char*>(bytes.data() + at);
}

/// Five bytes that hide the first byte and the packet number.
std::array<std::byte, 16> header_mask(const QuicInitialKeys& keys, ByteView sample) {
    std::array<std::byte, 16> mask{};
    const Context context(EVP_CIPHER_CTX_new());
    int size = 0;
    if (context &&
        EVP_EncryptInit_ex(context.get(), EVP_aes_128_ecb(), nullptr, raw(keys.header), nullptr) == 1) {
        EVP_CIPHER_CTX_set_padding(context.get(), 0);
        EVP_EncryptUpdate(context.get(), reinterpret_cast<unsigned char*>(mask.data()), &size, raw(sample),
                          sample_size);
    }
    return mask;
}

std::array<std::byte, 12> nonce_of(const QuicInitialKeys& keys, std::uint64_t number) {
    auto nonce = keys.iv;
    for (std::size_t i = 0; i < 8; ++i) nonce[11 - i] ^= static_cast<std::byte>(number >> (8 * i) & 0xff);
    return nonce;
}

std::string server_name_in(ByteView extension) {
    ByteReader reader(extension);
    reader.skip(2);
    if (reader.u8() != 0) return {};
    const auto name = reader.take(reader.u16());
    return reader.failed() || name.size() > 253 ? std::string() : std::string(as_text(name));
}

std::vector<std::string> protocols_in(ByteView extension) {
    std::vector<std::string> protocols;
    ByteReader reader(extension);
    reader.skip(2);
    while (!reader.empty() && protocols.size() < 16) {
        const auto protocol = reader.take(reader.u8());
        if (!reader.failed()) protocols.emplace_back(as_text(protocol));
    }
    return protocols;
}

}  // namespace

Result<QuicLongHeader> parse_quic_long_header(ByteView datagram) {
    ByteReader reader(datagram);
    QuicLongHeader header;
    const auto first = reader.u8();
    if ((first & 0x80) == 0) return dut_error("quic: short header");
    header.version = reader.u32();
    for (auto* id : {&header.destination_id, &header.source_id}) {
        const std::size_t size = reader.u8();
        if (size > longest_id) return dut_error("quic: connection id too long");
        const auto bytes = reader.take(size);
        id->assign(bytes.begin(), bytes.end());
    }
    if (reader.failed()) return dut_error("quic: header ends too early");
    const auto* flavour = flavour_of(header.version);
    header.initial = flavour != nullptr && (first >> 4 & 3U) == flavour->initial;
    if (!header.initial) return header;
    const auto token_size = variable(reader);
    if (token_size > reader.remaining()) return dut_error("quic: token longer than the packet");
    const auto token = reader.take(static_cast<std::size_t>(token_size));
    header.token.assign(token.begin(), token.end());
    const auto length = variable(reader);
    header.number_at = reader.position();
    if (reader.failed() || length > reader.remaining())
        return dut_error("quic: initial packet ends too early");
    header.size = header.number_at + static_cast<std::size_t>(length);
    return header;
}

std::optional<QuicInitialKeys> quic_initial_keys(std::uint32_t version, ByteView destination_id,
                                                 QuicSide side) {
    const auto* flavour = flavour_of(version);
    if (flavour == nullptr) return std::nullopt;
    const auto initial = hmac(as_bytes(flavour->salt), destination_id);
    const auto secret = expand_label(initial, side == QuicSide::client ? "client in" : "server in", 32);
    QuicInitialKeys keys;
    const auto fill = [&](auto& place, std::string_view label) {
        const auto bytes = expand_label(secret, label, place.size());
        std::copy_n(bytes.begin(), place.size(), place.begin());
    };
    fill(keys.key, flavour->key);
    fill(keys.iv, flavour->iv);
    fill(keys.header, flavour->header);
    return keys;
}

Result<Bytes> open_quic_initial(ByteView packet, const QuicLongHeader& header, const QuicInitialKeys& keys) {
    const auto sample_at = header.number_at + 4;
    if (!header.initial || packet.size() < header.size || sample_at + sample_size > header.size)
        return dut_error("quic: initial packet too short");
    const auto mask = header_mask(keys, packet.subspan(sample_at, sample_size));
    Bytes head(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(sample_at));
    head[0] ^= mask[0] & std::byte{0x0f};
    const auto number_size = (std::to_integer<std::size_t>(head[0]) & 3) + 1;
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < number_size; ++i) {
        head[header.number_at + i] ^= mask[i + 1];
        number = number << 8 | std::to_integer<std::uint64_t>(head[header.number_at + i]);
    }
    head.resize(header.number_at + number_size);
    const auto content = packet.subspan(head.size(), header.size - head.size());
    if (content.size() < tag_size) return dut_error("quic: initial packet too short");
    const auto sealed = content.first(content.size() - tag_size);
    Bytes tag(content.end() - tag_size, content.end()), frames(sealed.size());
    const auto nonce = nonce_of(keys, number);
    const Context context(EVP_CIPHER_CTX_new());
    int size = 0;
    const bool open =
        context &&
        EVP_DecryptInit_ex(context.get(), EVP_aes_128_gcm(), nullptr, raw(keys.key), raw(nonce)) == 1 &&
        EVP_DecryptUpdate(context.get(), nullptr, &size, raw(head), static_cast<int>(head.size())) == 1 &&
        EVP_DecryptUpdate(context.get(), raw(frames), &size, raw(sealed), static_cast<int>(sealed.size())) ==
            1 &&
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, tag_size, raw(tag)) == 1 &&
        EVP_DecryptFinal_ex(context.get(), raw(tag), &size) == 1;
    if (!open) return dut_error("quic: initial packet does not open");
    return frames;
}

Bytes seal_quic_initial(Bytes head, ByteView frames, const QuicInitialKeys& keys) {
    constexpr std::size_t number_size = 4;
    const auto length = number_size + frames.size() + tag_size;
    ByteWriter end;
    end.u16(static_cast<std::uint16_t>(0x4000 | (length & 0x3fff))).u32(0);
    head[0] |= std::byte{number_size - 1};
    head.insert(head.end(), end.view().begin(), end.view().end());
    Bytes packet = head;
    packet.resize(head.size() + frames.size() + tag_size);
    const auto nonce = nonce_of(keys, 0);
    const Context context(EVP_CIPHER_CTX_new());
    int size = 0;
    const bool sealed =
        context &&
        EVP_EncryptInit_ex(context.get(), EVP_aes_128_gcm(), nullptr, raw(keys.key), raw(nonce)) == 1 &&
        EVP_EncryptUpdate(context.get(), nullptr, &size, raw(ByteView(head)),
                          static_cast<int>(head.size())) == 1 &&
        EVP_EncryptUpdate(context.get(), raw(packet, head.size()), &size, raw(frames),
                          static_cast<int>(frames.size())) == 1 &&
        EVP_EncryptFinal_ex(context.get(), raw(packet, head.size() + frames.size()), &size) == 1 &&
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, tag_size,
                            raw(packet, head.size() + frames.size())) == 1;
    if (!sealed) return {};
    const auto number_at = head.size() - number_size;
    const auto mask = header_mask(keys, ByteView(packet).subspan(number_at + 4, sample_size));
    packet[0] ^= mask[0] & std::byte{0x0f};
    for (std::size_t i = 0; i < number_size; ++i) packet[number_at + i] ^= mask[i + 1];
    return packet;
}

Result<QuicClientHello> parse_quic_client_hello(ByteView handshake) {
    constexpr unsigned client_hello = 1, server_name = 0, application_protocols = 16;
    ByteReader reader(handshake);
    if (reader.u8() != client_hello) return dut_error("quic: the first handshake message is no ClientHello");
    ByteReader body(reader.take(reader.u24()));
    body.skip(2 + 32);
    body.skip(body.u8());
    body.skip(body.u16());
    body.skip(body.u8());
    ByteReader extensions(body.take(body.u16()));
    QuicClientHello hello;
    while (!extensions.empty()) {
        const auto type = extensions.u16();
        const auto content = extensions.take(extensions.u16());
        if (extensions.failed()) break;
        if (type == server_name) hello.server_name = server_name_in(content);
        if (type == application_protocols) hello.alpn = protocols_in(content);
    }
    if (reader.failed() || body.failed() || extensions.failed())
        return dut_error("quic: ClientHello ends too early");
    return hello;
}

Status QuicInitialReader::take_frames(ByteView frames) {
    constexpr unsigned padding = 0, ping = 1, acknowledgement = 2, acknowledgement_ecn = 3, crypto = 6;
    ByteReader reader(frames);
    while (!reader.empty()) {
        const auto kind = variable(reader);
        if (kind == padding || kind == ping) continue;
        if (kind == acknowledgement || kind == acknowledgement_ecn) {
            (void)variable(reader);
            (void)variable(reader);
            const auto ranges = variable(reader);
            for (std::uint64_t i = 0; i < 2 * ranges + 1 && !reader.failed(); ++i) (void)variable(reader);
            for (unsigned i = 0; kind == acknowledgement_ecn && i < 3; ++i) (void)variable(reader);
            continue;
        }
        if (kind != crypto) break;  // CONNECTION_CLOSE, or a frame that must not be here
        const auto offset = variable(reader), size = variable(reader);
        const auto piece =
            size > reader.remaining() ? ByteView() : reader.take(static_cast<std::size_t>(size));
        if (reader.failed() || piece.size() != size || offset > longest_hello)
            return dut_error("quic: malformed CRYPTO frame");
        if (held_ + piece.size() > longest_hello || pieces_.size() >= most_pieces)
            return dut_error("quic: hello too long");
        held_ += piece.size();
        pieces_[offset].assign(piece.begin(), piece.end());
    }
    return {};
}

Result<std::optional<QuicClientHello>> QuicInitialReader::take(ByteView datagram) {
    TRY_ASSIGN(const auto header, parse_quic_long_header(datagram));
    if (!header.initial) return dut_error("quic: no initial packet of a known version");
    if (!keys_) keys_ = quic_initial_keys(header.version, header.destination_id, QuicSide::client);
    TRY_ASSIGN(const auto frames, open_quic_initial(datagram, header, *keys_));
    TRY(take_frames(frames));
    Bytes hello;
    for (const auto& [offset, piece] : pieces_) {
        if (offset > hello.size()) break;
        const auto known = static_cast<std::size_t>(hello.size() - offset);
        if (known < piece.size())
            hello.insert(hello.end(), piece.begin() + static_cast<std::ptrdiff_t>(known), piece.end());
    }
    ByteReader reader(hello);
    reader.skip(1);
    const auto length = reader.u24();
    if (reader.failed() || reader.remaining() < length) return std::optional<QuicClientHello>();
    TRY_ASSIGN(auto parsed, parse_quic_client_hello(hello));
    parsed.version = header.version;
    return std::optional(std::move(parsed));
}

}  // namespace cambench
