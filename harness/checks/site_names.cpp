#include "harness/checks/site_names.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>

#include "harness/core/text.hpp"

namespace cambench {
namespace {

using analysis::Observations;

bool ends_in_zone(std::string_view name, std::string_view zone) {
    return name.size() > zone.size() && name.ends_with(zone) && name[name.size() - zone.size() - 1] == '.';
}

/// The name without its local zone; nullopt: it is a name of the internet.
std::optional<std::string_view> within_site(std::string_view name, const Observations& observations) {
    for (const auto& domain : observations.network.domains) {
        if (domain.empty() || !ends_in_zone(name, domain)) continue;
        const auto rest =
            name.substr(0, name.size() - domain.size() -
                               1);  // with a dot: a resolver put the domain behind a name of the internet
        return rest.find('.') == std::string_view::npos ? std::optional(rest) : std::nullopt;
    }
    for (const std::string_view zone : {"local", "localhost", "internal", "home.arpa", "arpa"})
        if (ends_in_zone(name, zone)) return name.substr(0, name.size() - zone.size() - 1);
    return name.find('.') == std::string_view::npos ? std::optional(name) : std::nullopt;
}

std::optional<IpAddress> parsed(const std::string& text) {
    const auto address = IpAddress::parse(text);
    return address ? std::optional(*address) : std::nullopt;
}

/// A part of an address stands for the network that it begins.
std::optional<IpAddress> reversed_v4(std::vector<std::string> labels) {
    if (labels.empty() || labels.size() > 4) return std::nullopt;
    std::reverse(labels.begin(), labels.end());
    labels.resize(4, "0");
    return parsed(join(labels, "."));
}

std::optional<IpAddress> reversed_v6(const std::vector<std::string>& labels) {
    if (labels.size() != 32) return std::nullopt;
    std::string text;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        if (labels[labels.size() - 1 - i].size() != 1) return std::nullopt;
        if (i > 0 && i % 4 == 0) text += ':';
        text += labels[labels.size() - 1 - i];
    }
    return parsed(text);
}

/// The address that is asked for backwards.
std::optional<IpAddress> reversed_address(std::string_view name) {
    for (const bool v4 : {true, false}) {
        const std::string_view zone = v4 ? ".in-addr.arpa" : ".ip6.arpa";
        if (!name.ends_with(zone)) continue;
        const auto labels = split(name.substr(0, name.size() - zone.size()), '.');
        return v4 ? reversed_v4(labels) : reversed_v6(labels);
    }
    return std::nullopt;
}

std::unordered_set<IpAddress> addresses_on_record(const Observations& observations) {
    std::unordered_set<IpAddress> seen;
    const auto add = [&](const std::vector<IpAddress>& addresses) {
        seen.insert(addresses.begin(), addresses.end());
    };
    for (const auto& destination : observations.destinations) add(destination.addresses);
    for (const auto& visitor : observations.visitors) add(visitor.addresses);
    for (const auto& lookup : observations.lookups) add(lookup.answers), seen.insert(lookup.resolver.address);
    add(observations.camera.addresses);
    add(observations.network.resolvers);
    add(observations.network.routers);
    add(observations.network.time_servers);
    return seen;
}

/// What devices of any maker ask for when they come up.
bool is_usual_word(std::string_view name) {
    static constexpr std::array<std::string_view, 12> usual{
        "localhost", "localdomain", "local", "wpad",     "isatap",   "router",
        "gateway",   "ntp",         "time",  "ipv4only", "resolver", "broadcasthost"};
    return std::find(usual.begin(), usual.end(), name) != usual.end();
}

bool is_short_word(std::string_view name) {
    constexpr std::size_t longest = 12;
    return name.size() <= longest &&
           std::all_of(name.begin(), name.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; });
}

}  // namespace

/// RFC 2782, RFC 6763, RFC 9462.
std::string_view without_service(std::string_view name) {
    while (name.find('.') != std::string_view::npos) {
        const auto label = name.substr(0, name.find('.'));
        const auto rest = name.substr(label.size() + 1);
        const bool browses =
            (label == "lb" || label == "b" || label == "db" || label == "r" || label == "dr") &&
            rest.starts_with("_dns-sd.");
        if (!label.starts_with('_') && !browses) break;
        name = rest;
    }
    return name;
}

std::vector<const analysis::DnsLookup*> unexplained_site_names(const Observations& observations) {
    constexpr std::size_t most_words = 2;
    const auto seen = addresses_on_record(observations);
    const auto hostname = lower(observations.camera.hostname);
    std::set<std::string> contacted;
    for (const auto& destination : observations.destinations) contacted.insert(destination.name);
    std::set<std::string, std::less<>> words;
    std::vector<const analysis::DnsLookup*> unexplained;
    for (const auto& lookup : observations.lookups) {
        if (lookup.multicast || lookup.name.empty() || contacted.contains(lookup.name)) continue;
        const auto asked = without_service(lookup.name);
        const auto name = within_site(asked, observations);
        if (!name || is_usual_word(*name) || (!hostname.empty() && *name == hostname)) continue;
        if (const auto address = reversed_address(asked)) {
            if (seen.contains(*address) || address->is_private() || address->is_link_local() ||
                address->is_loopback())
                continue;
        } else if (is_short_word(*name) && (words.contains(*name) || words.size() < most_words)) {
            words.emplace(*name);
            continue;
        }
        unexplained.push_back(&lookup);
    }
    return unexplained;
}

}  // namespace cambench
