#include "drivers/power/board_tables.hpp"
#include "drivers/power/boards/icstation.hpp"
#include "drivers/transport/serial_port.hpp"

namespace cambench::power::icstation_relay_driver {
namespace {

Result<std::unique_ptr<PowerSwitch>> open(const markup::Node& node, const PowerSurroundings& surroundings) {
    TRY_ASSIGN(const auto channel, channel_of(node));
    const auto port = node.path("port").string();
    auto board =
        icstation::make_board([port] { return open_serial_port({.port = port, .baud = icstation::baud}); },
                              [port] { return serial_instance(port); });
    return open_board_channel(std::move(board), serial_channel(node, channel), surroundings);
}

}  // namespace

const PowerDriver& driver() {
    static const PowerDriver driver{
        .name = "icstation-relay",
        .element = {.name = "power",
                    .doc = "An ICStation ICSE012A, ICSE013A or ICSE014A relay board behind a serial adapter. "
                           "It cannot be read back, and no other program "
                           "may have used it since it was plugged in.",
                    .attributes = {serial_port_attribute(), channel_attribute("The relay, from 1."),
                                   settle_attribute("500ms")}},
        .first_channel = 1,
        .last_channel = 8,
        .open = open,
        .contact = serial_contact};
    return driver;
}

}  // namespace cambench::power::icstation_relay_driver
