#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/console/console.hpp"
#include "harness/core/markup/markup.hpp"

namespace cambench {

/// What an opening may need besides its element of the bench file.
struct ConsolePlace {
    std::filesystem::path socket;  ///< where an emulated camera finds its UART's other end
};

/// A kind of console: one file in drivers/console/kinds/, listed by the registry that CMake makes from the
/// folder.
struct ConsoleDriver {
    std::string name;         ///< the value of driver=""
    markup::Element element;  ///< the attributes of its own; the element's name is "console"
    /// nullptr: nothing is connected.
    Result<std::unique_ptr<Console>> (*open)(const markup::Node& node, const ConsolePlace& place) = nullptr;
    /// Whether the line is there at once, or only when the camera has power.
    enum class Opens { at_once, with_power } opens = Opens::at_once;
    /// Problems beyond the table; nullptr when there can be none.
    void (*validate)(const markup::Node& node, markup::Problems& problems) = nullptr;
};

/// All kinds, in alphabetical order.
[[nodiscard]] const std::vector<const ConsoleDriver*>& console_drivers();
[[nodiscard]] const ConsoleDriver* find_console_driver(
    std::string_view name);  ///< nullptr when there is none

}  // namespace cambench
