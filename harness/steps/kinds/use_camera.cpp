#include <fmt/format.h>

#include "harness/core/text.hpp"
#include "harness/steps/operator_request.hpp"
#include "harness/steps/probe.hpp"

namespace cambench::steps::use_camera {
namespace {

constexpr auto patience = std::chrono::seconds(60);

Json wishes_of(const markup::Node& node, const StepContext& context) {
    auto wishes = operator_wishes(context);
    wishes["watch_ms"] = std::chrono::duration_cast<Milliseconds>(node.duration("watch")).count();
    if (const auto login = declared_login(context.declaration()); !login.path.empty())
        wishes["login"] = {{"method", login.method}, {"path", login.path}, {"body", login.body},
                           {"type", login.type},     {"good", login.good}, {"token", login.token},
                           {"header", login.header}, {"over", login.over}};
    return wishes;
}

Status use(const markup::Node& node, StepContext& context, const std::string& way) {
    TRY_ASSIGN(const auto json, ask_probe(context, {"use", way, *context.camera_address()},
                                          wishes_of(node, context), patience + node.duration("watch")));
    if (const auto session = json.find("session"); session != json.end())
        context.operator_session().web = {session->value("cookies", ""), session->value("token", "")};
    context.emit("scenario", "use",
                 {{"way", way},
                  {"succeeded", json.value("succeeded", false)},
                  {"calls", json.value("calls", Json::array())}});
    context.report_stimulus(node, json.value("succeeded", false),
                            fmt::format("{}: {}", way, json.value("why", "")));
    return {};
}

Status run(const markup::Node& node, StepContext& context) {
    if (!context.camera_address())
        return dut_error("the camera has no address yet; await its lease before using it");
    for (const auto* way : {"web", "onvif", "rtsp"})
        if (node.text("by") == way || node.text("by") == "all") TRY(use(node, context, way));
    return {};
}

}  // namespace

const StepType& type() {
    static const StepType type{
        .element = {.name = "use-camera",
                    .doc = "Uses the camera as its operator would, with the account of the declaration: logs "
                           "in to its web page and loads it, asks by ONVIF "
                           "what a recorder asks, plays its stream.",
                    .attributes = {{.name = "by",
                                    .kind = markup::Kind::choice,
                                    .doc = "One of these ways, or one after the other.",
                                    .fallback = "all",
                                    .choices = {"all", "web", "onvif", "rtsp"}},
                                   {.name = "watch",
                                    .kind = markup::Kind::duration,
                                    .doc = "How long the stream is played.",
                                    .fallback = "3s"}}},
        .acts = StepType::Acts::unit,
        .power = StepType::Power::needed,
        .address = StepType::Address::needed,
        .takes = [](const markup::Node& node) { return node.duration("watch"); },
        .run = run};
    return type;
}

}  // namespace cambench::steps::use_camera
