#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/core/bytes.hpp"
#include "harness/core/ip.hpp"
#include "harness/core/result.hpp"

namespace cambench::analysis {

struct DhcpMessage {
    bool reply = false;
    std::uint8_t type = 0;  ///< option 53: 1 discover, 2 offer, 3 request, 5 ack, ...; 0: plain BOOTP
    std::uint32_t transaction = 0;
    MacAddress client;
    IpAddress client_address, your_address;
    std::string hostname, vendor_class, domain;
    std::optional<std::uint32_t> mask;  ///< host order
    std::vector<IpAddress> routers, resolvers, time_servers;
    std::optional<IpAddress> server, requested;
    [[nodiscard]] std::optional<unsigned> prefix_length() const;  ///< of `mask`, when it is one
};

/// RFC 2131/2132 with option overload (52) and options split over several fields (RFC 3396).
[[nodiscard]] Result<DhcpMessage> parse_dhcp(ByteView bytes);

struct Dhcpv6Message {
    std::uint8_t type = 0;  ///< 1 solicit, 2 advertise, 7 reply, ...
    std::vector<IpAddress> resolvers, time_servers, addresses;
    std::vector<std::string> domains;
    std::string hostname;  ///< client FQDN
};

/// RFC 8415.
[[nodiscard]] Result<Dhcpv6Message> parse_dhcpv6(ByteView bytes);

struct RouterAdvertisement {
    std::vector<Cidr> prefixes;  ///< on-link ones
    std::vector<IpAddress> resolvers;
    bool router = false;  ///< lifetime > 0
};

/// RFC 4861 and 8106; `bytes` follow the first eight of the ICMPv6 message, `lifetime` is the router lifetime
/// in seconds.
[[nodiscard]] Result<RouterAdvertisement> parse_router_advertisement(std::uint16_t lifetime, ByteView bytes);

}  // namespace cambench::analysis
