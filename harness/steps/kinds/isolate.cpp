#include "harness/steps/step_context.hpp"

namespace cambench::steps::isolate {
namespace {

Status run(const markup::Node&, StepContext& context) {
    context.emit("scenario", "internet", {{"answers", "none"}});
    return context.slot().sandbox().isolate(internet::Answers::none);
}

}  // namespace

const StepType& type() {
    static const StepType type{
        .element = {.name = "isolate",
                    .doc =
                        "From now on nothing answers but DHCP: the camera has a network, and no internet."},
        .acts = StepType::Acts::around,
        .internet = StepType::Internet::isolated,
        .run = run};
    return type;
}

}  // namespace cambench::steps::isolate
