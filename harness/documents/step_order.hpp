#pragma once

#include <string_view>
#include <vector>

#include "harness/core/markup/markup.hpp"
#include "harness/documents/scenario.hpp"

namespace cambench {

/// Whether a step of this name stands among `steps` or inside them.
[[nodiscard]] bool holds_step(const std::vector<markup::Node>& steps, std::string_view name);

/// Problems for steps that cannot do what they say where they stand: a unit awaited before it has power, a
/// reconnection without an isolation. Warnings where it is merely strange.
void judge_step_order(const Scenario& scenario, markup::Problems& problems);

/// Warnings for listed checks that can only be INCONCLUSIVE, because the scenario lacks what they judge.
void judge_what_checks_need(const Scenario& scenario, markup::Problems& problems);

}  // namespace cambench
