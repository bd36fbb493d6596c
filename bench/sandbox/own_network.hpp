#pragma once

#include <optional>
#include <span>
#include <string>

#include "bench/sandbox/layout.hpp"
#include "harness/core/ip.hpp"

/// Units with addresses of their own choice, as pure functions: what the sandbox is in their subnet.
namespace cambench::sandbox {

struct OwnNetwork {
    IpAddress unit;
    Cidr subnet{IpAddress(), 24};
    IpAddress operator_address;  ///< in that subnet: the bench's client programs call the unit from here,
                                 ///< gateway or not
};

/// The subnet such an address is usually in: /24, /16 where it is link-local, /64.
[[nodiscard]] Cidr usual_subnet(const IpAddress& unit);

/// An address of the unit's subnet, as near to it as can be, for the subnet may be narrower than is thought.
/// None of `taken`, and none that routers usually have. nullopt: there is no room.
[[nodiscard]] std::optional<IpAddress> operator_address_beside(const IpAddress& unit, const Cidr& subnet,
                                                               std::span<const IpAddress> taken);

/// A layout that keeps clear of these addresses.
[[nodiscard]] Layout layout_beside(std::span<const IpAddress> taken);

/// Input of `ip -batch -` and of `nft -f -`: the operator's address in the unit's subnet, which is his and
/// not the fake internet's.
[[nodiscard]] std::string address_commands(const Layout& layout, const OwnNetwork& network);
[[nodiscard]] std::string operator_rules(const OwnNetwork& network);

}  // namespace cambench::sandbox
