#pragma once

#include "harness/core/markup/markup_reading.hpp"

namespace cambench {

/// Problems for attributes that contradict each other, and for counts of zero, in a node and all within it.
/// What the tables cannot say: they look at one attribute at a time.
void judge_contradictions(const markup::Node& node, markup::Problems& problems);

}  // namespace cambench
