#include "harness/steps/step_context.hpp"

namespace cambench::steps::power_cycle {
namespace {

Status run(const markup::Node& node, StepContext& context) {
    TRY(context.slot().power_off());
    TRY(context.pause(node.duration("off-for")));
    context.note_power_on();
    return context.slot().power_on();
}

}  // namespace

const StepType& type() {
    static const StepType type{
        .element =
            {.name = "power-cycle",
             .doc = "Cuts the power and gives it again.",
             .attributes = {{.name = "off-for",
                             .kind = markup::Kind::duration,
                             .doc = "How long the unit is without power; real units need 10s to discharge.",
                             .fallback = "2s"}}},
        .acts = StepType::Acts::unit,
        .power = StepType::Power::cycled,
        .takes = [](const markup::Node& node) { return node.duration("off-for"); },
        .run = run};
    return type;
}

}  // namespace cambench::steps::power_cycle
