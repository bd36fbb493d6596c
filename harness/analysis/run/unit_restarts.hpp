#pragma once

#include <vector>

#include "harness/analysis/run/attestation.hpp"

namespace cambench::analysis {

/// Starts of the unit that its console shows and that nothing ordered: no power cut, and no step since its
/// last start that may start a unit anew, such as an update, a reset, or something typed on the console. A
/// kernel that gives up counts as well.
[[nodiscard]] std::vector<UnorderedRestart> unordered_restarts(const Observations& observations);

/// When the console shows a boot loader or a kernel begin during a step that may start the unit anew, in
/// order.
[[nodiscard]] std::vector<Nanoseconds> ordered_starts(const Observations& observations);

}  // namespace cambench::analysis
