#pragma once

#include <string>
#include <vector>

#include "harness/steps/step_context.hpp"

namespace cambench {

/// Who the operator is, as cambench-probe reads it: {"user", "password", "stream"}.
[[nodiscard]] Json operator_wishes(const StepContext& context);

/// The camera's address as it stands in an URL: "192.0.2.1", "[2001:db8::1]", "[fe80::1%cam0]".
[[nodiscard]] std::string camera_host(StepContext& context);

/// Where the camera's web page and its stream are: at the declared ports, else where they were found; the
/// usual ones when nothing was.
struct CameraPlaces {
    std::uint16_t web_port = 80, rtsp_port = 554;
    bool web_tls = false;
};
/// `want`: "page" or "stream". What was found once at an address is not looked for again in a scenario.
[[nodiscard]] Result<CameraPlaces> find_camera(StepContext& context, std::string_view want);

/// Runs cambench-probe with these words in the camera's network; `wishes` go to its standard input. Its
/// answer, an object. `package` is the file that an upgrade brings. A probe that fails is an error of the
/// bench.
[[nodiscard]] Result<Json> ask_probe(StepContext& context, const std::vector<std::string>& words,
                                     const Json& wishes, Nanoseconds patience,
                                     const std::filesystem::path& package = {});

}  // namespace cambench
