#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/bytes.hpp"

namespace cambench::analysis {

/// One HTTP request (or its like: RTSP, DHGET, SSDP) in a stream.
struct HttpRequest {
    std::string method, target, version;
    std::string host;  ///< Host header without its port, lower case; "" when missing
    std::size_t head_length = 0;
    std::optional<std::uint64_t> content_length;
    bool chunked = false;
    std::optional<std::uint16_t>
        authority_port;  ///< of a target that names a server, as requests to proxies do
};

/// All requests at the start of a stream, as far as they are whole. RFC 9112; also lone line feeds.
[[nodiscard]] std::vector<HttpRequest> parse_http_requests(ByteView bytes);

/// Whether a Host value or SNI is a DNS name: not an address, at least one dot, plain letters only.
[[nodiscard]] bool is_dns_name(std::string_view text);

/// "name:port" or "[address]:port" without its port, lower case, no trailing dot.
[[nodiscard]] std::string host_without_port(std::string_view text);

}  // namespace cambench::analysis
