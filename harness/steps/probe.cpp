#include "harness/steps/probe.hpp"

#include <fmt/format.h>

#include "harness/core/file.hpp"
#include "harness/core/json.hpp"
#include "harness/core/launch/process.hpp"
#include "harness/core/text.hpp"

namespace cambench {

Json operator_wishes(const StepContext& context) {
    const auto access =
        context.declaration() ? context.declaration()->operator_access : Declaration::Operator{};
    Json services = Json::array();
    if (context.declaration())
        for (const auto& service : context.declaration()->services)
            if (service.transport == Transport::tcp)
                services.push_back({{"port", service.port}, {"protocol", service.protocol}});
    return {{"user", access.user},
            {"password", access.password},
            {"stream", access.stream.empty() ? "/" : access.stream},
            {"services", std::move(services)}};
}

std::string camera_host(StepContext& context) {
    const auto text = context.camera_address().value_or("");
    const auto address = IpAddress::parse(text);
    if (!address || address->is_v4()) return text;
    return fmt::format("[{}{}]", text,
                       address->is_link_local() ? "%" + context.slot().sandbox().interface() : "");
}

Result<CameraPlaces> find_camera(StepContext& context, std::string_view want) {
    constexpr auto patience = std::chrono::minutes(4);
    CameraPlaces places;
    const auto address = context.camera_address();
    if (!address) return places;
    auto& found = context.found_places();
    const bool there = found.value("address", "") == *address &&
                       !found.value(want == "page" ? "web" : "rtsp", Json::array()).empty();
    if (!there) {
        auto wishes = operator_wishes(context);
        wishes["want"] = want;
        TRY_ASSIGN(found, ask_probe(context, {"find", *address}, wishes, patience));
    }
    if (const auto web = found.value("web", Json::array()); !web.empty())
        places.web_port = web[0].value("port", places.web_port), places.web_tls = web[0].value("tls", false);
    if (const auto rtsp = found.value("rtsp", Json::array()); !rtsp.empty())
        places.rtsp_port = rtsp[0].get<std::uint16_t>();
    return places;
}

Result<Json> ask_probe(StepContext& context, const std::vector<std::string>& words, const Json& wishes,
                       Nanoseconds patience, const std::filesystem::path& package) {
    constexpr int package_descriptor = 3;
    auto launch = context.slot().sandbox().inside({companion_program("cambench-probe").string()});
    launch.command.insert(launch.command.end(), words.begin(), words.end());
    FileHandle content;
    if (!package.empty()) {
        TRY_ASSIGN(content, open_regular_file(package));
        launch.descriptors = {{content.get(), package_descriptor}};
    }
    TRY_ASSIGN(const auto output, context.run_command(launch, wishes.dump(), patience));
    auto json = parse_json(output.text);
    if (output.exit_code != 0 || !json.is_object())
        return bench_error(fmt::format("cambench-probe failed ({}): {}", output.exit_code,
                                       inert(join(split(trim(output.text), '\n'), "; "))));
    return json;
}

}  // namespace cambench
