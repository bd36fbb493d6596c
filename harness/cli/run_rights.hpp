#pragma once

#include <memory>

#include "harness/cli/run_plan.hpp"
#include "harness/core/launch/launcher.hpp"

namespace cambench::cli {

/// Hands the rights this process came with to a launcher and gives all of them up: under sudo the process is
/// the calling user's from then on. Interfaces that a killed run has lent are brought home before. nullptr:
/// there are no rights, and what a run starts it starts itself.
///
/// Call it before anything is read and before the first thread is made.
[[nodiscard]] Result<std::unique_ptr<Launcher>> hand_over_rights();

/// Tells the launcher what the chosen slots need of it, and that this is all.
[[nodiscard]] Status seal(Launcher& launcher, const RunPlan& plan);

}  // namespace cambench::cli
