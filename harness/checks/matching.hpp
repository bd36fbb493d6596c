#pragma once

#include <string>
#include <vector>

#include "harness/analysis/observations/observations.hpp"
#include "harness/declaration/declaration.hpp"

namespace cambench {

/// What a destination is to the camera.
enum class Standing {
    declared,        ///< the declaration names it
    infrastructure,  ///< given by the network itself: DHCP, its resolvers and time servers, the router
    discovery,  ///< standard discovery on the local network: mDNS, SSDP, WS-Discovery, LLMNR, NetBIOS names
    answer,     ///< the camera was asked to send there
    device,     ///< a neighbour that had announced itself, looked up by HTTP (UPnP description)
    nowhere,    ///< an address that is no host's, and nobody answered
    unknown,    ///< cannot be told: the network's own words, or the beginning of the flow, are not on record
    undeclared,
};

struct Match {
    Standing standing = Standing::undeclared;
    const DeclaredDestination* entry = nullptr;  ///< when declared
    std::string why;  ///< one clause: why it is not declared, what makes it unknown, or what it is declared
                      ///< as without an entry
};

/// Whether the list has the address.
[[nodiscard]] bool among(const std::vector<IpAddress>& list, const IpAddress& address);

/// Judges one destination. Without a declaration nothing is declared, but infrastructure still is what it is.
///
/// A name counts only when DNS gave the address to the camera, or when the recording cannot show that it did
/// not: in a complete recording a name merely claimed by SNI or Host declares nothing.
[[nodiscard]] Match match(const analysis::Destination& destination,
                          const analysis::Observations& observations, const Declaration* declaration);

/// Whether the network's own word on servers of this address's family was on record by then.
[[nodiscard]] bool network_told(const IpAddress& address, WallTime by,
                                const analysis::Observations& observations);

/// Whether no host can have this address (RFC 1122, 3.2.1.3; RFC 1112, 4).
[[nodiscard]] bool is_nobodys(const IpAddress& address);

/// The names whose DNS answers told of this one as an alias, directly or by way of others.
[[nodiscard]] std::vector<std::string> owners_of_alias(const std::string& name,
                                                       const analysis::Observations& observations);

/// Whether an entry names this endpoint (name or network, port, transport), whatever is spoken there.
[[nodiscard]] bool names_endpoint(const DeclaredDestination& entry, const analysis::Destination& destination,
                                  const analysis::Observations& observations);

/// Of an address that nothing in the recording names: the declared name it may have, from before the
/// recording began, because port, transport and protocol fit and the camera has not asked for that name
/// since; "" when there is none.
[[nodiscard]] std::string perhaps_resolved_before(const analysis::Destination& destination,
                                                  const analysis::Observations& observations,
                                                  const Declaration& declaration);

/// Whether the camera may ask for this name: declared, or no name of the internet (its own host name, local
/// and reverse names).
[[nodiscard]] bool may_ask_for(const analysis::DnsLookup& lookup, const analysis::Observations& observations,
                               const Declaration& declaration);

/// Whether a name is declared for any port.
[[nodiscard]] bool is_declared_name(std::string_view name, const Declaration& declaration);

/// Protocol names that mean the same on the wire: "https" is tls, "websocket" is http.
[[nodiscard]] std::string wire_protocol(std::string_view declared);

}  // namespace cambench
