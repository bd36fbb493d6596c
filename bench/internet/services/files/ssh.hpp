#pragma once

#include <memory>

#include "bench/internet/world/dialogue.hpp"

namespace cambench::internet {

/// A login at a host of the bench's own: the server's own first words are part of it, as of those above.
[[nodiscard]] std::unique_ptr<StreamDialogue> make_ssh_dialogue(World& world, Flow flow, Greeting greeting);

}  // namespace cambench::internet
