#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "drivers/power/emulated_unit.hpp"
#include "drivers/power/power_switch.hpp"
#include "harness/core/markup/markup.hpp"

namespace cambench {

class ChannelClaims;
class Launcher;

/// What a power driver may need beside its line in the bench file.
struct PowerSurroundings {
    /// A run owns its channel: nobody else may switch it meanwhile. To look at the state needs no ownership.
    enum class Use { own, look } use = Use::own;
    /// Where the ownership stays when the switch is closed, so that nobody gets the channel before the next
    /// scenario of a suite; nullptr: it ends with the switch.
    ChannelClaims* claims = nullptr;
    /// Runs the bench file's commands; nullptr: this process does.
    Launcher* launcher = nullptr;
    /// The unit that an emulated supply starts; empty where none can live.
    std::function<Result<EmulatedUnit>()> emulated_unit = {};
};

/// A board that was found on this host.
struct FoundBoard {
    std::string driver;  ///< "dcttech-relay"
    std::string name;    ///< what the board calls itself
    std::string serial;  ///< "" when it has none
    std::string port;    ///< USB port path or device file
    std::string choice;  ///< the attributes that choose it in a bench file: serial="BITFT" port="1-1.4"
    unsigned first_channel = 1;
    /// One for each channel, nullopt where the board cannot tell; empty when it could not be asked.
    std::vector<std::optional<PowerSwitch::State>> states = {};
    unsigned channels = 0;
    std::string trouble = {};  ///< why it could not be asked
};

/// A kind of power switch: one file in drivers/power/kinds/, listed by the registry that CMake makes from the
/// folder.
struct PowerDriver {
    std::string name;         ///< the value of <power driver="">
    markup::Element element;  ///< name "power", doc and attributes
    /// The channels the kind can have; 0, 0: it has no channels.
    unsigned first_channel = 0, last_channel = 0;

    Result<std::unique_ptr<PowerSwitch>> (*open)(const markup::Node& node,
                                                 const PowerSurroundings& surroundings) = nullptr;
    /// Commands that it runs, word for word. nullptr: none.
    std::vector<std::string> (*commands)(const markup::Node& node) = nullptr;
    /// What only one slot may use, in words: "channel 1 of relay board BITFT". Without asking any hardware.
    /// nullptr: nothing.
    std::string (*contact)(const markup::Node& node) = nullptr;
    /// The boards of this kind on this host; changes nothing on them. nullptr: they cannot be found by
    /// looking.
    std::vector<FoundBoard> (*find)() = nullptr;
};

/// All kinds of power switches, in alphabetical order of their files.
[[nodiscard]] const std::vector<const PowerDriver*>& power_drivers();

/// nullptr when there is none of that name.
[[nodiscard]] const PowerDriver* find_power_driver(std::string_view name);

/// Opens the switch that `node`, a <power>, describes.
[[nodiscard]] Result<std::unique_ptr<PowerSwitch>> open_power_switch(const markup::Node& node,
                                                                     const PowerSurroundings& surroundings);

}  // namespace cambench
