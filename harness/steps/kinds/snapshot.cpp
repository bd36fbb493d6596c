#include <fmt/format.h>

#include "harness/steps/probe.hpp"

namespace cambench::steps::snapshot {
namespace {

constexpr auto patience = std::chrono::minutes(10);

Status run(const markup::Node& node, StepContext& context) {
    if (!context.camera_address())
        return dut_error("the camera has no address yet; await its lease before looking at what it can");
    TRY_ASSIGN(const auto json,
               ask_probe(context, {"look", *context.camera_address()}, operator_wishes(context), patience));
    const auto facts = json.value("facts", Json::array());
    context.report_stimulus(
        node, !facts.empty(),
        facts.empty() ? "the camera answered at no port" : fmt::format("{} facts", facts.size()));
    context.emit("scenario", "snapshot",
                 {{"label", node.text("label")},
                  {"facts", facts},
                  {"addresses", json.value("addresses", Json::array())},
                  {"unasked", json.value("unasked", Json::array())}});
    return {};
}

}  // namespace

const StepType& type() {
    static const StepType type{
        .element = {.name = "snapshot",
                    .doc = "Writes down what the camera says it is and can: open ports at its addresses of "
                           "IPv4 and IPv6, banners, ONVIF services and profiles, the media of its stream. "
                           "Changes nothing on it.",
                    .attributes = {{.name = "label",
                                    .doc = "When this is, for people: 'before the update'."}}},
        .acts = StepType::Acts::around,
        .power = StepType::Power::needed,
        .address = StepType::Address::needed,
        .run = run};
    return type;
}

}  // namespace cambench::steps::snapshot
