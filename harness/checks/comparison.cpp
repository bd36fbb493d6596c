#include "harness/checks/comparison.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <map>
#include <set>

#include "harness/analysis/run/snapshots.hpp"
#include "harness/core/text.hpp"

namespace cambench {
namespace {

using analysis::Destination;
using analysis::Observations;
using analysis::Resolution;

/// A volume counts as changed from four times the other on, and from this many bytes.
constexpr double changed_ratio = 4;
constexpr std::uint64_t changed_bytes = 8192;

/// What a recording shows of each thing, by the thing's name.
using Facts = std::map<std::string, std::string>;

/// Peers of the local network have no names and their addresses are the network's choice: the port tells them
/// apart.
std::string endpoint_of(const Destination& destination) {
    const auto port = destination.port == 0
                          ? std::string(to_string(destination.transport))
                          : fmt::format("{}/{}", destination.port, to_string(destination.transport));
    if (!destination.name.empty()) return destination.name + " " + port;
    const auto& address = destination.addresses.front();
    if (destination.resolution == Resolution::lan && !address.is_multicast() && !address.is_broadcast())
        return "a host of its network " + port;
    return address.to_string() + " " + port;
}

/// All that a recording shows of one endpoint.
struct Talk {
    std::set<std::string> protocols, resolutions, contents;
    std::uint64_t bytes_out = 0, bytes_in = 0, attempts = 0;
};

std::map<std::string, Talk> endpoints_of(const Observations& observations) {
    std::map<std::string, Talk> endpoints;
    for (const auto& destination : observations.destinations) {
        if (destination.asked_for || destination.control_port) continue;
        auto& endpoint = endpoints[endpoint_of(destination)];
        if (!destination.protocol.empty()) endpoint.protocols.insert(destination.protocol);
        endpoint.resolutions.insert(std::string(to_string(destination.resolution)));
        for (const auto& fact : destination.contents)
            endpoint.contents.insert(fmt::format("{} {}", fact.outgoing ? "sends" : "is sent", fact.what));
        endpoint.bytes_out += destination.bytes_out;
        endpoint.bytes_in += destination.bytes_in;
        endpoint.attempts += destination.attempts;
    }
    return endpoints;
}

std::string listed(const std::set<std::string>& words) {
    const std::vector<std::string> list(words.begin(), words.end());
    return list.empty() ? "unknown" : join(list, ", ");
}

std::string describe(const Talk& endpoint) {
    return fmt::format("{}, known by {}, {} {}, {} bytes out, {} in", listed(endpoint.protocols),
                       listed(endpoint.resolutions), endpoint.attempts,
                       endpoint.attempts == 1 ? "attempt" : "attempts", endpoint.bytes_out,
                       endpoint.bytes_in);
}

Facts lookups_of(const Observations& observations) {
    Facts facts;
    for (const auto& lookup : observations.lookups)
        if (!lookup.multicast) facts[lookup.name];
    return facts;
}

Facts identity_of(const Observations& observations) {
    Facts facts;
    for (const auto& fact : observations.console.facts) facts.emplace(fact.key, fact.value);
    if (!observations.camera.hostname.empty()) facts["host name in DHCP"] = observations.camera.hostname;
    if (!observations.camera.vendor_class.empty())
        facts["vendor class in DHCP"] = observations.camera.vendor_class;
    return facts;
}

/// What the last snapshot of a run shows that the unit is and can.
Facts abilities_of(const Observations& observations) {
    Facts facts;
    const auto snapshots = analysis::snapshots_of(observations);
    if (snapshots.empty()) return facts;
    for (const auto& fact : snapshots.back().facts)
        facts[fmt::format("{} {}", fact.subject, fact.what)] = fact.value.empty() ? "there" : fact.value;
    return facts;
}

Facts visitors_of(const Observations& observations) {
    Facts facts;
    for (const auto& visitor : observations.visitors) {
        // The port of its own that a caller happens to use is another one each time.
        const auto port = visitor.own_ends.empty() ? 0 : visitor.own_ends.front().port;
        facts[fmt::format("{} at {}/{}", visitor.addresses.front().to_string(), port,
                          to_string(visitor.transport))] = visitor.protocol;
    }
    return facts;
}

/// TLS client fingerprints (JA4): another one is another program.
Facts fingerprints_of(const Observations& observations) {
    Facts facts;
    for (const auto& destination : observations.destinations)
        for (const auto& fingerprint : destination.ja4) facts[fingerprint];
    return facts;
}

class Comparer {
public:
    void facts(const std::string& subject, const Facts& first, const Facts& second) {
        for (const auto& [name, value] : first) {
            const auto other = second.find(name);
            if (other == second.end())
                add(Difference::Kind::only_first, subject, name, value, "");
            else if (other->second != value)
                add(Difference::Kind::changed, subject, name, value, other->second);
        }
        for (const auto& [name, value] : second)
            if (!first.contains(name)) add(Difference::Kind::only_second, subject, name, "", value);
    }

    void endpoints(const std::map<std::string, Talk>& first, const std::map<std::string, Talk>& second) {
        for (const auto& [name, endpoint] : first) {
            const auto other = second.find(name);
            if (other == second.end())
                add(Difference::Kind::only_first, "destination", name, describe(endpoint), "");
            else
                changes(name, endpoint, other->second);
        }
        for (const auto& [name, endpoint] : second)
            if (!first.contains(name))
                add(Difference::Kind::only_second, "destination", name, "", describe(endpoint));
    }

    std::vector<Difference> take() { return std::move(differences_); }

private:
    void changes(const std::string& name, const Talk& first, const Talk& second) {
        if (first.protocols != second.protocols && !first.protocols.empty() && !second.protocols.empty())
            add(Difference::Kind::changed, "protocol", name, listed(first.protocols),
                listed(second.protocols));
        if (first.resolutions != second.resolutions)
            add(Difference::Kind::changed, "resolution", name, listed(first.resolutions),
                listed(second.resolutions));
        volume("bytes sent", name, first.bytes_out, second.bytes_out);
        volume("bytes received", name, first.bytes_in, second.bytes_in);
        Facts before, after;
        for (const auto& content : first.contents) before[name + " " + content];
        for (const auto& content : second.contents) after[name + " " + content];
        facts("content", before, after);
    }

    void volume(const std::string& subject, const std::string& name, std::uint64_t first,
                std::uint64_t second) {
        const auto least = std::min(first, second), most = std::max(first, second);
        if (most >= changed_bytes && static_cast<double>(most) >= changed_ratio * static_cast<double>(least))
            add(Difference::Kind::changed, subject, name, fmt::format("{}", first),
                fmt::format("{}", second));
    }

    void add(Difference::Kind kind, const std::string& subject, const std::string& what,
             const std::string& first, const std::string& second) {
        differences_.push_back({kind, subject, what, first, second});
    }

    std::vector<Difference> differences_;
};

const char* word(Difference::Kind kind) {
    switch (kind) {
        case Difference::Kind::only_first:
            return "only-first";
        case Difference::Kind::only_second:
            return "only-second";
        default:
            return "changed";
    }
}

}  // namespace

std::vector<Difference> compare(const Observations& first, const Observations& second) {
    Comparer comparer;
    comparer.facts("identity", identity_of(first), identity_of(second));
    comparer.endpoints(endpoints_of(first), endpoints_of(second));
    // Where only one of them was looked at, nothing can be compared.
    if (const auto before = abilities_of(first), after = abilities_of(second);
        !before.empty() && !after.empty())
        comparer.facts("ability", before, after);
    comparer.facts("name asked for", lookups_of(first), lookups_of(second));
    comparer.facts("TLS client", fingerprints_of(first), fingerprints_of(second));
    comparer.facts("caller from outside", visitors_of(first), visitors_of(second));
    return comparer.take();
}

Json to_json(const std::vector<Difference>& differences) {
    Json list = Json::array();
    for (const auto& difference : differences)
        list.push_back({{"kind", word(difference.kind)},
                        {"subject", difference.subject},
                        {"what", to_utf8(difference.what)},
                        {"first", to_utf8(difference.first)},
                        {"second", to_utf8(difference.second)}});
    return list;
}

}  // namespace cambench
