#pragma once

#include <memory>

#include "bench/internet/world/dialogue.hpp"

namespace cambench::internet {

/// DNS over TCP (RFC 7766), and over TLS.
[[nodiscard]] std::unique_ptr<StreamDialogue> make_dns_dialogue(World& world, Flow flow);

}  // namespace cambench::internet
