#pragma once

#include <string>
#include <vector>

#include "harness/analysis/observations/observations.hpp"

namespace cambench {

/// What could not have been seen, one sentence each: opaque content, lost frames, the time observed.
[[nodiscard]] std::vector<std::string> limits_of(const analysis::Observations& observations);

}  // namespace cambench
