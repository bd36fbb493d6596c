#include "harness/steps/step_context.hpp"

namespace cambench::steps::power_on {
namespace {

Status run(const markup::Node&, StepContext& context) {
    context.note_power_on();
    return context.slot().power_on();
}

}  // namespace

const StepType& type() {
    static const StepType type{
        .element = {.name = "power-on",
                    .doc = "Gives the unit power: a cold boot. Capture and console record already."},
        .acts = StepType::Acts::unit,
        .power = StepType::Power::switched_on,
        .run = run};
    return type;
}

}  // namespace cambench::steps::power_on
