#pragma once

#include <vector>

#include "harness/analysis/observations/observations.hpp"

namespace cambench::analysis {

/// The snapshot in an event of kind "snapshot"; facts that are none are left out.
[[nodiscard]] AbilitySnapshot snapshot_of(const Event& event);
[[nodiscard]] std::vector<AbilitySnapshot> snapshots_of(const Observations& observations);

/// What `second` has and `first` has not, or has otherwise. Versions and what only names them do not count.
[[nodiscard]] std::vector<AbilityFact> gained(const AbilitySnapshot& first, const AbilitySnapshot& second);

}  // namespace cambench::analysis
