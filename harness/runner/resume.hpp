#pragma once

#include <optional>

#include "harness/runner/run_scenario.hpp"

namespace cambench {

/// What describes a run besides its recordings: the head of run.json.
[[nodiscard]] Json description_of(const ScenarioRequest& request);

/// The outcome of an earlier run of the same request whose evidence is sealed, untouched, and PASS or FAIL.
/// nullopt: it has to be run; what an ended, inconclusive or failed run had recorded was moved aside, to
/// NAME.unfinished-1 and so on. Fails when the directory holds another run's evidence, and touches nothing
/// then.
[[nodiscard]] Result<std::optional<ScenarioOutcome>> take_up(const ScenarioRequest& request);

}  // namespace cambench
