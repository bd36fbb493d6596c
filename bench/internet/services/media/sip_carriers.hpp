#pragma once

#include <memory>

#include "bench/internet/world/dialogue.hpp"

namespace cambench::internet {

/// SIP over a stream (RFC 3261).
[[nodiscard]] std::unique_ptr<StreamDialogue> make_sip_dialogue(World& world, Flow flow);

}  // namespace cambench::internet
