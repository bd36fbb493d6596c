#include "harness/steps/step_context.hpp"

namespace cambench::steps::observe {
namespace {

Status run(const markup::Node& node, StepContext& context) {
    const Json label{{"label", node.text("label")}};
    auto begin = label;
    begin["state"] = "begin";
    context.emit("scenario", "window", std::move(begin));
    context.slot().begin_watching();
    auto status = context.pause(node.duration("for"));
    auto end = label;
    end["state"] = "end";
    context.emit("scenario", "window", std::move(end));
    return status;
}

}  // namespace

const StepType& type() {
    static const StepType type{
        .element = {.name = "observe",
                    .doc = "Watches for a while and does nothing: an observation window.",
                    .attributes = {{.name = "for",
                                    .kind = markup::Kind::duration,
                                    .doc = "How long.",
                                    .required = true},
                                   {.name = "label", .doc = "What the window is called in the report."}}},
        .acts = StepType::Acts::watches,
        .power = StepType::Power::wanted,
        .takes = [](const markup::Node& node) { return node.duration("for"); },
        .run = run};
    return type;
}

}  // namespace cambench::steps::observe
