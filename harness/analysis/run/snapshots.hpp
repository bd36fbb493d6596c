#pragma once

#include <string>
#include <vector>

#include "harness/analysis/observations/observations.hpp"

namespace cambench::analysis {

/// The snapshot in an event of kind "snapshot"; facts that are none are left out.
[[nodiscard]] AbilitySnapshot snapshot_of(const Event& event);
[[nodiscard]] std::vector<AbilitySnapshot> snapshots_of(const Observations& observations);

/// An address of IPv6 that the camera used on the network, where the snapshot looked at none of that family;
/// "": there is none, or the run does not say where it looked. Link-local addresses do not count: every host
/// has one.
[[nodiscard]] std::string overlooked_address(const Observations& observations,
                                             const AbilitySnapshot& snapshot);

/// What `second` has and `first` has not, or has otherwise. Versions and what only names them do not count.
[[nodiscard]] std::vector<AbilityFact> gained(const AbilitySnapshot& first, const AbilitySnapshot& second);

}  // namespace cambench::analysis
