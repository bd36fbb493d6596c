#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/core/bytes.hpp"
#include "harness/core/result.hpp"

/// Packets of SRT, Secure Reliable Transport (draft-sharabayko-srt-01, section 3).
namespace cambench::internet::srt {

enum class Control : std::uint16_t {
    handshake = 0,
    keep_alive = 1,
    acknowledgement = 2,
    loss = 3,
    congestion = 4,
    shutdown = 5,
    acknowledged = 6,
    drop = 7
};

struct Packet {
    bool is_control = false;
    std::uint16_t type = 0;      ///< of a control packet
    std::uint32_t sequence = 0;  ///< of a data packet: 31 bits
    bool encrypted = false;      ///< a data packet under a key
    std::uint32_t socket = 0;    ///< the receiver's; 0 while a connection begins
    ByteView content;
};
[[nodiscard]] Result<Packet> parse_packet(ByteView datagram);

struct Extension {
    std::uint16_t type = 0;
    ByteView content;
};
inline constexpr std::uint16_t request_extension = 1, response_extension = 2, key_request = 3,
                               key_response = 4, stream_id = 5;

inline constexpr std::uint32_t induction = 1, conclusion = 0xffffffff;

struct Handshake {
    std::uint32_t version = 0;
    std::uint16_t encryption = 0, extension_field = 0;
    std::uint32_t first_sequence = 0, packet_size = 0, window = 0;
    std::uint32_t type = 0;
    std::uint32_t socket = 0;  ///< the sender's
    std::uint32_t cookie = 0;
    std::vector<Extension> extensions;
};
/// From the content of a handshake packet.
[[nodiscard]] Result<Handshake> parse_handshake(ByteView content);
/// The text of a stream id: each four bytes stand backwards.
[[nodiscard]] std::string stream_name(ByteView content);

/// `time`: microseconds since the connection began. `to`: the receiver's socket.
[[nodiscard]] Bytes write_handshake(const Handshake& handshake, std::uint32_t time, std::uint32_t to);
/// All packets before `next` have come.
[[nodiscard]] Bytes write_acknowledgement(std::uint32_t number, std::uint32_t next, std::uint32_t time,
                                          std::uint32_t to);
[[nodiscard]] Bytes write_keep_alive(std::uint32_t time, std::uint32_t to);

}  // namespace cambench::internet::srt
