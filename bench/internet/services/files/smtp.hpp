#pragma once

#include <memory>

#include "bench/internet/world/dialogue.hpp"

namespace cambench::internet {

/// SMTP (RFC 5321). The server's own first words are part of it: due when the client is silent, or has begun
/// all the same.
[[nodiscard]] std::unique_ptr<StreamDialogue> make_smtp_dialogue(World& world, Flow flow,
                                                                 Greeting greeting = Greeting::due);

}  // namespace cambench::internet
