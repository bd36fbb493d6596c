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

/// The name a port stands for when nothing was said on it: "" when none.
[[nodiscard]] std::string protocol_of_port(Transport transport, std::uint16_t port);

/// PPPP (CS2) by its header: type known and the length field fits the datagram. On ports other than its own,
/// two different types must have been seen in one flow (a lone f1 byte proves nothing).
[[nodiscard]] bool is_pppp(ByteView datagram);
/// TFTP's read or write request: opcode, file name, mode.
[[nodiscard]] bool is_tftp_request(ByteView bytes);
[[nodiscard]] bool is_pppp_port(std::uint16_t port);

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

/// The data port that an FTP server names in its reply 227 (RFC 959) or 229 (RFC 2428).
[[nodiscard]] std::optional<Endpoint> parse_passive_reply(std::string_view line, const IpAddress& server);

/// Whether a Host value or SNI is a DNS name: not an address, at least one dot, plain letters only.
[[nodiscard]] bool is_dns_name(std::string_view text);

/// "name:port" or "[address]:port" without its port, lower case, no trailing dot.
[[nodiscard]] std::string host_without_port(std::string_view text);

}  // namespace cambench::analysis
