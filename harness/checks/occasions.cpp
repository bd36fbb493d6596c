#include "harness/checks/occasions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/analysis/event_fields.hpp"
#include "harness/core/text.hpp"

namespace cambench {
namespace {

bool only_watches(std::string_view step) {
    constexpr std::array<std::string_view, 3> names{"observe", "note", "repeat"};
    return step.starts_with("await-") || std::find(names.begin(), names.end(), step) != names.end();
}

}  // namespace

std::optional<Occasion> occasion_of(const analysis::Observations& observations, Nanoseconds moment) {
    std::optional<Occasion> last;
    for (const auto& event : observations.run.events) {
        if (event.time > moment) break;
        if (event.lane != "scenario" || event.kind != "step" || analysis::text_of(event.fields, "state") != "begin" || only_watches(analysis::text_of(event.fields, "step"))) continue;
        const auto text = analysis::text_of(event.fields, "text");
        last = Occasion{inert(text.empty() ? "<" + analysis::text_of(event.fields, "step") + "/>" : text), moment - event.time};
    }
    return last;
}

std::string describe_occasion(const analysis::Observations& observations, WallTime first_seen) {
    const auto occasion = occasion_of(observations, analysis::run_time(observations, {0, first_seen, 0}));
    return occasion ? fmt::format("{:.1f} s after {}", std::chrono::duration<double>(occasion->before).count(), occasion->step) : "";
}

}  // namespace cambench
