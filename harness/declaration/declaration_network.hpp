#pragma once

#include <vector>

#include "harness/declaration/declaration.hpp"

namespace cambench {

/// The table of <network>, of which a declaration may have several, and what of it belongs to the
/// declaration: resolvers.
[[nodiscard]] const markup::Element& unit_network_element();
void read_networks(const markup::Node& root, Declaration& declaration, markup::Problems& problems);

/// One <network> as it is written.
struct DeclaredNetwork {
    std::optional<Cidr>
        address;  ///< its base is the unit's address; a length of 32 or 128: the subnet is not stated
    std::optional<IpAddress> gateway, resolver;
};
/// Those of a declaration that is known to be sound; none when it cannot be read any more.
[[nodiscard]] std::vector<DeclaredNetwork> declared_networks(const std::filesystem::path& declaration);

}  // namespace cambench
