#include "harness/steps/step_context.hpp"

namespace cambench::steps::power_off {
namespace {

Status run(const markup::Node&, StepContext& context) { return context.slot().power_off(); }

}  // namespace

const StepType& type() {
    static const StepType type{
        .element = {.name = "power-off",
                    .doc = "Cuts the unit's power at once. Every run ends with it by itself."},
        .acts = StepType::Acts::unit,
        .power = StepType::Power::switched_off,
        .run = run};
    return type;
}

}  // namespace cambench::steps::power_off
