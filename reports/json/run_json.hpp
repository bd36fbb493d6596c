#pragma once

#include "reports/finished_run.hpp"

namespace cambench::reports {

/// What `cambench run --json` and `cambench report --json` print; the shape is run.schema.json, a contract.
/// `evidence` is the directory's path as text; strings are valid UTF-8.
[[nodiscard]] Json run_json(const FinishedRun& run);

}  // namespace cambench::reports
