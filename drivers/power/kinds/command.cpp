#include "drivers/power/boards/command.hpp"
#include "drivers/power/power_driver.hpp"

namespace cambench::power::command_driver {
namespace {

using markup::Kind;

Result<std::unique_ptr<PowerSwitch>> open(const markup::Node& node, const PowerSurroundings& surroundings) {
    return open_command_power({.on = node.text("on"),
                               .off = node.text("off"),
                               .state = node.text("state"),
                               .timeout = node.duration("within"),
                               .settle = node.has("settle") ? node.duration("settle") : Nanoseconds::zero(),
                               .launcher = surroundings.launcher});
}

std::vector<std::string> commands(const markup::Node& node) {
    std::vector<std::string> list;
    for (const auto* attribute : {"on", "off", "state"})
        if (!node.text(attribute).empty()) list.push_back(node.text(attribute));
    return list;
}

}  // namespace

const PowerDriver& driver() {
    static const PowerDriver driver{
        .name = "command",
        .element = {.name = "power",
                    .doc = "Commands of your own, run by /bin/sh; exit code 0 means done.",
                    .attributes = {{.name = "on", .doc = "Closes the contact.", .required = true},
                                   {.name = "off", .doc = "Opens the contact.", .required = true},
                                   {.name = "state",
                                    .doc = "Prints 'on' or 'off' as read back from the device; without it "
                                           "the contact cannot be read."},
                                   {.name = "within",
                                    .kind = Kind::duration,
                                    .doc = "How long one command may take.",
                                    .fallback = "10s"},
                                   {.name = "settle",
                                    .kind = Kind::duration,
                                    .doc = "How long the supply takes to follow a command. When given, a "
                                           "unit that goes on talking after "
                                           "power-off is a fault of the bench."}}},
        .open = open,
        .commands = commands};
    return driver;
}

}  // namespace cambench::power::command_driver
