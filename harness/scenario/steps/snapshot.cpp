#include <fmt/format.h>

#include "harness/core/file.hpp"
#include "harness/core/process.hpp"
#include "harness/core/text.hpp"
#include "harness/scenario/step_context.hpp"

namespace cambench::steps::snapshot {
namespace {

constexpr auto patience = std::chrono::seconds(120);

Launch probe(StepContext& context) {
    const auto access = context.declaration() ? context.declaration()->operator_access : Declaration::Operator{};
    Launch launch;
    launch.command = {(program_directory() / "cambench-probe").string(), *context.camera_address(), access.user, access.password, access.stream.empty() ? "/" : access.stream};
    launch.network_namespace = context.slot().sandbox().network_namespace();
    launch.user_namespace = context.slot().sandbox().user_namespace();
    return launch;
}

Status run(const markup::Node& node, StepContext& context) {
    if (!context.camera_address()) return dut_error("the camera has no address yet; await its lease before looking at what it can");
    TRY_ASSIGN(const auto output, run_command(probe(context), "", Deadline::after(patience)));
    const auto json = Json::parse(output.text, nullptr, false);
    if (output.exit_code != 0 || !json.is_object()) return bench_error(fmt::format("cambench-probe failed ({}): {}", output.exit_code, inert(trim(output.text))));
    const auto facts = json.value("facts", Json::array());
    context.report_stimulus(node, !facts.empty(), facts.empty() ? "the camera answered at no port" : fmt::format("{} facts", facts.size()));
    context.emit("scenario", "snapshot", {{"label", node.text("label")}, {"facts", facts}});
    return {};
}

}  // namespace

const StepType& type() {
    static const StepType type{
        .element = {.name = "snapshot",
                    .doc = "Writes down what the camera says it is and can: open TCP ports, banners, ONVIF services and profiles, the media of its stream. Changes nothing on it.",
                    .attributes = {{.name = "label", .doc = "When this is, for people: 'before the update'."}}},
        .run = run};
    return type;
}

}  // namespace cambench::steps::snapshot
