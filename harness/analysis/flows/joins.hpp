#pragma once

#include <optional>
#include <set>
#include <vector>

#include "harness/analysis/capture/packet.hpp"
#include "harness/wire/dhcp.hpp"

namespace cambench::analysis {

/// When the network took hosts in. To ask for it is not enough: an answer has to be on record.
class Joins {
public:
    /// A client's message to a DHCP server.
    void asks(const Packet& packet, const DhcpMessage& message);
    void acknowledges(const Packet& packet, const DhcpMessage& message);
    /// What comes by ICMPv6, other than an advertisement.
    void speaks(const Packet& packet);
    void advertises(const Packet& packet, const RouterAdvertisement& advertisement);

    /// The first time of any host.
    [[nodiscard]] std::optional<WallTime> first() const;
    /// The first time of the host with these MAC addresses or, where there are none, with one of these
    /// addresses.
    [[nodiscard]] std::optional<WallTime> first_of(const std::set<MacAddress>& macs,
                                                   const std::set<IpAddress>& addresses) const;

private:
    static constexpr std::size_t most = 4096;
    struct Join {
        std::optional<MacAddress> sender, client;
        std::vector<Cidr> addresses;  ///< that it may have had from then on
        WallTime time{};
    };

    std::set<MacAddress> asking_for_lease_;  ///< without an address of their own, and not yet answered; by
                                             ///< DHCP's client address
    std::set<std::optional<MacAddress>>
        awaiting_router_;  ///< whose interface came up; nullopt: on a link without MAC addresses
    std::vector<Join> joins_;
};

}  // namespace cambench::analysis
