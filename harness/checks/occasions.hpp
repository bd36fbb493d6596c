#pragma once

#include <optional>
#include <string>

#include "harness/analysis/observations/observations.hpp"

namespace cambench {

/// What the scenario last did before a moment.
struct Occasion {
    std::string step;      ///< as it stands in the scenario: <use-camera by="web"/>; inert
    Nanoseconds before{};  ///< so long the step had begun
};

/// nullopt without a run, or when nothing had been done yet. Steps that only watch or wait do not count.
[[nodiscard]] std::optional<Occasion> occasion_of(const analysis::Observations& observations,
                                                  Nanoseconds moment);

/// What is first seen, on the run's clock: "1.2 s after <use-camera by="web"/>"; "" when nothing is known.
[[nodiscard]] std::string describe_occasion(const analysis::Observations& observations, WallTime first_seen);

}  // namespace cambench
