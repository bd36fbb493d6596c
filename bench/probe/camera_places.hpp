#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/ip.hpp"

namespace cambench::probe {

/// Where a camera can be called: an address and, for a link-local one, on which interface.
struct Place {
    IpAddress address;
    int link = 0;
};

/// A neighbour as the kernel knows it.
struct Neighbour {
    IpAddress address;
    std::string mac, interface;
};
/// Out of `ip -j neigh`; what is damaged, or has no MAC, is left out.
[[nodiscard]] std::vector<Neighbour> parse_neighbours(std::string_view json);

/// The link-local address that a MAC gives (RFC 4291, appendix A); nullopt when it is no MAC.
[[nodiscard]] std::optional<IpAddress> link_local_of(std::string_view mac);

/// The address itself and the others of the same network card, of both families: those it used, those that
/// answer to all nodes of the link, and the one its MAC gives. Asks, and waits a second for answers. A few at
/// most.
[[nodiscard]] std::vector<Place> places_of(const IpAddress& address);

}  // namespace cambench::probe
