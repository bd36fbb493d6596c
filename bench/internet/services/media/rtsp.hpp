#pragma once

#include <memory>

#include "bench/internet/world/dialogue.hpp"

namespace cambench::internet {

/// RTSP (RFC 2326): whoever announces is taken.
[[nodiscard]] std::unique_ptr<StreamDialogue> make_rtsp_dialogue(World& world, Flow flow);

}  // namespace cambench::internet
