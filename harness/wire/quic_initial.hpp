#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/bytes.hpp"
#include "harness/core/result.hpp"

/// The first packets of QUIC (RFC 9000, 9001, 9369): anybody on the way can open them, and they tell whom the
/// client wants.
namespace cambench {

struct QuicVersion {
    static constexpr std::uint32_t v1 = 1, v2 = 0x6b3343cf;
};

/// The head of a packet with a long header, from its first byte to its packet number.
struct QuicLongHeader {
    std::uint32_t version = 0;
    Bytes destination_id, source_id;
    Bytes token;                ///< Initial packets
    bool initial = false;       ///< of a version whose Initial packets can be opened
    std::size_t number_at = 0;  ///< where the protected packet number begins, for an Initial
    std::size_t size = 0;       ///< of the whole packet, for an Initial; more may follow in the datagram
};
/// An error when it is no long header or ends too early.
[[nodiscard]] Result<QuicLongHeader> parse_quic_long_header(ByteView datagram);

/// What protects the Initial packets of one side (RFC 9001, 5.2).
struct QuicInitialKeys {
    std::array<std::byte, 16> key{}, header{};
    std::array<std::byte, 12> iv{};
};
enum class QuicSide { client, server };
/// nullopt: not a version whose salt is known.
[[nodiscard]] std::optional<QuicInitialKeys> quic_initial_keys(std::uint32_t version, ByteView destination_id,
                                                               QuicSide side);

/// The frames inside an Initial packet. `packet` begins with the header; what is behind its end is not looked
/// at.
[[nodiscard]] Result<Bytes> open_quic_initial(ByteView packet, const QuicLongHeader& header,
                                              const QuicInitialKeys& keys);
/// A whole Initial packet with packet number 0 around the frames; `head` ends before the length field.
[[nodiscard]] Bytes seal_quic_initial(Bytes head, ByteView frames, const QuicInitialKeys& keys);

/// What a client's hello says in clear.
struct QuicClientHello {
    std::uint32_t version = 0;  ///< QUIC's
    std::string server_name;    ///< "" without
    std::vector<std::string> alpn;
};
/// SNI and ALPN of a TLS ClientHello, from its handshake header on.
[[nodiscard]] Result<QuicClientHello> parse_quic_client_hello(ByteView handshake);

/// Gathers one client's Initial packets until its hello is whole.
class QuicInitialReader {
public:
    /// nullopt: more packets are needed. An error when the datagram is no Initial of this client that can be
    /// opened.
    [[nodiscard]] Result<std::optional<QuicClientHello>> take(ByteView datagram);

private:
    [[nodiscard]] Status take_frames(ByteView frames);

    std::optional<QuicInitialKeys> keys_;
    std::map<std::uint64_t, Bytes> pieces_;  ///< of the hello, by offset
    std::size_t held_ = 0;
};

}  // namespace cambench
