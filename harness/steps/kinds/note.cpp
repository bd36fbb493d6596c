#include "harness/steps/step_context.hpp"

namespace cambench::steps::note {
namespace {

Status run(const markup::Node& node, StepContext& context) {
    context.emit("scenario", "note", {{"text", node.text("text")}});
    return {};
}

}  // namespace

const StepType& type() {
    static const StepType type{
        .element = {.name = "note",
                    .doc = "Leaves a remark on the timeline.",
                    .attributes = {{.name = "text", .doc = "The remark.", .required = true}}},
        .acts = StepType::Acts::watches,
        .run = run};
    return type;
}

}  // namespace cambench::steps::note
