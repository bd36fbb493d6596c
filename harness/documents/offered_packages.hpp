#pragma once

#include "harness/documents/scenario.hpp"

namespace cambench {

/// Whether every file that <offer-update> names is there and can be read; problems say where it is named.
/// Apart from loading a scenario: its copy among a run's evidence stands far from the packages, whose bytes
/// are kept there by their hash.
[[nodiscard]] Status judge_packages(const Scenario& scenario, markup::Problems& problems);

}  // namespace cambench
