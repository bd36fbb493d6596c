#pragma once

#include <string>
#include <string_view>

#include "harness/analysis/observations/observations.hpp"
#include "harness/declaration/declaration.hpp"

namespace cambench {

/// Whether an address or name is a public resolver's (for DNS over TLS, QUIC or HTTPS, which port 443 does
/// not tell).
[[nodiscard]] bool is_public_resolver(const IpAddress& address);
[[nodiscard]] bool is_public_resolver(std::string_view name);

/// Whether the unit of a whole run has addresses of that family, and none that the network gave it: then its
/// router and resolver are its own settings, too.
[[nodiscard]] bool has_own_settings(IpAddress::Family family, const analysis::Observations& observations);

enum class ResolverStanding {
    given,    ///< by DHCP or a router advertisement, or declared
    assumed,  ///< on the camera's own network, whose DHCP is not on record, or was not asked
    unknown,  ///< elsewhere, and what the network gave by then is not on record; a site's, of a unit with
              ///< settings of its own
    nobody,   ///< no host has this address
    foreign,  ///< the camera's own choice
};
/// What the network gave is told for each family apart: DHCP's lease says nothing of IPv6, an advertisement
/// nothing of IPv4. `last_asked`: before it is told, an older lease may be in use.
[[nodiscard]] ResolverStanding standing_of_resolver(const IpAddress& resolver, bool on_lan,
                                                    WallTime last_asked,
                                                    const analysis::Observations& observations,
                                                    const Declaration* declaration);

/// "the network gave it 192.0.2.53 for IPv4", or that it gave none, or that this is not on record.
[[nodiscard]] std::string given_by_network(IpAddress::Family family,
                                           const analysis::Observations& observations);

/// "DNS over TLS", ..., by the protocol its hello offers, by its own port, or by who answers on the port of
/// web servers; "" when it is none.
[[nodiscard]] std::string encrypted_dns(const analysis::Destination& destination);

}  // namespace cambench
