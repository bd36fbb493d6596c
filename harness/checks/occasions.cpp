#include "harness/checks/occasions.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/checks/lookup_index.hpp"
#include "harness/core/event_fields.hpp"
#include "harness/core/text.hpp"

namespace cambench {
std::optional<Occasion> occasion_of(const analysis::Observations& observations, Nanoseconds moment) {
    const auto& steps = LookupIndex::of(observations).steps();
    const auto after =
        std::upper_bound(steps.begin(), steps.end(), moment,
                         [](Nanoseconds time, const Event* event) { return time < event->time; });
    if (after == steps.begin()) return std::nullopt;
    const auto& event = **std::prev(after);
    const auto text = analysis::text_of(event.fields, "text");
    return Occasion{inert(text.empty() ? "<" + analysis::text_of(event.fields, "step") + "/>" : text),
                    moment - event.time};
}

std::string describe_occasion(const analysis::Observations& observations, WallTime first_seen) {
    const auto occasion = occasion_of(observations, analysis::run_time(observations, {0, first_seen, 0}));
    return occasion ? fmt::format("{:.1f} s after {}",
                                  std::chrono::duration<double>(occasion->before).count(), occasion->step)
                    : "";
}

}  // namespace cambench
