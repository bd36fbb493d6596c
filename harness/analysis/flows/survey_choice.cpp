#include <algorithm>
#include <tuple>

#include "harness/analysis/flows/survey.hpp"
#include "harness/core/text.hpp"

/// Which host of a recording is the camera.
namespace cambench::analysis {

bool Survey::is_declared(const MacAddress& mac, const Hints& hints) {
    const auto text = mac.to_string();
    return std::any_of(hints.prefixes.begin(), hints.prefixes.end(), [&](const std::string& prefix) {
        auto wanted = lower(prefix);
        std::replace(wanted.begin(), wanted.end(), '-', ':');
        return !wanted.empty() && text.starts_with(wanted);
    });
}

/// Whether nothing tells a host apart from the chosen one: as much like a camera, and talking as far. A
/// chosen one that is hardly on record, or keeps to its own network, is doubted beside one that says far more
/// to the world.
bool Survey::is_rival(const Host& host, const Host& best) {
    if (host.datagrams == 0 || gateway_like(host)) return false;
    const bool alike = likeness(host) >= likeness(best) && (host.talks_outside || !best.talks_outside);
    const bool far_more = host.talks_outside && !best.talks_outside && host.frames >= 4 * best.frames;
    return alike || far_more;
}

std::vector<std::string> Survey::rivals_of(const MacAddress& chosen, const Hints& hints) const {
    std::vector<std::string> rivals;
    const auto& best = hosts_.at(chosen);
    const bool declared = is_declared(chosen, hints);
    for (const auto& [mac, host] : hosts_) {
        if (mac == chosen || rivals.size() >= 16 || (declared && !is_declared(mac, hints))) continue;
        if (is_rival(host, best)) rivals.push_back(mac.to_string());
    }
    return rivals;
}

std::vector<std::string> Survey::rivals_of(const IpAddress& chosen) const {
    std::vector<std::string> rivals;
    const auto& best = bare_hosts_.at(chosen);
    for (const auto& [address, host] : bare_hosts_) {
        const bool local = !is_public(address) && !address.is_unspecified() && !address.is_multicast() &&
                           address.family() == chosen.family();
        if (address != chosen && local && rivals.size() < 16 && is_rival(host, best))
            rivals.push_back(address.to_string());
    }
    return rivals;
}

/// Carries other machines' traffic, or serves the network. Addresses that a host had one after the other, or
/// says by ARP are its own, make no gateway of it: a factory address, an old lease and a new one.
bool Survey::gateway_like(const Host& host) {
    const auto foreign = [&](const IpAddress& target) {
        return !host.claimed.contains(target) && !host.v4_sources.contains(target) &&
               !host.v6_sources.contains(target);
    };
    const auto unclaimed = [&](const IpAddress& source) {
        return !host.claimed.contains(source) && !source.is_link_local();
    };
    const auto of_the_internet = [&](const IpAddress& source) {
        return unclaimed(source) && is_public(source);
    };
    constexpr std::ptrdiff_t carries_many = 3, carries_public = 2;
    return host.dhcp_server || host.router || host.carries_mirrors || host.both_ways ||
           host.claimed_by_reply.size() >= 3 ||
           std::count_if(host.v4_sources.begin(), host.v4_sources.end(), of_the_internet) >= carries_public ||
           std::count_if(host.came_back_to.begin(), host.came_back_to.end(), unclaimed) >= carries_many ||
           std::count_if(host.addressed_as.begin(), host.addressed_as.end(), foreign) >= carries_many ||
           std::any_of(host.public_targets.begin(), host.public_targets.end(), foreign);
}

std::optional<MacAddress> Survey::most_likely_camera(const Hints& hints) const {
    std::optional<MacAddress> best;
    std::tuple<bool, bool, unsigned, bool, std::uint64_t> best_score{};
    for (const auto& [mac, host] : hosts_) {
        if (host.frames == 0 || (hints.bench.contains(mac) && !by_wire())) continue;
        const std::tuple score{is_declared(mac, hints), !gateway_like(host), likeness(host),
                               host.dhcp_client || host.begins_remote, host.frames};
        if (best && (score < best_score || (score == best_score && host.order > hosts_.at(*best).order)))
            continue;
        best = mac;
        best_score = score;
    }
    return best;
}

std::optional<IpAddress> Survey::most_likely_address() const {
    std::optional<IpAddress> best;
    std::tuple<bool, unsigned, bool, std::uint64_t> best_score{};
    for (const auto& [address, host] : bare_hosts_) {
        if (host.frames == 0 || address.is_unspecified() || address.is_multicast()) continue;
        const std::tuple score{!is_public(address), likeness(host), host.begins_remote, host.frames};
        if (best && (score < best_score || (score == best_score && host.order > bare_hosts_.at(*best).order)))
            continue;
        best = address;
        best_score = score;
    }
    return best;
}

/// A conversation came from this station in both directions, and none besides it speaks to anybody alone: it
/// forwards nothing, and no camera that sends in another's name can make the others' stations count for
/// nothing.
bool Survey::speaks_alone(const MacAddress& mac) const {
    return hosts_.at(mac).both_ways && std::none_of(hosts_.begin(), hosts_.end(), [&](const auto& other) {
               return other.first != mac && other.second.datagrams > 0;
           });
}

bool Survey::macs_tell(const Hints& hints) const {
    if (!hints.bench.empty() || by_wire()) return true;
    if (hints.wanted && std::holds_alternative<MacAddress>(*hints.wanted)) {
        const auto& mac = std::get<MacAddress>(*hints.wanted);
        return !hosts_.contains(mac) || !speaks_alone(mac);
    }
    return std::none_of(hosts_.begin(), hosts_.end(),
                        [&](const auto& one) { return speaks_alone(one.first); });
}

std::optional<MacAddress> Survey::owner_of(const IpAddress& address) const {
    std::optional<MacAddress> owner;
    for (const auto& [mac, host] : hosts_) {
        const bool speaks = host.v4_sources.contains(address) || host.v6_sources.contains(address) ||
                            host.claimed.contains(address);
        if (!speaks || gateway_like(host)) continue;  // a gateway speaks for others
        if (!owner || host.frames > hosts_.at(*owner).frames) owner = mac;
    }
    return owner;
}

/// All stations that count as the camera, and whether they are two devices: both speak, in turn, from
/// addresses of their own.
void Survey::list_macs(const CameraIdentity& identity, Camera& camera) const {
    constexpr std::size_t most_macs = 16, most_addresses = 8;
    std::vector<std::pair<const Host*, SeenMac>> seen;
    for (const auto& mac : identity.macs) {
        const auto found = hosts_.find(mac);
        if (found == hosts_.end() || found->second.frames == 0) continue;
        const auto& host = found->second;
        SeenMac one{mac, {}, host.frames, *host.first, *host.last};
        for (const auto& source : host.source_order)
            if (one.addresses.size() < most_addresses) one.addresses.push_back(source);
        seen.emplace_back(&host, std::move(one));
    }
    std::stable_sort(seen.begin(), seen.end(),
                     [](const auto& a, const auto& b) { return a.second.frames > b.second.frames; });
    const auto before = [](const FrameRef& a, const FrameRef& b) {
        return std::pair(a.capture, a.number) < std::pair(b.capture, b.number);
    };
    for (const auto& [a, of_a] : seen) {
        for (const auto& [b, of_b] : seen) {
            const bool apart =
                std::none_of(
                    a->v4_sources.begin(), a->v4_sources.end(),
                    [&, other = b](const IpAddress& one) { return other->v4_sources.contains(one); }) &&
                std::none_of(
                    a->v6_sources.begin(), a->v6_sources.end(),
                    [&, other = b](const IpAddress& one) { return other->v6_sources.contains(one); });
            const bool in_turn = before(of_a.first, of_b.last) && before(of_b.first, of_a.last);
            if (a != b && apart && in_turn && a->datagrams > 0 && b->datagrams > 0) camera.several = true;
        }
    }
    for (auto& [host, one] : seen)
        if (camera.macs.size() < most_macs) camera.macs.push_back(std::move(one));
}

}  // namespace cambench::analysis
