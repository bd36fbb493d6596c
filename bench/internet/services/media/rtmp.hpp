#pragma once

#include <memory>

#include "bench/internet/world/dialogue.hpp"

namespace cambench::internet {

/// RTMP: whoever publishes is taken.
[[nodiscard]] std::unique_ptr<StreamDialogue> make_rtmp_dialogue(World& world, Flow flow);

}  // namespace cambench::internet
