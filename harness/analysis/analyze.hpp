#pragma once

#include <string_view>
#include <variant>

#include "harness/analysis/observations/inputs.hpp"
#include "harness/analysis/observations/observations.hpp"
#include "harness/core/result.hpp"

namespace cambench::analysis {

/// Reads the recordings into observations. Pure: the same files give the same result.
///
/// Fails only when a file cannot be read at all or is no capture; torn ends are noted in the observations.
[[nodiscard]] Result<Observations> analyze(const Inputs& inputs);

/// "02:4b:52:00:00:01" or an address, as the user names the camera.
[[nodiscard]] Result<std::variant<MacAddress, IpAddress>> parse_camera(std::string_view text);

}  // namespace cambench::analysis
