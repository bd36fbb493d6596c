#pragma once

#include "harness/core/event.hpp"

namespace cambench::analysis {

/// What a recorded step touched: nothing; what is around the unit (its network, the time it is told, a
/// question); the unit itself.
enum class ActsOn { nothing, around, unit };

/// Of an event `step`. Recordings of former versions do not say it: they are told by the step's name.
[[nodiscard]] ActsOn acts_on(const Event& event);

}  // namespace cambench::analysis
