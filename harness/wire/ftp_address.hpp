#pragma once

#include <optional>
#include <string_view>

#include "harness/core/ip.hpp"

namespace cambench {

/// The six numbers of RFC 959's PORT command and reply 227, wherever they begin: "(192,0,2,1,19,137)." is
/// 192.0.2.1:5001.
[[nodiscard]] std::optional<Endpoint> parse_ftp_numbers(std::string_view text);

/// The client's end that PORT (RFC 959) or EPRT (RFC 2428) names: "PORT 192,0,2,1,19,137", "EPRT
/// |2|2001:db8::1|5001|". Any case.
[[nodiscard]] std::optional<Endpoint> parse_ftp_port_command(std::string_view line);

}  // namespace cambench
