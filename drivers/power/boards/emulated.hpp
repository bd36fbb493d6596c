#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "drivers/power/boards/emulator_monitor.hpp"
#include "drivers/power/power_switch.hpp"
#include "harness/core/file.hpp"
#include "harness/core/ip.hpp"

namespace cambench {

/// An emulated camera: what it is made of and where its wires end.
struct EmulatedUnit {
    std::filesystem::path image;      ///< the directory with image.json, flash.img and uboot-env.img
    std::filesystem::path directory;  ///< exists; holds this unit's own flash, which survives power cuts
    std::string factory_data;         ///< content of the factory drive
    /// Its boot loader's environment, made from the image's; empty: the image's as it is.
    std::function<Result<std::string>(std::string_view image)> boot_environment = {};
    MacAddress mac;
    std::filesystem::path console;  ///< unix socket that somebody listens on: the UART's other end
    std::function<Result<FileHandle>()> open_wire;  ///< an attached TAP for the network card
    std::shared_ptr<EmulatorMonitor> monitor =
        std::make_shared<EmulatorMonitor>();  ///< for whoever takes its cable out
};

/// Power of an emulated camera. Off is a power cut: QEMU is killed and the flash stays as it was. On is a
/// cold boot.
///
/// read_back() tells whether QEMU runs; it fails when QEMU ended by itself.
[[nodiscard]] Result<std::unique_ptr<PowerSwitch>> open_emulated_power(EmulatedUnit unit);

/// Where the image of the emulated camera is: $CAMBENCH_CAMERA_IMAGE or beside the program.
[[nodiscard]] Result<std::filesystem::path> emulated_camera_image();

}  // namespace cambench
