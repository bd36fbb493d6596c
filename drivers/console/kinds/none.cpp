#include "drivers/console/console_driver.hpp"

namespace cambench::console::none {
namespace {

Result<std::unique_ptr<Console>> open(const markup::Node&, const ConsolePlace&) {
    return std::unique_ptr<Console>();
}

}  // namespace

const ConsoleDriver& driver() {
    static const ConsoleDriver driver{
        .name = "none",
        .element = {.name = "console",
                    .doc = "No console is connected; checks that need one are INCONCLUSIVE."},
        .open = open,
        .opens = ConsoleDriver::Opens::with_power};
    return driver;
}

}  // namespace cambench::console::none
