#include "harness/steps/step_context.hpp"

namespace cambench::steps::set_clock {
namespace {

Status run(const markup::Node& node, StepContext& context) {
    context.emit("scenario", "clock", {{"set_to", node.text("to")}});
    return context.slot().sandbox().command({{"command", "set-clock"}, {"time", node.text("to")}});
}

}  // namespace

const StepType& type() {
    static const StepType type{.element = {.name = "set-clock",
                                           .doc = "Sets the fake internet's time.",
                                           .attributes = {{.name = "to",
                                                           .kind = markup::Kind::timestamp,
                                                           .doc = "In UTC, such as 2027-03-01T00:00:00Z.",
                                                           .required = true}}},
                               .acts = StepType::Acts::around,
                               .run = run};
    return type;
}

}  // namespace cambench::steps::set_clock
