#pragma once

#include <string>

#include "reports/finished_run.hpp"

namespace cambench::reports {

/// JUnit XML as CI systems read it: a test suite for every scenario, a test case for every check.
///
/// FAIL is a failure; ERROR and INCONCLUSIVE are errors (types "bench-error" and "inconclusive"), so that
/// neither is green.
[[nodiscard]] std::string junit_report(const FinishedRun& run);

}  // namespace cambench::reports
