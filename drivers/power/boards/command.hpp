#pragma once

#include <memory>
#include <string>

#include "drivers/power/power_switch.hpp"
#include "harness/core/time.hpp"

namespace cambench {

class Launcher;

/// The user's own commands, run by /bin/sh, exit code 0 for success.
struct PowerCommands {
    std::string on, off;
    std::string state;  ///< prints "on" or "off"; "": this switch cannot tell
    Nanoseconds timeout = std::chrono::seconds(10);
    Nanoseconds settle{};          ///< how long the supply takes to follow a command
    Launcher* launcher = nullptr;  ///< runs them; nullptr: this process does
};
[[nodiscard]] std::unique_ptr<PowerSwitch> open_command_power(PowerCommands commands);

/// A supply that nobody switches: the unit is always on, and the bench cannot tell.
[[nodiscard]] std::unique_ptr<PowerSwitch> open_manual_power();

}  // namespace cambench
