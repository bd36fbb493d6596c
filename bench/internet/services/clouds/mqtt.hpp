#pragma once

#include <memory>

#include "bench/internet/world/dialogue.hpp"

namespace cambench::internet {

/// MQTT 3.1, 3.1.1 and 5.
[[nodiscard]] std::unique_ptr<StreamDialogue> make_mqtt_dialogue(World& world, Flow flow);

}  // namespace cambench::internet
