#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/core/bytes.hpp"
#include "harness/core/ip.hpp"

namespace cambench::analysis {

/// The first bytes of a flow each way, as far as they were recorded without a gap.
struct Heads {
    ByteView out;  ///< sent by the side that began the flow
    ByteView in;
    Transport transport = Transport::tcp;
    std::uint16_t port = 0;  ///< of the side that was called
    std::uint16_t own_port = 0;
    bool broadcast = false;  ///< to a group: discovery protocols
};

/// The protocol by its first bytes, on whatever port: "tls", "http", "rtsp", ... "" when not recognised.
[[nodiscard]] std::string detect_protocol(const Heads& heads);

/// PPPP (CS2) by its header: type known and the length field fits the datagram. On ports other than its own,
/// two different types must have been seen in one flow (a lone f1 byte proves nothing).
[[nodiscard]] bool is_pppp(ByteView datagram);
/// TFTP's read or write request: opcode, file name, mode.
[[nodiscard]] bool is_tftp_request(ByteView bytes);
[[nodiscard]] bool is_pppp_port(std::uint16_t port);

}  // namespace cambench::analysis
