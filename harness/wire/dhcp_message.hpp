#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/bytes.hpp"
#include "harness/core/ip.hpp"
#include "harness/core/result.hpp"

/// DHCP messages (RFC 2131, 2132, 3396).
namespace cambench::internet::dhcp {

enum class Kind : std::uint8_t { discover = 1, offer, request, decline, ack, nak, release, inform };
[[nodiscard]] std::string_view to_string(Kind kind);

struct Request {
    std::uint32_t transaction = 0;
    std::uint16_t seconds = 0;
    bool broadcast = false;    ///< the client cannot take unicast yet
    IpAddress client_address;  ///< ciaddr
    IpAddress relay;           ///< giaddr
    MacAddress mac;
    Bytes hardware;  ///< htype, hlen, chaddr as they came
    Kind kind = Kind::discover;
    std::optional<IpAddress> wanted;   ///< option 50
    std::optional<IpAddress> server;   ///< option 54
    std::string host_name;             ///< 12
    std::string vendor_class;          ///< 60
    std::string client_id;             ///< 61, raw
    std::string domain_wish;           ///< 81, raw
    std::vector<unsigned> parameters;  ///< 55, in order
    std::vector<unsigned> options;     ///< all option codes, in order
};
[[nodiscard]] Result<Request> parse_request(ByteView message);

/// What a client is told.
struct Settings {
    IpAddress server, router, resolver, time_server;
    unsigned prefix_length = 24;
    std::string domain;
    std::uint32_t lease_seconds = 600;
    std::uint16_t mtu = 1500;
};
/// `address` is 0.0.0.0 for a NAK and in the answer to an inform.
[[nodiscard]] Bytes make_reply(const Request& request, Kind kind, const IpAddress& address,
                               const Settings& settings);

}  // namespace cambench::internet::dhcp
