#include "harness/steps/step_context.hpp"

namespace cambench::steps::reconnect {
namespace {

Status run(const markup::Node&, StepContext& context) {
    context.emit("scenario", "internet", {{"answers", "all"}});
    return context.slot().sandbox().isolate(internet::Answers::all);
}

}  // namespace

const StepType& type() {
    static const StepType type{
        .element = {.name = "reconnect", .doc = "Ends an isolation: everything answers again."},
        .acts = StepType::Acts::around,
        .internet = StepType::Internet::connected,
        .run = run};
    return type;
}

}  // namespace cambench::steps::reconnect
