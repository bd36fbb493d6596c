#include <algorithm>
#include <fmt/format.h>
#include <netinet/in.h>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/analysis/event_fields.hpp"
#include "harness/core/text.hpp"
#include "harness/scenario/mud.hpp"

namespace cambench::mud {
namespace {

using analysis::text_of;

constexpr std::string_view acls_member = "ietf-access-control-list:acls";
constexpr std::string_view mud_member = "ietf-mud:mud";
constexpr std::size_t most_ports = 64;

/// The member, or null.
const Json& member(const Json& object, std::string_view name) {
    static const Json none;
    if (!object.is_object()) return none;
    const auto found = object.find(name);
    return found == object.end() ? none : *found;
}

std::optional<std::int64_t> number_of(const Json& object, std::string_view name) {
    const auto& value = member(object, name);
    return value.is_number_integer() ? std::optional(value.get<std::int64_t>()) : std::nullopt;
}

/// What one access control entry matches.
struct Match {
    std::optional<Transport> transport;
    std::vector<std::uint16_t> ports;  ///< of the far end; empty: any
    std::string problem;               ///< what of it has no words in a declaration
};

/// "destination-port" or "source-port" (RFC 8519): one port, or a range short enough to be written out.
void read_ports(const Json& port, Match& match) {
    if (port.is_null()) return;
    const auto operation = text_of(port, "operator");
    const auto single = number_of(port, "port"), lower_port = number_of(port, "lower-port"), upper_port = number_of(port, "upper-port");
    const auto fits = [](std::int64_t value) { return value >= 1 && value <= 65535; };
    if (single && (operation.empty() || operation == "eq") && fits(*single)) {
        match.ports.push_back(static_cast<std::uint16_t>(*single));
        return;
    }
    if (lower_port && upper_port && fits(*lower_port) && fits(*upper_port) && *lower_port <= *upper_port &&
        static_cast<std::size_t>(*upper_port - *lower_port) < most_ports) {
        for (auto value = *lower_port; value <= *upper_port; ++value) match.ports.push_back(static_cast<std::uint16_t>(value));
        return;
    }
    match.problem = fmt::format("a port match ({}) other than one port or a range of at most {}", inert(port.dump(-1, ' ', false, Json::error_handler_t::replace)), most_ports);
}

Match match_of(const Json& matches, std::string_view port_member) {
    Match match;
    for (const auto* family : {"ipv4", "ipv6"}) {
        const auto number = number_of(member(matches, family), "protocol");
        if (number == IPPROTO_TCP) match.transport = Transport::tcp;
        else if (number == IPPROTO_UDP) match.transport = Transport::udp;
        else if (number == IPPROTO_ICMP || number == IPPROTO_ICMPV6) match.transport = Transport::icmp;
        else if (number) match.problem = fmt::format("IP protocol {}", *number);
    }
    for (const auto& [name, transport] : {std::pair{"tcp", Transport::tcp}, std::pair{"udp", Transport::udp}}) {
        const auto& layer = member(matches, name);
        if (layer.is_null()) continue;
        match.transport = transport;
        read_ports(member(layer, port_member), match);
    }
    if (!member(matches, "icmp").is_null()) match.transport = Transport::icmp;
    return match;
}

class Reader {
public:
    explicit Reader(const Json& document) : document_(document) {}

    Result<Imported> read() {
        const auto& mud = member(document_, mud_member);
        if (!mud.is_object()) return usage_error(fmt::format("no '{}': this is not a MUD file (RFC 8520)", mud_member));
        if (const auto version = number_of(mud, "mud-version"); version && *version != 1)
            return usage_error(fmt::format("mud-version {}: only version 1 is known", *version));
        imported_.url = text_of(mud, "mud-url");
        name_product(mud);
        for (const auto& acl : member(member(document_, acls_member), "acl")) acls_[text_of(acl, "name")] = &acl;
        TRY(read_policy(mud, "from-device-policy", &Reader::read_destination));
        TRY(read_policy(mud, "to-device-policy", &Reader::read_service));
        return std::move(imported_);
    }

private:
    using Taker = void (Reader::*)(const std::string& name, const Json& matches);

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
        for (const auto& list : member(member(member(mud, policy), "access-lists"), "access-list")) {
            const auto name = text_of(list, "name");
            const auto found = acls_.find(name);
            if (found == acls_.end()) return usage_error(fmt::format("{} names the access list '{}', which the file does not have", policy, inert(name)));
            for (const auto& ace : member(member(*found->second, "aces"), "ace")) read_entry(ace, take);
        }
        return {};
    }

    void read_entry(const Json& ace, Taker take) {
        auto name = text_of(ace, "name");
        if (name.empty()) name = "entry without a name";
        const auto forwarding = text_of(member(ace, "actions"), "forwarding");
        if (forwarding.empty() || forwarding == "accept" || forwarding == "ietf-access-control-list:accept") (this->*take)(name, member(ace, "matches"));
        else leave_out(name, "it forbids (" + forwarding + "); what a declaration does not name is not declared anyway");
    }

    /// A peer that is not named by DNS or address, as RFC 8520 abstracts it. True when that settles the entry.
    bool is_abstraction(const std::string& name, const Json& matches) {
        const auto& abstraction = member(matches, "ietf-mud:mud");
        if (abstraction.is_null()) return false;
        const auto controller = text_of(abstraction, "controller");
        // What the network gives a camera needs no declaration.
        if (controller == "urn:ietf:params:mud:dns" || controller == "urn:ietf:params:mud:ntp") return true;
        for (const auto* word : {"controller", "my-controller", "same-manufacturer", "manufacturer", "local-networks", "model"})
            if (!member(abstraction, word).is_null()) {
                leave_out(name, fmt::format("'{}' names no endpoint of the internet", word));
                return true;
            }
        return false;
    }

    void read_destination(const std::string& name, const Json& matches) {
        if (is_abstraction(name, matches)) return;
        const auto match = match_of(matches, "destination-port");
        if (!match.problem.empty()) return leave_out(name, match.problem);
        DeclaredDestination entry;
        entry.purpose = name;
        entry.transport = match.transport;
        for (const auto* family : {"ipv4", "ipv6"}) {
            const auto& layer = member(matches, family);
            if (const auto host = text_of(layer, "ietf-acldns:dst-dnsname"); !host.empty()) entry.name = lower(host.ends_with('.') ? host.substr(0, host.size() - 1) : host);
            const auto network = text_of(layer, fmt::format("destination-{}-network", family));
            if (network.empty()) continue;
            auto cidr = Cidr::parse(network);
            if (!cidr) return leave_out(name, cidr.error().message);
            entry.network = *cidr;
        }
        if (!entry.name && !entry.network) return leave_out(name, "it names no peer, so it would declare the whole internet");
        if (entry.name) entry.network.reset();
        add(entry, match.ports);
    }

    void add(DeclaredDestination entry, const std::vector<std::uint16_t>& ports) {
        const auto keep = [&] {
            const auto key = fmt::format("{} {} {} {}", entry.name.value_or(""), entry.network ? entry.network->to_string() : "", entry.port.value_or(0),
                                         entry.transport ? to_string(*entry.transport) : "");
            if (seen_.insert(key).second) imported_.declaration.destinations.push_back(entry);
        };
        if (ports.empty() || entry.transport == Transport::icmp) return keep();
        for (const auto port : ports) {
            entry.port = port;
            keep();
        }
    }

    /// The device listens where others may begin: at the destination port of packets to it.
    void read_service(const std::string& name, const Json& matches) {
        const bool begun_by_device = text_of(member(matches, "tcp"), "ietf-mud:direction-initiated") == "from-device";
        const auto match = match_of(matches, "destination-port");
        // Answers to what the device began itself have no port of the device.
        if (begun_by_device || match.ports.empty() || !match.transport) return;
        if (!match.problem.empty()) return leave_out(name, match.problem);
        for (const auto port : match.ports) {
            const auto known = [&](const DeclaredService& service) { return service.port == port && service.transport == *match.transport; };
            auto& services = imported_.declaration.services;
            if (std::none_of(services.begin(), services.end(), known)) services.push_back({port, *match.transport, "unknown", ""});
        }
    }

    void leave_out(const std::string& name, const std::string& why) { imported_.left_out.push_back(fmt::format("{}: {}", inert(name), inert(why))); }

    const Json& document_;
    Imported imported_;
    std::map<std::string, const Json*> acls_;
    std::set<std::string> seen_;
};

}  // namespace

Result<Imported> read(std::string_view json) {
    const auto document = Json::parse(json, nullptr, false);
    if (!document.is_object()) return usage_error("not a JSON object: a MUD file is JSON (RFC 8520)");
    return Reader(document).read();
}

}  // namespace cambench::mud
