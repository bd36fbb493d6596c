#pragma once

#include <optional>
#include <string_view>

#include "harness/core/ip.hpp"

namespace cambench::analysis {

/// The data port that an FTP server names in its reply 227 (RFC 959) or 229 (RFC 2428).
[[nodiscard]] std::optional<Endpoint> parse_passive_reply(std::string_view line, const IpAddress& server);

}  // namespace cambench::analysis
