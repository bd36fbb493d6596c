#pragma once

#include <string_view>
#include <vector>

#include "harness/core/markup/markup.hpp"
#include "harness/core/time.hpp"

namespace cambench {

class StepContext;

/// A kind of step: one file in harness/steps/kinds/, listed by the registry that CMake makes from the
/// folder.
struct StepType {
    markup::Element element;  ///< name, doc, attributes; `children` stays empty
    enum class Children { none, steps } holds = Children::none;
    /// What it touches: nothing; what is around the unit (its network, the time it is told, a question that
    /// it answers anyhow); the unit itself. Recorded with the step, for who judges what came after it.
    enum class Acts { watches, around, unit } acts = Acts::unit;
    /// The unit's power: that it has to have (wanted: silence may be what somebody wants to see), must not
    /// have, or gets by this step.
    enum class Power {
        any,
        wanted,
        needed,
        forbidden,
        switched_on,
        switched_off,
        cycled,
        begun_anew
    } power = Power::any;
    enum class Address { any, needed, given } address = Address::any;  ///< the unit's own
    enum class Internet { any, isolated, connected } internet = Internet::any;
    /// How long it usually is by itself, for the progress that is shown; nullptr: moments.
    Nanoseconds (*takes)(const markup::Node& node) = nullptr;
    /// Acts on the slot. A Fault::dut error means the unit did not do what the step waits for.
    Status (*run)(const markup::Node& node, StepContext& context) = nullptr;
};

/// A unit of today, from power to its first lease.
inline constexpr Nanoseconds usual_boot = std::chrono::seconds(5);

/// All kinds of steps, in alphabetical order.
[[nodiscard]] const std::vector<const StepType*>& step_types();

/// nullptr: there is none of that name.
[[nodiscard]] const StepType* find_step(std::string_view name);

/// How long these steps and those inside them usually are.
[[nodiscard]] Nanoseconds planned_time(const std::vector<markup::Node>& steps);

/// The tables of all steps, for scenarios: nested steps are filled in.
[[nodiscard]] const std::vector<markup::Child>& step_children();

}  // namespace cambench
