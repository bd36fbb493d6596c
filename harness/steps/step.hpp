#pragma once

#include <vector>

#include "harness/core/markup/markup.hpp"

namespace cambench {

class StepContext;

/// A kind of step: one file in harness/steps/kinds/, listed by the registry that CMake makes from the
/// folder.
struct StepType {
    markup::Element element;  ///< name, doc, attributes; `children` stays empty
    enum class Children { none, steps } holds = Children::none;
    /// Acts on the slot. A Fault::dut error means the unit did not do what the step waits for.
    Status (*run)(const markup::Node& node, StepContext& context) = nullptr;
};

/// All kinds of steps, in alphabetical order.
[[nodiscard]] const std::vector<const StepType*>& step_types();

/// The tables of all steps, for scenarios: nested steps are filled in.
[[nodiscard]] const std::vector<markup::Child>& step_children();

}  // namespace cambench
