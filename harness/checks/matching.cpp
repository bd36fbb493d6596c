#include "harness/checks/matching.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <set>

#include "harness/checks/inner_protocols.hpp"
#include "harness/checks/lookup_index.hpp"
#include "harness/checks/resolvers.hpp"
#include "harness/checks/site_names.hpp"
#include "harness/core/text.hpp"
#include "harness/wire/protocol_words.hpp"
#include "harness/wire/protocols.hpp"

namespace cambench {

bool among(const std::vector<IpAddress>& list, const IpAddress& address) {
    return std::find(list.begin(), list.end(), address) != list.end();
}

bool network_told(const IpAddress& address, WallTime by, const analysis::Observations& observations) {
    const auto& told = observations.network.told(address.family());
    if (told && *told <= by) return true;
    return observations.complete && !LookupIndex::of(observations).frames_dropped;
}

bool is_nobodys(const IpAddress& address) {
    if (address.is_unspecified() || address.is_loopback()) return true;
    static const Cidr this_network(IpAddress::v4(0U), 8), reserved(IpAddress::v4(0xf0000000U), 4);
    return this_network.contains(address) || (reserved.contains(address) && !address.is_broadcast());
}

std::vector<std::string> owners_of_alias(const std::string& name,
                                         const analysis::Observations& observations) {
    constexpr std::size_t most_owners = 64;
    std::vector<std::string> owners, open{name};
    while (!open.empty()) {
        const auto alias = std::move(open.back());
        open.pop_back();
        for (const auto* lookup : LookupIndex::of(observations).by_alias(alias)) {
            if (owners.size() >= most_owners) return owners;
            const bool known =
                lookup->name == name || std::find(owners.begin(), owners.end(), lookup->name) != owners.end();
            if (known) continue;
            owners.push_back(lookup->name);
            open.push_back(lookup->name);
        }
    }
    return owners;
}

namespace {

using analysis::Destination;
using analysis::Observations;
using analysis::Resolution;

bool all_among(const std::vector<IpAddress>& list, const Destination& destination) {
    return std::all_of(destination.addresses.begin(), destination.addresses.end(),
                       [&](const IpAddress& address) { return among(list, address); });
}

bool port_fits(const DeclaredDestination& entry, const Destination& destination) {
    return (!entry.port || *entry.port == destination.port) &&
           (!entry.transport || *entry.transport == destination.transport);
}

/// What is spoken inside and cannot be meant, whatever is spoken on the wire.
std::string inner_contradiction(const DeclaredDestination& entry, const Destination& destination) {
    for (const auto& one : inner_contradictions(entry, destination))
        if (one.verdict == Verdict::fail && one.talk->toward.empty())
            return fmt::format("the declaration says it speaks {}, but {}", entry.protocol, one.what);
    return {};
}

/// "" when what was spoken fits what is declared, else the contradiction.
std::string protocol_contradiction(const DeclaredDestination& entry, const Destination& destination) {
    const auto declared = wire_protocol(entry.protocol);
    if (entry.protocol.empty() || !protocol::has(declared, protocol::certain) || destination.bytes_out == 0 ||
        !destination.head_whole)
        return {};
    const auto spoken = wire_protocol(destination.protocol);
    if (spoken == declared || (declared == protocol::tls && protocol::has(spoken, protocol::upgrades_to_tls)))
        return inner_contradiction(entry, destination);
    return fmt::format("the declaration says it speaks {}, but it speaks {}", entry.protocol,
                       spoken.empty() ? "something else" : spoken);
}

std::string port_text(const DeclaredDestination& entry) {
    const auto transport = entry.transport ? fmt::format("/{}", to_string(*entry.transport)) : std::string();
    return entry.port        ? fmt::format("{}{}", *entry.port, transport)
           : entry.transport ? std::string(to_string(*entry.transport))
                             : "any port";
}

bool speaks_with_rendezvous(const Destination& destination) {
    return destination.transport == Transport::udp &&
           protocol::is_rendezvous(destination.protocol, destination.transport);
}

/// What peers say that a rendezvous introduced to each other.
bool speaks_as_peer(const Destination& destination) {
    static const std::set<std::string> further{"dtls", "rtp", ""};
    return speaks_with_rendezvous(destination) ||
           (destination.transport == Transport::udp && further.contains(destination.protocol));
}

bool names_it(const DeclaredDestination& entry, const Destination& destination,
              const Observations& observations) {
    if (entry.network) {
        return std::all_of(destination.addresses.begin(), destination.addresses.end(),
                           [&](const IpAddress& address) { return entry.network->contains(address); });
    }
    if (!entry.name || destination.name.empty()) return false;
    const auto owners = owners_of_alias(destination.name, observations);
    const bool named = name_matches(*entry.name, destination.name) ||
                       std::any_of(owners.begin(), owners.end(),
                                   [&](const std::string& one) { return name_matches(*entry.name, one); });
    if (!named) return false;
    return destination.resolution == Resolution::dns || destination.resolution == Resolution::lan ||
           !observations.complete;
}

/// It spoke that protocol, or what was recorded of its first bytes is too short to tell.
bool may_speak(const Destination& destination, std::string_view protocol) {
    return destination.protocol == protocol || destination.bytes_out == 0 ||
           (destination.protocol.empty() && !destination.head_whole);
}

bool is_group(const Destination& destination) {
    const auto& address = destination.addresses.front();
    return address.is_multicast() || address.is_broadcast();
}

bool is_infrastructure(const Destination& destination, const Observations& observations,
                       const Declaration* declaration) {
    const auto& network = observations.network;
    const auto& protocol = destination.protocol;
    const bool cut_dhcp = destination.port == 67 && destination.transport == Transport::udp &&
                          protocol.empty() && !destination.head_whole;
    if (protocol == protocol::dhcp || protocol == protocol::dhcpv6 || cut_dhcp)
        return destination.resolution == Resolution::lan || all_among(network.dhcp_servers, destination);
    if (destination.port == 53 && destination.transport != Transport::icmp && !is_group(destination) &&
        may_speak(destination, protocol::dns)) {
        const auto standing =
            standing_of_resolver(destination.addresses.front(), destination.resolution == Resolution::lan,
                                 destination.last_seen, observations, declaration);
        return standing == ResolverStanding::given || standing == ResolverStanding::assumed;
    }
    if (destination.port == 123 && destination.transport == Transport::udp &&
        may_speak(destination, protocol::ntp))
        return all_among(network.time_servers, destination);
    if (destination.transport == Transport::icmp) {
        const auto family = destination.addresses.front().family();
        const bool router_known = std::any_of(network.routers.begin(), network.routers.end(),
                                              [&](const IpAddress& one) { return one.family() == family; }) &&
                                  !has_own_settings(family, observations);
        return all_among(network.routers, destination) || all_among(network.resolvers, destination) ||
               all_among(network.time_servers, destination) ||
               (destination.resolution == Resolution::lan && !router_known && !is_group(destination));
    }
    return false;
}

bool is_standard_discovery(const Destination& destination) {
    if (destination.resolution != Resolution::lan || destination.transport != Transport::udp) return false;
    const auto port = destination.port;
    const auto& protocol = destination.protocol;
    return (port == 5353 && protocol == protocol::mdns) || (port == 5355 && protocol == protocol::llmnr) ||
           (port == 1900 && protocol == protocol::ssdp) ||
           (port == 3702 && protocol == protocol::ws_discovery) ||
           (port == 137 && protocol == protocol::netbios_ns);
}

/// The time servers a declaration allows beyond its destinations.
bool is_declared_time_server(const Destination& destination, const Observations& observations,
                             const Declaration& declaration) {
    if (destination.port != 123 || destination.transport != Transport::udp) return false;
    if (destination.bytes_out > 0 && destination.protocol != protocol::ntp) return false;
    const bool name_counts = destination.resolution == Resolution::dns || !observations.complete;
    return std::any_of(
        declaration.time_servers.begin(), declaration.time_servers.end(), [&](const std::string& server) {
            if (const auto address = IpAddress::parse(server))
                return among(destination.addresses, *address) && destination.addresses.size() == 1;
            return name_counts && !destination.name.empty() && name_matches(server, destination.name);
        });
}

/// A service the camera declares and uses as a sender, too: WS-Discovery Hello, SSDP NOTIFY.
bool is_declared_service(const Destination& destination, const Declaration& declaration) {
    if (!is_group(destination)) return false;
    return std::any_of(
        declaration.services.begin(), declaration.services.end(), [&](const DeclaredService& service) {
            return service.port == destination.port && service.transport == destination.transport;
        });
}

/// One address may have several declared names, and where nothing that is said tells them apart any of them
/// may be meant.
const DeclaredDestination* entry_by_other_name(const Destination& destination,
                                               const Observations& observations,
                                               const Declaration& declaration) {
    if (destination.resolution != Resolution::dns || !is_declared_name(destination.name, declaration))
        return nullptr;
    for (auto other = destination; const auto& name : destination.other_names) {
        other.name = name;
        for (const auto& entry : declaration.destinations) {
            if (entry.name && names_endpoint(entry, other, observations) &&
                protocol_contradiction(entry, other).empty())
                return &entry;
        }
    }
    return nullptr;
}

/// "kamera.example" of "_sip._udp.kamera.example", and whether the service is one that the entry is about.
bool is_service_of(const DeclaredDestination& entry, const Destination& destination) {
    std::string_view domain = destination.service_of;
    const auto service = domain.substr(0, domain.find('.'));
    while (domain.starts_with('_') && domain.find('.') != std::string_view::npos)
        domain.remove_prefix(domain.find('.') + 1);
    if (!entry.name || domain.empty()) return false;
    const bool named = name_matches(*entry.name, domain) || name_matches(*entry.name, destination.name) ||
                       entry.name->ends_with("." + std::string(domain));
    return named &&
           (entry.protocol.empty() || service.find(wire_protocol(entry.protocol)) != std::string_view::npos ||
            service.find(lower(entry.protocol)) != std::string_view::npos);
}

Match match_declaration(const Destination& destination, const Observations& observations,
                        const Declaration& declaration) {
    std::vector<std::string> near;
    std::string contradiction;
    for (const auto& entry : declaration.destinations) {
        if (!names_it(entry, destination, observations)) continue;
        if (!port_fits(entry, destination)) {
            near.push_back(port_text(entry));
            continue;
        }
        auto spoken = protocol_contradiction(entry, destination);
        if (spoken.empty()) return {Standing::declared, &entry, {}};
        contradiction = std::move(spoken);
    }
    for (const auto& entry :
         declaration
             .destinations)  // host and port are the resolver's choice: it was asked for a declared service
        if (is_service_of(entry, destination)) return {Standing::declared, &entry, {}};
    if (const auto* entry = entry_by_other_name(destination, observations, declaration))
        return {Standing::declared, entry, {}};
    if (is_declared_time_server(destination, observations, declaration))
        return {Standing::declared, nullptr, "time server"};
    if (is_declared_service(destination, declaration)) return {Standing::declared, nullptr, "service"};
    if (!contradiction.empty()) return {Standing::undeclared, nullptr, contradiction};
    if (!near.empty())
        return {Standing::undeclared, nullptr,
                fmt::format("the declaration names it only with {}", join(near, " and "))};
    const bool claimed =
        destination.resolution == Resolution::sni || destination.resolution == Resolution::host;
    if (claimed && observations.complete && is_declared_name(destination.name, declaration))
        return {Standing::undeclared, nullptr,
                "the declaration names this name, but no DNS answer gave the camera this address for it"};
    return {Standing::undeclared, nullptr, "which the declaration does not name"};
}

/// Resolvers and time servers whose standing the recording cannot show.
bool perhaps_given(const Destination& destination, const Observations& observations,
                   const Declaration* declaration) {
    const bool literal = destination.resolution == Resolution::literal;
    const bool neighbour = destination.resolution == Resolution::lan && !is_group(destination);
    if ((!literal && !neighbour) || destination.transport == Transport::icmp) return false;
    const auto& address = destination.addresses.front();
    if (literal && destination.port == 53 && may_speak(destination, protocol::dns))
        return standing_of_resolver(address, false, destination.last_seen, observations, declaration) ==
               ResolverStanding::unknown;
    return destination.port == 123 && may_speak(destination, protocol::ntp) &&
           !network_told(address, destination.first_seen, observations);
}

/// Why it is not known who began it, or whether it was given before; "" where that is known, or would change
/// nothing.
std::string lacks_beginning(const Destination& destination, const Observations& observations) {
    const bool bare =
        destination.resolution == Resolution::literal || destination.resolution == Resolution::lan;
    if (!bare || is_group(destination)) return {};
    if (destination.caller_unknown) return "its beginning is not on record, nor which side began it";
    if (!destination.under_way || observations.complete) return {};
    const auto& joined = observations.network.joined;
    return joined && destination.first_seen < *joined ? "it came before the network had taken the camera in"
                                                      : "it was under way when the recording began";
}

/// Neighbours may call what the declaration names as services, and be answered.
bool is_declared_service_of_caller(const Destination& destination, const Declaration& declaration) {
    if (!destination.caller_unknown || destination.resolution != Resolution::lan ||
        destination.own_ends.empty())
        return false;
    return std::all_of(destination.own_ends.begin(), destination.own_ends.end(), [&](const Endpoint& own) {
        return std::any_of(declaration.services.begin(), declaration.services.end(),
                           [&](const DeclaredService& service) {
                               return service.port == own.port && service.transport == destination.transport;
                           });
    });
}

/// Numbers (or nibbles) in front of the reverse zone, as reverse lookups have them; other labels could carry
/// anything.
bool is_reverse_name(std::string_view name) {
    const auto only = [](std::string_view text, std::string_view allowed) {
        return text.find_first_not_of(allowed) == std::string_view::npos;
    };
    for (const auto& [zone, allowed] :
         {std::pair<std::string_view, std::string_view>{".in-addr.arpa", "0123456789."},
          {".ip6.arpa", "0123456789abcdef."}}) {
        if (name.ends_with(zone)) return only(name.substr(0, name.size() - zone.size()), allowed);
    }
    return false;
}

/// Services of a domain (RFC 2782) lead to servers within it.
bool holds_declared_name(std::string_view domain, const Declaration& declaration) {
    const auto below = [&](const std::optional<std::string>& name) {
        return name && name->size() > domain.size() && name->ends_with(domain) &&
               (*name)[name->size() - domain.size() - 1] == '.';
    };
    return domain.find('.') != std::string_view::npos &&
           std::any_of(declaration.destinations.begin(), declaration.destinations.end(),
                       [&](const auto& entry) { return below(entry.name); });
}

/// Names that no server on the internet stands behind: bare host names, the local zones of RFC 6762, 6761 and
/// 8375, and those that ask what the network can do (RFC 9462, RFC 7050).
bool is_local_name(std::string_view name) {
    if (name.size() > 80) return is_reverse_name(name);
    const auto in_zone = [&](std::string_view zone) {
        return name.size() > zone.size() && name.ends_with(zone) &&
               name[name.size() - zone.size() - 1] == '.';
    };
    return name.find('.') == std::string_view::npos || in_zone("local") || in_zone("localhost") ||
           in_zone("internal") || in_zone("home.arpa") || name == "resolver.arpa" ||
           in_zone("resolver.arpa") || name == "ipv4only.arpa" || is_reverse_name(name);
}

}  // namespace

std::string wire_protocol(std::string_view declared) { return protocol_word(declared).wire; }

bool is_declared_name(std::string_view name, const Declaration& declaration) {
    const auto fits = [&](const std::string& pattern) { return name_matches(pattern, name); };
    const bool destination = std::any_of(declaration.destinations.begin(), declaration.destinations.end(),
                                         [&](const auto& entry) { return entry.name && fits(*entry.name); });
    return destination || std::any_of(declaration.time_servers.begin(), declaration.time_servers.end(), fits);
}

bool names_endpoint(const DeclaredDestination& entry, const Destination& destination,
                    const Observations& observations) {
    return names_it(entry, destination, observations) && port_fits(entry, destination);
}

std::string perhaps_resolved_before(const Destination& destination, const Observations& observations,
                                    const Declaration& declaration) {
    if (destination.resolution != Resolution::literal || observations.complete || observations.run.present)
        return {};
    if (observations.network.joined && !destination.known_before) return {};
    const auto asked_before = [&](const std::string& name) {
        const auto first = LookupIndex::of(observations).first_named(name);
        return first && *first < destination.first_seen;
    };
    for (const auto& entry : declaration.destinations) {
        const bool fits = entry.name && entry.port && port_fits(entry, destination) &&
                          protocol_contradiction(entry, destination).empty();
        if (fits && !asked_before(*entry.name)) return *entry.name;
    }
    if (destination.port != 123 || destination.protocol != protocol::ntp) return {};
    for (const auto& server : declaration.time_servers) {
        if (!IpAddress::parse(server) && !asked_before(server)) return server;
    }
    return {};
}

namespace {

/// Peers that a rendezvous introduces are reached from the very socket that asked it: holes in routers are
/// made for that socket.
bool perhaps_introduced(const Destination& destination, const Observations& observations,
                        const Declaration* declaration) {
    if (destination.resolution != Resolution::literal || !speaks_as_peer(destination)) return false;
    const auto introduces = [&](const Destination* other) {
        if (!speaks_with_rendezvous(*other) || other->first_seen > destination.first_seen ||
            other->resolution != Resolution::dns)
            return false;
        return declaration == nullptr ||
               match_declaration(*other, observations, *declaration).standing == Standing::declared;
    };
    const auto& index = LookupIndex::of(observations);
    return std::any_of(destination.own_ends.begin(), destination.own_ends.end(), [&](const Endpoint& own) {
        const auto& others = index.from(own);
        return std::any_of(others.begin(), others.end(), introduces);
    });
}

/// A viewer of the local network may have asked for it before the recording began.
bool perhaps_watched(const Destination& destination, const Observations& observations) {
    return destination.resolution == Resolution::lan && destination.protocol == protocol::rtp &&
           !observations.complete && !observations.network.joined;
}

}  // namespace

Match match(const Destination& destination, const Observations& observations,
            const Declaration* declaration) {
    if (destination.control_port) {  // part of a session, declared (or not) with it
        auto control = destination;
        control.port = *destination.control_port;
        control.control_port.reset();
        control.protocol = destination.control_protocol.empty()
                               ? control.transport == Transport::udp ? protocol::tftp : protocol::ftp
                               : destination.control_protocol;
        if (control.protocol == protocol::rtsp) control.transport = Transport::tcp;
        return match(control, observations, declaration);
    }
    if (destination.asked_for) return {Standing::answer, nullptr, {}};
    if (!destination.answered && is_nobodys(destination.addresses.front()))
        return {Standing::nowhere, nullptr, "no host has this address"};
    if (declaration != nullptr) {
        const auto declared = match_declaration(destination, observations, *declaration);
        if (declared.standing == Standing::declared) return declared;
        if (is_infrastructure(destination, observations, declaration))
            return {Standing::infrastructure, nullptr, {}};
        if (is_standard_discovery(destination)) return {Standing::discovery, nullptr, {}};
        if (destination.advertised && destination.protocol == protocol::http && !destination.port_mapping)
            return {Standing::device, nullptr, {}};
        if (is_declared_service_of_caller(destination, *declaration)) return {Standing::answer, nullptr, {}};
        if (perhaps_given(destination, observations, declaration))
            return {Standing::unknown, nullptr, "what the network itself gave the camera is not on record"};
        if (auto why = lacks_beginning(destination, observations); !why.empty())
            return {Standing::unknown, nullptr, std::move(why)};
        if (perhaps_watched(destination, observations))
            return {Standing::unknown, nullptr, "a viewer may have asked for it before the recording began"};
        if (perhaps_introduced(destination, observations, declaration))
            return {Standing::unknown, nullptr, "a declared rendezvous may have introduced this peer"};
        if (const auto name = perhaps_resolved_before(destination, observations, *declaration); !name.empty())
            return {Standing::unknown, nullptr,
                    fmt::format("it may be {}, resolved before the recording began", name)};
        return declared;
    }
    if (is_infrastructure(destination, observations, nullptr)) return {Standing::infrastructure, nullptr, {}};
    if (is_standard_discovery(destination)) return {Standing::discovery, nullptr, {}};
    if (perhaps_given(destination, observations, nullptr))
        return {Standing::unknown, nullptr, "what the network itself gave the camera is not on record"};
    if (auto why = lacks_beginning(destination, observations); !why.empty())
        return {Standing::unknown, nullptr, std::move(why)};
    if (perhaps_introduced(destination, observations, nullptr))
        return {Standing::unknown, nullptr,
                "a rendezvous that it found by name may have introduced this peer"};
    return {Standing::undeclared, nullptr, "nothing is declared"};
}

bool may_ask_for(const analysis::DnsLookup& lookup, const Observations& observations,
                 const Declaration& declaration) {
    if (lookup.multicast) return true;
    const std::string name(without_service(lookup.name));
    const bool service = lookup.type == "SRV" && name != lookup.name;
    const auto harmless = [&](const std::string& one) {
        return is_local_name(one) || is_declared_name(one, declaration) ||
               (service && holds_declared_name(one, declaration));
    };
    if (harmless(name)) return true;
    const auto owners = owners_of_alias(lookup.name, observations);
    if (std::any_of(owners.begin(), owners.end(),
                    [&](const std::string& one) { return is_declared_name(one, declaration); }))
        return true;
    // A resolver library puts the network's search domain behind a name that was not found.
    return std::any_of(observations.network.domains.begin(), observations.network.domains.end(),
                       [&](const std::string& domain) {
                           return !domain.empty() && name.ends_with("." + domain) &&
                                  harmless(name.substr(0, name.size() - domain.size() - 1));
                       });
}

}  // namespace cambench
