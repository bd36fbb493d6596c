#include <numeric>

#include "harness/steps/step_context.hpp"

namespace cambench::steps::unplug_network {
namespace {

constexpr auto look_every = std::chrono::milliseconds(50);

/// Frames from the camera's side so far.
std::uint64_t heard(StepContext& context) {
    const auto senders = context.slot().sandbox().senders();
    return std::accumulate(senders.begin(), senders.end(), std::uint64_t{0},
                           [](std::uint64_t sum, const auto& one) { return sum + one.frames; });
}

Status move(StepContext& context, Cable cable) {
    TRY(context.slot().set_cable(cable));
    context.emit("scenario", "network-cable", {{"state", cable == Cable::in ? "in" : "out"}});
    return {};
}

Status run(const markup::Node& node, StepContext& context) {
    TRY(move(context, Cable::out));
    auto status = context.pause(node.duration("for"));
    const auto before = heard(context);
    TRY(move(context, Cable::in));  // whatever happened meanwhile
    TRY(std::move(status));
    const auto deadline = Deadline::after(node.duration("within"));
    while (heard(context) == before && !deadline.passed()) TRY(context.pause(look_every));
    const bool back = heard(context) != before;
    context.report_stimulus(
        node, back,
        back ? "the camera was cut off and is back"
             : "the camera was not heard again in " + format_duration(node.duration("within")));
    return {};
}

}  // namespace

const StepType& type() {
    static const StepType type{
        .element =
            {.name = "unplug-network",
             .doc =
                 "Takes the camera's network cable out for a while: it loses its link, and nothing passes.",
             .attributes = {{.name = "for",
                             .kind = markup::Kind::duration,
                             .doc = "How long the cable is out.",
                             .fallback = "5s"},
                            {.name = "within",
                             .kind = markup::Kind::duration,
                             .doc = "How long it may take until the camera is heard again; when it is not, "
                                    "the run is INCONCLUSIVE.",
                             .fallback = "60s"}}},
        .acts = StepType::Acts::around,
        .power = StepType::Power::needed,
        .takes = [](const markup::Node& node) { return node.duration("for"); },
        .run = run};
    return type;
}

}  // namespace cambench::steps::unplug_network
