#pragma once

#include <vector>

#include "harness/cli/doctor.hpp"

namespace cambench::cli {

/// Whether the boards of this host can be used: udev's rules, the locks' directory, each board.
[[nodiscard]] std::vector<Diagnosis> diagnose_boards();

}  // namespace cambench::cli
