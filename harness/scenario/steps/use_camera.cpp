#include <fmt/format.h>

#include "harness/core/file.hpp"
#include "harness/core/process.hpp"
#include "harness/core/text.hpp"
#include "harness/scenario/step_context.hpp"

namespace cambench::steps::use_camera {
namespace {

constexpr auto patience = std::chrono::seconds(60);

Json wishes_of(const markup::Node& node, const StepContext& context) {
    const auto access = context.declaration() ? context.declaration()->operator_access : Declaration::Operator{};
    Json wishes{{"user", access.user},
                {"password", access.password},
                {"stream", access.stream.empty() ? "/" : access.stream},
                {"watch_ms", std::chrono::duration_cast<Milliseconds>(node.duration("watch")).count()}};
    const auto words = split(access.login.request, ' ');
    if (words.size() == 2) wishes["login"] = {{"method", words[0]}, {"path", words[1]}, {"body", access.login.body}, {"type", access.login.type}};
    return wishes;
}

Launch probe(StepContext& context, const std::string& way) {
    Launch launch;
    launch.command = {(program_directory() / "cambench-probe").string(), "use", way, *context.camera_address()};
    launch.network_namespace = context.slot().sandbox().network_namespace();
    launch.user_namespace = context.slot().sandbox().user_namespace();
    return launch;
}

Status use(const markup::Node& node, StepContext& context, const std::string& way) {
    TRY_ASSIGN(const auto output, run_command(probe(context, way), wishes_of(node, context).dump(), Deadline::after(patience + node.duration("watch"))));
    const auto json = Json::parse(output.text, nullptr, false);
    if (output.exit_code != 0 || !json.is_object()) return bench_error(fmt::format("cambench-probe failed ({}): {}", output.exit_code, inert(trim(output.text))));
    context.emit("scenario", "use", {{"way", way}, {"succeeded", json.value("succeeded", false)}, {"calls", json.value("calls", Json::array())}});
    context.report_stimulus(node, json.value("succeeded", false), fmt::format("{}: {}", way, json.value("why", "")));
    return {};
}

Status run(const markup::Node& node, StepContext& context) {
    if (!context.camera_address()) return dut_error("the camera has no address yet; await its lease before using it");
    for (const auto* way : {"web", "onvif", "rtsp"})
        if (node.text("by") == way || node.text("by") == "all") TRY(use(node, context, way));
    return {};
}

}  // namespace

const StepType& type() {
    static const StepType type{
        .element = {.name = "use-camera",
                    .doc = "Uses the camera as its operator would, with the account of the declaration: logs in to its web page and loads it, asks by ONVIF "
                           "what a recorder asks, plays its stream.",
                    .attributes = {{.name = "by",
                                    .kind = markup::Kind::choice,
                                    .doc = "One of these ways, or one after the other.",
                                    .fallback = "all",
                                    .choices = {"all", "web", "onvif", "rtsp"}},
                                   {.name = "watch", .kind = markup::Kind::duration, .doc = "How long the stream is played.", .fallback = "3s"}}},
        .run = run};
    return type;
}

}  // namespace cambench::steps::use_camera
