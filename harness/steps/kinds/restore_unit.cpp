#include "harness/steps/step_context.hpp"

namespace cambench::steps::restore_unit {
namespace {

Status run(const markup::Node&, StepContext& context) {
    TRY_ASSIGN(const bool restored, context.slot().restore());
    if (!restored)
        context.emit("scenario", "note",
                     {{"text",
                       "the unit is real: it runs what the scenario before has left, unless somebody brought "
                       "it back"}});
    return {};
}

}  // namespace

const StepType& type() {
    static const StepType type{
        .element = {.name = "restore-unit",
                    .doc = "Puts an emulated unit's flash back as it left the factory, before power-on. A "
                           "real unit has to be brought back to its declared firmware "
                           "by hand; the timeline says that nobody did it here."},
        .acts = StepType::Acts::unit,
        .power = StepType::Power::forbidden,
        .run = run};
    return type;
}

}  // namespace cambench::steps::restore_unit
