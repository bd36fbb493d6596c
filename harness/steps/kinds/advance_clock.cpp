#include "harness/steps/step_context.hpp"

namespace cambench::steps::advance_clock {
namespace {

/// The camera was told the time. A Date header tells it too, but not whether the camera takes it as its
/// clock.
bool tells_time(const Event& event) { return event.lane == "network" && event.kind == "ntp"; }

Status run(const markup::Node& node, StepContext& context) {
    const auto mark = context.timeline().mark();
    TRY(context.slot().sandbox().command(
        {{"command", "advance-clock"}, {"by_ns", node.duration("by").count()}}));
    context.emit("scenario", "clock", {{"advanced_by", node.text("by")}});
    auto told = context.await_event(tells_time, mark, node.duration("within"));
    if (!told && told.error().fault != Fault::timeout) return std::move(told).error();
    context.report_stimulus(node, told.ok(),
                            told ? "the camera asked for the time and was told"
                                 : "the clock moved on, but the camera did not ask for the time in " +
                                       format_duration(node.duration("within")) + ", so it may not know");
    return {};
}

}  // namespace

const StepType& type() {
    static const StepType type{
        .element =
            {.name = "advance-clock",
             .doc = "Moves the fake internet's time on, and waits until the camera has asked for the time "
                    "and was told.",
             .attributes =
                 {{.name = "by",
                   .kind = markup::Kind::duration,
                   .doc = "How far, such as 30d.",
                   .required = true},
                  {.name = "within",
                   .kind = markup::Kind::duration,
                   .doc = "How long the camera may take to ask; when it does not, the run is INCONCLUSIVE.",
                   .fallback = "90s"}}},
        .acts = StepType::Acts::around,
        .power = StepType::Power::needed,
        .run = run};
    return type;
}

}  // namespace cambench::steps::advance_clock
