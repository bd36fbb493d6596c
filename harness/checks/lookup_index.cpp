#include "harness/checks/lookup_index.hpp"

#include <algorithm>
#include <array>

#include "harness/analysis/run/step_facts.hpp"
#include "harness/checks/resolvers.hpp"
#include "harness/core/event_fields.hpp"
#include "harness/core/text.hpp"

namespace cambench {
namespace {

using analysis::Destination;
using analysis::DnsLookup;
using analysis::Observations;

bool is_step(const Event& event) {
    return event.lane == "scenario" && event.kind == "step" &&
           analysis::text_of(event.fields, "state") == "begin" &&
           analysis::acts_on(event) != analysis::ActsOn::nothing;
}

}  // namespace

const LookupIndex& LookupIndex::of(const Observations& observations) {
    const auto* kept = static_cast<const LookupIndex*>(observations.worked_out.get());
    if (kept != nullptr && kept->fits(observations)) return *kept;
    const std::shared_ptr<const LookupIndex> made(new LookupIndex(observations));
    observations.worked_out = made;
    return *made;
}

LookupIndex::LookupIndex(const Observations& observations)
    : lookups_(observations.lookups.data()),
      destinations_(observations.destinations.data()),
      events_(observations.run.events.data()),
      lookup_count_(observations.lookups.size()),
      destination_count_(observations.destinations.size()),
      event_count_(observations.run.events.size()) {
    take_lookups(observations);
    take_destinations(observations);
    take_events(observations);
    for (const auto& capture : observations.captures)
        frames_dropped = frames_dropped || capture.dropped.value_or(0) > 0;
}

/// A copy of the observations has its own.
bool LookupIndex::fits(const Observations& observations) const {
    return lookups_ == observations.lookups.data() && destinations_ == observations.destinations.data() &&
           events_ == observations.run.events.data() && lookup_count_ == observations.lookups.size() &&
           destination_count_ == observations.destinations.size() &&
           event_count_ == observations.run.events.size();
}

void LookupIndex::take_lookups(const Observations& observations) {
    for (const auto& lookup : observations.lookups) {
        by_name_[lookup.name].push_back(&lookup);
        if (!lookup.answers.empty()) named_.push_back(&lookup);
        if (lookup.multicast) continue;
        shows_answers = shows_answers || lookup.answer.has_value();
        for (const auto& alias : lookup.aliases) by_alias_[alias].push_back(&lookup);
    }
    std::stable_sort(named_.begin(), named_.end(),
                     [](const DnsLookup* a, const DnsLookup* b) { return a->query.time < b->query.time; });
}

void LookupIndex::take_destinations(const Observations& observations) {
    for (const auto& destination : observations.destinations) {
        for (const auto& address : destination.addresses) at_[address].push_back(&destination);
        for (const auto& own : destination.own_ends) from_[own].push_back(&destination);
        if (destination.answered && !cambench::encrypted_dns(destination).empty())
            encrypted_dns_.push_back(&destination);
        const bool before = destination.known_before || destination.goes_on_from_before;
        something_before =
            something_before ||
            (before && destination.resolution != analysis::Resolution::lan && destination.port != 53);
    }
}

void LookupIndex::take_events(const Observations& observations) {
    for (const auto& event : observations.run.events) {
        if (is_step(event)) steps_.push_back(&event);
        if (event.lane == "bench" && event.kind == "capture-closed")
            frames_dropped = frames_dropped || analysis::count_of(event.fields, "dropped") > 0;
    }
}

std::optional<WallTime> LookupIndex::first_named(const std::string& pattern) const {
    const auto [entry, added] = first_named_.try_emplace(pattern);
    if (!added) return entry->second;
    const auto first = std::find_if(named_.begin(), named_.end(),
                                    [&](const DnsLookup* one) { return name_matches(pattern, one->name); });
    if (first != named_.end()) entry->second = (*first)->query.time;
    return entry->second;
}

}  // namespace cambench
