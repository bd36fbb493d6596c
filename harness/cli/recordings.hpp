#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/analysis/observations/observations.hpp"
#include "harness/core/result.hpp"

namespace cambench::cli {

/// Analyses what the user names: the evidence directory of one scenario, or captures that are one recording
/// in order of time. `camera` is a MAC or IP address, "" for a guess; `serials` are serial numbers to look
/// for.
[[nodiscard]] Result<analysis::Observations> observe(const std::vector<std::filesystem::path>& recordings,
                                                     const std::string& camera,
                                                     const std::vector<std::string>& serials = {});

}  // namespace cambench::cli
