#pragma once

#include <string_view>

#include "harness/analysis/observations.hpp"
#include "harness/scenario/declaration.hpp"

namespace cambench {

/// Whether an address or name is a public resolver's (for DNS over TLS, QUIC or HTTPS, which port 443 does not tell).
[[nodiscard]] bool is_public_resolver(const IpAddress& address);
[[nodiscard]] bool is_public_resolver(std::string_view name);

/// Whether the unit of a whole run has addresses of that family, and none that the network gave it: then its router and resolver are its
/// own settings, too.
[[nodiscard]] bool has_own_settings(IpAddress::Family family, const analysis::Observations& observations);

enum class ResolverStanding {
    given,      ///< by DHCP or a router advertisement, or declared
    assumed,    ///< on the camera's own network, whose DHCP is not on record, or was not asked
    unknown,    ///< elsewhere, and what the network gave is not on record; a site's, of a unit with settings of its own
    foreign,    ///< the camera's own choice
};
[[nodiscard]] ResolverStanding standing_of_resolver(const IpAddress& resolver, bool on_lan, const analysis::Observations& observations, const Declaration* declaration);

}  // namespace cambench
