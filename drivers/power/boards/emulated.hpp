#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "drivers/power/emulated_unit.hpp"
#include "drivers/power/power_switch.hpp"
#include "harness/core/file.hpp"
#include "harness/core/ip.hpp"

namespace cambench {

/// Power of an emulated camera. Off is a power cut: QEMU is killed and the flash stays as it was. On is a
/// cold boot.
///
/// read_back() tells whether QEMU runs; it fails when QEMU ended by itself.
[[nodiscard]] Result<std::unique_ptr<PowerSwitch>> open_emulated_power(EmulatedUnit unit);

/// Where the image of the emulated camera is: $CAMBENCH_CAMERA_IMAGE or beside the program.
[[nodiscard]] Result<std::filesystem::path> emulated_camera_image();

}  // namespace cambench
