#pragma once

#include <cstdint>
#include <string_view>

#include "harness/core/bytes.hpp"
#include "harness/core/ip.hpp"

namespace cambench::internet {

constexpr std::size_t first_bytes_shown = 32;

/// What a stream or datagram nobody serves looks like, by its first bytes: "rtsp", "mqtt", "dahua-dhip",
/// "jpeg", ...; else "text" or "binary"; "none" for nothing.
[[nodiscard]] std::string_view characterise_stream(ByteView first_bytes);
[[nodiscard]] std::string_view characterise_datagram(ByteView datagram, std::uint16_t destination_port);

/// What usually stands behind a port: "https"; "unknown" when nothing does.
[[nodiscard]] std::string_view port_protocol(Transport transport, std::uint16_t port);

}  // namespace cambench::internet
