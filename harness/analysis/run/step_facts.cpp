#include "harness/analysis/run/step_facts.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "harness/core/event_fields.hpp"

namespace cambench::analysis {
namespace {

/// The steps that there were when recordings began to say it. No new ones here.
constexpr std::array<std::string_view, 6> watching{"observe",    "note",          "repeat",
                                                   "await-boot", "await-console", "await-lease"};
constexpr std::array<std::string_view, 10> around{
    "snapshot", "view-video", "advance-clock", "set-clock",      "block",
    "unblock",  "isolate",    "reconnect",     "unplug-network", "change-lease"};

template <typename Names>
bool among(const Names& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

ActsOn acts_on(const Event& event) {
    const auto said = text_of(event.fields, "acts_on"), step = text_of(event.fields, "step");
    if (said == "nothing" || (said.empty() && among(watching, step))) return ActsOn::nothing;
    if (said == "around" || (said.empty() && among(around, step))) return ActsOn::around;
    return ActsOn::unit;
}

}  // namespace cambench::analysis
