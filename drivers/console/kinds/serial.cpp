#include "drivers/console/serial.hpp"
#include "drivers/console/baud.hpp"
#include "drivers/console/console_driver.hpp"

namespace cambench::console::serial {
namespace {

Result<std::unique_ptr<Console>> open(const markup::Node& node, const ConsolePlace&) {
    TRY_ASSIGN(auto rates, parse_baud(node.text("baud")));
    return open_serial_console(node.path("port"), std::move(rates));
}

void validate(const markup::Node& node, markup::Problems& problems) {
    if (const auto rates = parse_baud(node.text("baud")); !rates)
        problems.push_back(
            problem_at_attribute(node, "baud", rates.error().message, "baud=\"115200\" or baud=\"auto\""));
}

}  // namespace

const ConsoleDriver& driver() {
    static const ConsoleDriver driver{
        .name = "serial",
        .element = {.name = "console",
                    .doc = "A serial port of this host, such as a USB adapter on the camera's UART.",
                    .attributes = {{.name = "port",
                                    .kind = markup::Kind::path,
                                    .doc = "The port; its name under /dev/serial/by-id or by-path stays the "
                                           "same when it is plugged in again.",
                                    .required = true},
                                   {.name = "baud",
                                    .kind = markup::Kind::word,
                                    .doc = "The rate, up to 1500000 and beyond; 'auto' tries the rates "
                                           "cameras use until the text is readable.",
                                    .fallback = "115200"}}},
        .open = open,
        .validate = validate};
    return driver;
}

}  // namespace cambench::console::serial
