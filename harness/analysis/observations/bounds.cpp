#include <algorithm>

#include "harness/analysis/observations/observations.hpp"

namespace cambench::analysis {

void ReachedBounds::note(const ReachedBound& bound) {
    const auto known = std::find_if(reached_.begin(), reached_.end(), [&](const ReachedBound& one) {
        return one.what == bound.what && one.subject == bound.subject;
    });
    if (known == reached_.end()) {
        reached_.push_back(bound);
        return;
    }
    known->beyond += bound.beyond;
    // Where nobody knows when one of them was reached, nothing is known to be whole.
    if (!known->since || !bound.since)
        known->since.reset();
    else
        known->since = std::min(*known->since, *bound.since);
}

void ReachedBounds::note(Subject subject, std::string_view what, std::uint64_t bound,
                         std::optional<WallTime> when, std::uint64_t beyond) {
    note({subject, std::string(what), bound, beyond, when});
}

}  // namespace cambench::analysis
