#pragma once

#include <memory>

#include "bench/internet/world/dialogue.hpp"

namespace cambench::internet {

/// What follows a WebSocket's opening.
[[nodiscard]] std::unique_ptr<StreamDialogue> make_websocket_dialogue(World& world, Flow flow);

}  // namespace cambench::internet
