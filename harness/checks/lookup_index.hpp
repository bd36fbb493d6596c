#pragma once

#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "harness/analysis/observations/observations.hpp"

namespace cambench {

/// What checks ask of all look-ups, destinations and events for every single destination: worked out once, so
/// that judging stays linear in what was recorded.
class LookupIndex {
public:
    /// Of these observations; kept with them. Whoever changes them afterwards calls forget().
    [[nodiscard]] static const LookupIndex& of(const analysis::Observations& observations);
    static void forget(const analysis::Observations& observations) { observations.worked_out.reset(); }

    using Lookups = std::vector<const analysis::DnsLookup*>;
    using Destinations = std::vector<const analysis::Destination*>;
    [[nodiscard]] const Lookups& by_name(const std::string& name) const { return found(by_name_, name); }
    /// Whose answers told of this alias; those of multicast DNS tell nothing.
    [[nodiscard]] const Lookups& by_alias(const std::string& alias) const { return found(by_alias_, alias); }
    [[nodiscard]] const Destinations& at(const IpAddress& address) const { return found(at_, address); }
    /// By the camera's own end of datagram flows, in order of appearance.
    [[nodiscard]] const Destinations& from(const Endpoint& own) const { return found(from_, own); }
    /// The earliest query that was answered with an address for a name of this pattern.
    [[nodiscard]] std::optional<WallTime> first_named(const std::string& pattern) const;
    /// Answered destinations that serve encrypted DNS, in order of their first frames.
    [[nodiscard]] const Destinations& encrypted_dns() const { return encrypted_dns_; }
    /// Beginnings of steps of the scenario that do something, in order.
    [[nodiscard]] const std::vector<const Event*>& steps() const { return steps_; }

    bool shows_answers = false;  ///< a resolver's answer is on record
    bool frames_dropped = false;
    bool something_before = false;  ///< something beyond its network was under way when the recording began

private:
    explicit LookupIndex(const analysis::Observations& observations);
    void take_lookups(const analysis::Observations& observations);
    void take_destinations(const analysis::Observations& observations);
    void take_events(const analysis::Observations& observations);
    [[nodiscard]] bool fits(const analysis::Observations& observations) const;
    template <typename Map, typename Key>
    [[nodiscard]] static const typename Map::mapped_type& found(const Map& map, const Key& key) {
        static const typename Map::mapped_type none;
        const auto entry = map.find(key);
        return entry == map.end() ? none : entry->second;
    }

    const void* lookups_ = nullptr;
    const void* destinations_ = nullptr;
    const void* events_ = nullptr;
    std::size_t lookup_count_ = 0, destination_count_ = 0, event_count_ = 0;
    std::unordered_map<std::string, Lookups> by_name_, by_alias_;
    std::unordered_map<IpAddress, Destinations> at_;
    std::unordered_map<Endpoint, Destinations> from_;
    std::vector<const analysis::DnsLookup*> named_;  ///< answered with addresses, by time
    mutable std::map<std::string, std::optional<WallTime>> first_named_;
    Destinations encrypted_dns_;
    std::vector<const Event*> steps_;
};

}  // namespace cambench
