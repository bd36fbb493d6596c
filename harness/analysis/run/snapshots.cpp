#include "harness/analysis/run/snapshots.hpp"

#include <algorithm>

#include "harness/core/event_fields.hpp"

namespace cambench::analysis {
namespace {

constexpr std::size_t most_snapshot_facts = 4096, most_looked_at = 16;

bool names_a_version(const AbilityFact& fact) {
    return fact.subject == "onvif information" && fact.what == "FirmwareVersion";
}

}  // namespace

AbilitySnapshot snapshot_of(const Event& event) {
    AbilitySnapshot snapshot{text_of(event.fields, "label"), event.time, {}, {}};
    if (const auto addresses = event.fields.find("addresses");
        addresses != event.fields.end() && addresses->is_array())
        for (const auto& address : *addresses)
            if (address.is_string() && snapshot.addresses.size() < most_looked_at)
                snapshot.addresses.push_back(address.get<std::string>());
    const auto facts = event.fields.find("facts");
    if (facts == event.fields.end() || !facts->is_array()) return snapshot;
    for (const auto& entry : *facts) {
        const bool sound =
            entry.is_array() && entry.size() == 3 &&
            std::all_of(entry.begin(), entry.end(), [](const Json& text) { return text.is_string(); });
        if (sound && snapshot.facts.size() < most_snapshot_facts)
            snapshot.facts.push_back(
                {entry[0].get<std::string>(), entry[1].get<std::string>(), entry[2].get<std::string>()});
    }
    return snapshot;
}

std::vector<AbilitySnapshot> snapshots_of(const Observations& observations) {
    std::vector<AbilitySnapshot> snapshots;
    for (const auto& event : observations.run.events)
        if (event.lane == "scenario" && event.kind == "snapshot") snapshots.push_back(snapshot_of(event));
    return snapshots;
}

std::string overlooked_address(const Observations& observations, const AbilitySnapshot& snapshot) {
    const auto is_v6 = [](const std::string& address) { return address.find(':') != std::string::npos; };
    if (snapshot.addresses.empty() ||
        std::any_of(snapshot.addresses.begin(), snapshot.addresses.end(), is_v6))
        return {};
    const auto& used = observations.camera.addresses;
    const auto found = std::find_if(used.begin(), used.end(), [](const IpAddress& address) {
        return !address.is_v4() && !address.is_link_local() && !address.is_unspecified() &&
               !address.is_multicast();
    });
    return found == used.end() ? std::string() : found->to_string();
}

std::vector<AbilityFact> gained(const AbilitySnapshot& first, const AbilitySnapshot& second) {
    std::vector<AbilityFact> found;
    for (const auto& fact : second.facts)
        if (!names_a_version(fact) &&
            std::find(first.facts.begin(), first.facts.end(), fact) == first.facts.end())
            found.push_back(fact);
    return found;
}

}  // namespace cambench::analysis
