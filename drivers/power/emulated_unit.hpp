#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "drivers/power/emulator_monitor.hpp"
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

}  // namespace cambench
