#pragma once

#include <string_view>

#include "reports/finished_run.hpp"

namespace cambench::reports {

/// A verdict by its name; anything unknown is `error`, never a pass.
[[nodiscard]] Verdict verdict_from(std::string_view name);

/// Takes over what a scenario's verdict.json (or, for a run that was killed, its run.json) states; the shape
/// is reports/json/verdict.schema.json. What is missing stays empty.
void read_statement(const Json& statement, ScenarioRun& run);

}  // namespace cambench::reports
