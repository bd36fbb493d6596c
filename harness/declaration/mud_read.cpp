#include <fmt/format.h>
#include <netinet/in.h>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/core/event_fields.hpp"
#include "harness/core/json.hpp"
#include "harness/core/text.hpp"
#include "harness/declaration/mud.hpp"

namespace cambench::mud {
namespace {

using analysis::text_of;

/// RFC 8519's name, and that of its drafts, by which most public collections were written.
constexpr std::string_view acls_members[]{"ietf-access-control-list:acls",
                                          "ietf-access-control-list:access-lists", "acls", "access-lists"};
constexpr std::string_view mud_member = "ietf-mud:mud";
constexpr std::size_t most_ports = 64;

/// The member, or null.
const Json& member(const Json& object, std::string_view name) {
    static const Json none;
    if (!object.is_object()) return none;
    const auto found = object.find(name);
    return found == object.end() ? none : *found;
}

/// The first of several names a member goes by; null without.
const Json& member_of(const Json& object, std::initializer_list<std::string_view> names) {
    for (const auto name : names)
        if (const auto& found = member(object, name); !found.is_null()) return found;
    return member(Json(), "");
}

std::string text_by(const Json& object, std::initializer_list<std::string_view> names) {
    const auto& found = member_of(object, names);
    return found.is_string() ? found.get<std::string>() : std::string();
}

/// The entries of a list; one that stands alone is a list of one.
std::vector<const Json*> entries_of(const Json& list) {
    std::vector<const Json*> entries;
    if (list.is_object())
        entries.push_back(&list);
    else if (list.is_array())
        for (const auto& entry : list) entries.push_back(&entry);
    return entries;
}

/// A layer of what an entry matches: "ipv4", in drafts under "l3" or as "ipv4-acl".
const Json& layer_of(const Json& matches, const std::string& name) {
    for (const auto& [outer, inner] :
         {std::pair<std::string, std::string>{"", name}, {"l3", name}, {"l4", name}, {"", name + "-acl"}}) {
        const auto& found = outer.empty() ? member(matches, inner) : member(member(matches, outer), inner);
        if (!found.is_null()) return found;
    }
    return member(Json(), "");
}

std::optional<std::int64_t> number_of(const Json& object, std::string_view name) {
    const auto& value = member(object, name);
    return value.is_number_integer() ? std::optional(value.get<std::int64_t>()) : std::nullopt;
}

/// Who begins the session that an entry is about, as far as the file says.
enum class Begun { unsaid, by_device, by_others };

/// Ports of one side of its packets.
struct Ports {
    bool given = false;
    std::vector<std::uint16_t> numbers;  ///< empty: any
    std::string problem;                 ///< what of them has no words in a declaration
};

/// What one access control entry matches.
struct Match {
    std::optional<Transport> transport;
    Ports source, destination;
    Begun begun = Begun::unsaid;
    std::string problem;
};

/// "destination-port" or "source-port" (RFC 8519): one port, or a range short enough to be written out.
Ports read_ports(const Json& port) {
    Ports ports;
    if (port.is_null()) return ports;
    ports.given = true;
    const auto operation = text_of(port, "operator");
    const auto single =
        port.is_number_integer() ? std::optional(port.get<std::int64_t>()) : number_of(port, "port");
    const auto lower_port = number_of(port, "lower-port"), upper_port = number_of(port, "upper-port");
    const auto fits = [](std::int64_t value) { return value >= 1 && value <= 65535; };
    if (single && (operation.empty() || operation == "eq") && fits(*single)) {
        ports.numbers.push_back(static_cast<std::uint16_t>(*single));
    } else if (lower_port && upper_port && fits(*lower_port) && fits(*upper_port) &&
               *lower_port <= *upper_port &&
               static_cast<std::size_t>(*upper_port - *lower_port) < most_ports) {
        for (auto value = *lower_port; value <= *upper_port; ++value)
            ports.numbers.push_back(static_cast<std::uint16_t>(value));
    } else {
        ports.problem =
            fmt::format("a port match ({}) other than one port or a range of at most {}",
                        inert(port.dump(-1, ' ', false, Json::error_handler_t::replace)), most_ports);
    }
    return ports;
}

void read_transport(const Json& layer, Match& match) {
    const auto direction = text_by(layer, {"ietf-mud:direction-initiated", "direction-initiated"});
    if (direction == "from-device") match.begun = Begun::by_device;
    if (direction == "to-device") match.begun = Begun::by_others;
    match.source = read_ports(member_of(layer, {"source-port", "source-port-range-or-operator"}));
    match.destination =
        read_ports(member_of(layer, {"destination-port", "destination-port-range-or-operator"}));
}

Match match_of(const Json& matches) {
    Match match;
    for (const auto* family : {"ipv4", "ipv6"}) {
        const auto number = number_of(layer_of(matches, family), "protocol");
        if (number == IPPROTO_TCP)
            match.transport = Transport::tcp;
        else if (number == IPPROTO_UDP)
            match.transport = Transport::udp;
        else if (number == IPPROTO_ICMP || number == IPPROTO_ICMPV6)
            match.transport = Transport::icmp;
        else if (number)
            match.problem = fmt::format("IP protocol {}", *number);
    }
    for (const auto& [name, transport] :
         {std::pair{"tcp", Transport::tcp}, std::pair{"udp", Transport::udp}}) {
        const auto& layer = layer_of(matches, name);
        if (layer.is_null()) continue;
        match.transport = transport;
        read_transport(layer, match);
    }
    if (!layer_of(matches, "icmp").is_null()) match.transport = Transport::icmp;
    return match;
}

/// The peer an entry names: by DNS, or else a network.
struct Peer {
    std::optional<std::string> name;
    std::optional<Cidr> network;
    std::string problem;
};

Peer peer_of(const Json& matches, const std::string& side) {
    Peer peer;
    const auto short_side = side == "destination" ? std::string("dst") : std::string("src");
    for (const auto* family : {"ipv4", "ipv6"}) {
        const auto& layer = layer_of(matches, family);
        if (const auto host =
                text_by(layer, {"ietf-acldns:" + short_side + "-dnsname", short_side + "-dnsname"});
            !host.empty())
            peer.name = lower(host.ends_with('.') ? host.substr(0, host.size() - 1) : host);
        const auto network = text_of(layer, fmt::format("{}-{}-network", side, family));
        if (network.empty()) continue;
        if (auto cidr = Cidr::parse(network))
            peer.network = *cidr;
        else
            peer.problem = cidr.error().message;
    }
    if (peer.name) peer.network.reset();
    return peer;
}

class Reader {
public:
    explicit Reader(const Json& document) : document_(document) {}

    Result<Imported> read() {
        const auto& mud = member(document_, mud_member);
        if (!mud.is_object())
            return usage_error(fmt::format("no '{}': this is not a MUD file (RFC 8520)", mud_member));
        if (const auto version = number_of(mud, "mud-version"); version && *version != 1)
            return usage_error(fmt::format("mud-version {}: only version 1 is known", *version));
        imported_.url = text_of(mud, "mud-url");
        name_product(mud);
        TRY(find_access_lists());
        TRY(read_policy(mud, "from-device-policy", &Reader::read_destination));
        TRY(read_policy(mud, "to-device-policy", &Reader::read_service));
        return std::move(imported_);
    }

private:
    using Taker = void (Reader::*)(const std::string& name, const Json& matches);

    Status find_access_lists() {
        const Json* lists = nullptr;
        for (const auto name : acls_members)
            if (const auto& found = member(document_, name); lists == nullptr && !found.is_null())
                lists = &found;
        if (lists == nullptr) return {};  // a policy that names one says so
        for (const auto* acl : entries_of(member(*lists, "acl")))
            acls_[text_by(*acl, {"name", "acl-name"})] = acl;
        return {};
    }

    void name_product(const Json& mud) {
        auto& declaration = imported_.declaration;
        declaration.vendor = text_of(mud, "mfg-name");
        declaration.model = text_of(mud, "model-name");
        const auto info = text_of(mud, "systeminfo");
        if (declaration.vendor.empty()) declaration.vendor = info.empty() ? "unknown vendor" : info;
        if (declaration.model.empty()) declaration.model = info.empty() ? "unknown model" : info;
        declaration.identity.firmware = text_of(mud, "firmware-rev");
    }

    Status read_policy(const Json& mud, const char* policy, Taker take) {
        for (const auto* list :
             entries_of(member(member(member(mud, policy), "access-lists"), "access-list"))) {
            const auto name = text_by(*list, {"name", "acl-name"});
            const auto found = acls_.find(name);
            if (found == acls_.end())
                return usage_error(
                    acls_.empty() ? fmt::format("{} names the access list '{}', but the file has no list of "
                                                "them: neither '{}' nor, as drafts of RFC 8519 call it, '{}'",
                                                policy, inert(name), acls_members[0], acls_members[1])
                                  : fmt::format("{} names the access list '{}', which the file does not have",
                                                policy, inert(name)));
            for (const auto* ace :
                 entries_of(member(member_of(*found->second, {"aces", "access-list-entries"}), "ace")))
                read_entry(*ace, take);
        }
        return {};
    }

    /// RFC 8519 forwards; its drafts permit.
    static std::string forwarding_of(const Json& actions) {
        const auto forwarding = text_by(actions, {"forwarding", "packet-handling"});
        if (forwarding == "permit" || forwarding.ends_with(":accept") || !member(actions, "permit").is_null())
            return "accept";
        return !member(actions, "deny").is_null() ? "deny" : forwarding;
    }

    void read_entry(const Json& ace, Taker take) {
        auto name = text_by(ace, {"name", "rule-name"});
        if (name.empty()) name = "entry without a name";
        const auto forwarding = forwarding_of(member(ace, "actions"));
        if (forwarding.empty() || forwarding == "accept")
            (this->*take)(name, member(ace, "matches"));
        else
            leave_out(name, "it forbids (" + forwarding +
                                "); what a declaration does not name is not declared anyway");
    }

    /// A peer that is not named by DNS or address, as RFC 8520 abstracts it. True when that settles the
    /// entry.
    bool is_abstraction(const std::string& name, const Json& matches) {
        const auto& abstraction = member_of(matches, {"ietf-mud:mud", "mud-acl", "ietf-mud:mud-acl"});
        if (abstraction.is_null()) return false;
        const auto controller = text_of(abstraction, "controller");
        // What the network gives a camera needs no declaration.
        if (controller == "urn:ietf:params:mud:dns" || controller == "urn:ietf:params:mud:ntp") return true;
        for (const auto* word :
             {"controller", "my-controller", "same-manufacturer", "manufacturer", "local-networks", "model"})
            if (!member(abstraction, word).is_null()) {
                leave_out(name, fmt::format("'{}' names no endpoint of the internet", word));
                return true;
            }
        return false;
    }

    /// Packets of the device: to whom it calls, unless somebody else began the session and these are its
    /// answers.
    void read_destination(const std::string& name, const Json& matches) {
        const auto match = match_of(matches);
        if (match.begun == Begun::by_others) return read_served(name, match, match.source);
        if (is_abstraction(name, matches)) return;
        for (const auto& problem : {match.problem, match.destination.problem})
            if (!problem.empty()) return leave_out(name, problem);
        if (match.source.given && !match.destination.given)
            return leave_out(name,
                             "it names the device's own port alone, which says nothing about whom it calls");
        const auto peer = peer_of(matches, "destination");
        if (!peer.problem.empty()) return leave_out(name, peer.problem);
        if (!peer.name && !peer.network)
            return leave_out(name, "it names no peer, so it would declare the whole internet");
        DeclaredDestination entry;
        entry.purpose = name;
        entry.transport = match.transport;
        entry.name = peer.name;
        entry.network = peer.network;
        add(entry, match.destination.numbers);
    }

    void add(DeclaredDestination entry, const std::vector<std::uint16_t>& ports) {
        const auto keep = [&] {
            const auto key = fmt::format(
                "{} {} {} {}", entry.name.value_or(""), entry.network ? entry.network->to_string() : "",
                entry.port.value_or(0), entry.transport ? to_string(*entry.transport) : "");
            if (seen_.insert(key).second) imported_.declaration.destinations.push_back(entry);
        };
        if (ports.empty() || entry.transport == Transport::icmp) return keep();
        for (const auto port : ports) {
            entry.port = port;
            keep();
        }
    }

    /// Packets to the device: it listens where others may begin, at their destination port.
    void read_service(const std::string& name, const Json& matches) {
        const auto match = match_of(matches);
        if (match.begun == Begun::by_device) return;
        // Answers to what the device began itself come from a port of the other end.
        if (match.begun == Begun::unsaid && match.source.given) {
            if (match.destination.given)
                leave_out(name, "it names ports of both ends and does not say who begins");
            return;
        }
        read_served(name, match, match.destination);
    }

    void read_served(const std::string& name, const Match& match, const Ports& ports) {
        if (!match.transport || !ports.given) return;
        for (const auto& problem : {match.problem, ports.problem})
            if (!problem.empty()) return leave_out(name, problem);
        for (const auto port : ports.numbers) {
            const auto known = [&](const DeclaredService& service) {
                return service.port == port && service.transport == *match.transport;
            };
            auto& services = imported_.declaration.services;
            if (std::none_of(services.begin(), services.end(), known))
                services.push_back({port, *match.transport, "unknown", ""});
        }
    }

    void leave_out(const std::string& name, const std::string& why) {
        imported_.left_out.push_back(fmt::format("{}: {}", inert(name), inert(why)));
    }

    const Json& document_;
    Imported imported_;
    std::map<std::string, const Json*> acls_;
    std::set<std::string> seen_;
};

}  // namespace

Result<Imported> read(std::string_view json) {
    const auto document = parse_json(json);
    if (!document.is_object()) return usage_error("not a JSON object: a MUD file is JSON (RFC 8520)");
    return Reader(document).read();
}

}  // namespace cambench::mud
