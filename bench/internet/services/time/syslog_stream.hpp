#pragma once

#include <memory>

#include "bench/internet/world/dialogue.hpp"

namespace cambench::internet {

/// Syslog over a stream (RFC 6587).
[[nodiscard]] std::unique_ptr<StreamDialogue> make_syslog_dialogue(World& world, Flow flow);

}  // namespace cambench::internet
