#pragma once

#include <memory>
#include <optional>

#include "bench/internet/world/dialogue.hpp"

namespace cambench::internet {

/// A server whose words were recorded (<dialogue file="">); nullptr when there is none at the end of this
/// flow.
[[nodiscard]] std::unique_ptr<StreamDialogue> make_recorded_dialogue(World& world, const Flow& flow);

/// A server whose words were recorded. Recorded as "recorded-turn"; answers after the first go to
/// World::further_answers.
[[nodiscard]] std::optional<Bytes> answer_recorded(World& world, const Flow& flow, ByteView datagram);

}  // namespace cambench::internet
