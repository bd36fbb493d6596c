#pragma once

#include <memory>

#include "bench/internet/world/dialogue.hpp"

namespace cambench::internet {

/// Private protocols of camera clouds over TCP: DVRIP of Xiongmai and Dahua, DHIP, Tuya.
[[nodiscard]] std::unique_ptr<StreamDialogue> make_vendor_dialogue(World& world, Flow flow);

}  // namespace cambench::internet
