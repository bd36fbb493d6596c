#pragma once

#include <string>
#include <vector>

#include "harness/scenario/step_context.hpp"

namespace cambench {

/// Who the operator is, as cambench-probe reads it: {"user", "password", "stream"}.
[[nodiscard]] Json operator_wishes(const StepContext& context);

/// Runs cambench-probe with these words in the camera's network; `wishes` go to its standard input. Its answer, an object.
/// A probe that fails is an error of the bench.
[[nodiscard]] Result<Json> ask_probe(StepContext& context, const std::vector<std::string>& words, const Json& wishes, Nanoseconds patience);

}  // namespace cambench
