#include "drivers/console/console_driver.hpp"
#include "drivers/console/stream.hpp"

namespace cambench::console::emulated {
namespace {

Result<std::unique_ptr<Console>> open(const markup::Node&, const ConsolePlace& place) {
    if (place.socket.empty())
        return usage_error("an emulated camera has a console only while a scenario runs");
    return open_listening_console(place.socket);
}

}  // namespace

const ConsoleDriver& driver() {
    static const ConsoleDriver driver{.name = "emulated",
                                      .element = {.name = "console", .doc = "The emulated camera's UART."},
                                      .open = open,
                                      .opens = ConsoleDriver::Opens::with_power};
    return driver;
}

}  // namespace cambench::console::emulated
