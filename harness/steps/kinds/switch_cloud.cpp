#include <fmt/format.h>

#include "harness/steps/operator_request.hpp"

namespace cambench::steps::switch_cloud {
namespace {

Status run(const markup::Node& node, StepContext& context) {
    const auto state = node.text("state");
    const auto* declaration = context.declaration();
    const auto wanted = declaration == nullptr ? DeclaredRequest{}
                        : state == "on"        ? declaration->cloud_on
                                               : declaration->cloud_off;
    if (wanted.request.empty()) {
        context.report_stimulus(node, false,
                                fmt::format("the declaration does not say how the operator switches the "
                                            "cloud {}: <cloud {}=\"POST /path\"/>",
                                            state, state));
        return {};
    }
    // From the moment it is asked the camera may talk again; silent it has to be once it has agreed.
    if (state == "on") context.emit("scenario", "cloud", {{"state", state}});
    TRY_ASSIGN(const auto answer, ask_as_operator(context, wanted.request, wanted.type, wanted.body));
    if (state == "off" && answer.agreed()) context.emit("scenario", "cloud", {{"state", state}});
    context.report_stimulus(
        node, answer.agreed(),
        answer.agreed() ? fmt::format("the camera agreed to have its cloud {}", state) : answer.objection());
    return {};
}

}  // namespace

const StepType& type() {
    static const StepType type{
        .element = {.name = "switch-cloud",
                    .doc = "The operator switches everything the camera does with its maker's cloud off or "
                           "on, as the declaration's <cloud> says.",
                    .attributes = {{.name = "state",
                                    .kind = markup::Kind::choice,
                                    .doc = "off or on.",
                                    .required = true,
                                    .choices = {"off", "on"}}}},
        .acts = StepType::Acts::unit,
        .power = StepType::Power::needed,
        .address = StepType::Address::needed,
        .run = run};
    return type;
}

}  // namespace cambench::steps::switch_cloud
