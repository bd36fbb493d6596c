#pragma once

#include <map>
#include <optional>
#include <string>

#include "bench/internet/world/world.hpp"

namespace cambench::internet {

/// What a DHCPv6 client's message says (RFC 8415).
struct Dhcp6Request {
    std::uint8_t kind = 0;
    std::uint32_t transaction = 0;
    Bytes client_id;
    std::optional<std::uint32_t> association;  ///< of an IA_NA: the client wants an address
    bool rapid = false;                        ///< takes the address without a second round
    std::string host_name, vendor_class;
    std::vector<unsigned> options, wanted;
};
[[nodiscard]] Result<Dhcp6Request> parse_dhcp6(ByteView message);

/// The DHCPv6 server of the slot's LAN: addresses for those who ask, resolver and domain for all.
class Dhcp6 {
public:
    explicit Dhcp6(World& world) : world_(world) {}

    /// Answers one message and records "dhcp6". nullopt: nothing is due.
    [[nodiscard]] std::optional<Bytes> received(ByteView message, const IpAddress& source);

private:
    [[nodiscard]] Bytes reply_to(const Dhcp6Request& request, std::uint8_t kind,
                                 const std::optional<IpAddress>& address) const;

    World& world_;
    std::map<std::string, unsigned> leases_;  ///< client id -> number
};

}  // namespace cambench::internet
