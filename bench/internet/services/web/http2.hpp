#pragma once

#include <memory>

#include "bench/internet/world/dialogue.hpp"

namespace cambench::internet {

/// HTTP/2 (RFC 9113).
[[nodiscard]] std::unique_ptr<StreamDialogue> make_http2_dialogue(World& world, Flow flow);

}  // namespace cambench::internet
