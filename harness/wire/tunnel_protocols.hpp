#pragma once

#include <cstdint>
#include <string_view>

#include "harness/core/bytes.hpp"
#include "harness/core/ip.hpp"

namespace cambench {

/// Protocols that join networks or carry others, by the first bytes of who began, whatever the port:
/// "wireguard", "openvpn", "ike", "esp", "l2tp", "teredo", "tinc", "nebula", "tailscale", "rist", "coap+tcp",
/// "xmpp"; "" when none. Over UDP `first` is the first datagram.
[[nodiscard]] std::string_view tunnel_protocol(ByteView first, Transport transport, std::uint16_t port);

/// Whether a stream begins as MPEG transport streams do: packets of 188 bytes, each with 0x47 in front.
[[nodiscard]] bool begins_transport_stream(ByteView first);
/// Whether text begins as log messages do (RFC 5424, RFC 3164), a length of RFC 6587 before it or not.
[[nodiscard]] bool begins_syslog(std::string_view text);

}  // namespace cambench
