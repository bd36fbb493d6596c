#include <fmt/format.h>

#include "harness/steps/operator_request.hpp"

namespace cambench::steps::trigger {
namespace {

Status run(const markup::Node& node, StepContext& context) {
    const auto name = node.text("stimulus");
    const auto* declaration = context.declaration();
    const auto found = declaration == nullptr                ? nullptr
                       : declaration->stimuli.contains(name) ? &declaration->stimuli.find(name)->second
                                                             : nullptr;
    if (found == nullptr) {
        const auto why = fmt::format(
            "the declaration does not say how: <stimulus name=\"{}\" request=\"POST /path\"/>", name);
        if (node.flag("optional"))
            context.emit("scenario", "note", {{"text", fmt::format("left out {}: {}", name, why)}});
        else
            context.report_stimulus(node, false, why);
        return {};
    }
    TRY_ASSIGN(const auto answer, ask_as_operator(context, found->request, found->type, found->body));
    context.report_stimulus(
        node, answer.agreed(),
        answer.agreed() ? fmt::format("the camera agreed to {}", name) : answer.objection());
    return {};
}

}  // namespace

const StepType& type() {
    static const StepType type{
        .element = {.name = "trigger",
                    .doc = "Brings something about at the camera, as a <stimulus> of the declaration says: "
                           "motion, an alarm, ...",
                    .attributes = {{.name = "stimulus",
                                    .kind = markup::Kind::word,
                                    .doc = "Its name in the declaration.",
                                    .required = true},
                                   {.name = "optional",
                                    .kind = markup::Kind::flag,
                                    .doc = "Left out with a note where the declaration does not say how; "
                                           "otherwise the run is INCONCLUSIVE.",
                                    .fallback = "no"}}},
        .acts = StepType::Acts::unit,
        .power = StepType::Power::needed,
        .address = StepType::Address::needed,
        .run = run};
    return type;
}

}  // namespace cambench::steps::trigger
