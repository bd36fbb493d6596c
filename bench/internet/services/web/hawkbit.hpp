#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bench/internet/world/web.hpp"
#include "bench/internet/world/world.hpp"

namespace cambench::internet {

/// A request to hawkBit's direct device integration: /TENANT/controller/v1/DEVICE and what is below it.
struct HawkbitRequest {
    std::string tenant, controller;
    std::string action;  ///< "poll", "configData", "deploymentBase", "feedback", "cancelAction", ...
    std::string number;  ///< of the action meant; "" for none
};
[[nodiscard]] std::optional<HawkbitRequest> parse_hawkbit(std::string_view path);

/// What such a server says: poll again soon; and the package on offer at that host, when there is one, as a
/// deployment of one file.
[[nodiscard]] std::optional<WebAnswer> answer_hawkbit(const World& world, const Flow& flow,
                                                      const HttpHead& head);

}  // namespace cambench::internet
