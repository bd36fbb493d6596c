#include "drivers/console/console_driver.hpp"
#include "drivers/console/stream.hpp"

namespace cambench::console::tcp {
namespace {

Result<std::unique_ptr<Console>> open(const markup::Node& node, const ConsolePlace&) {
    return open_tcp_console(node.text("host"), node.port("port"));
}

}  // namespace

const ConsoleDriver& driver() {
    static const ConsoleDriver driver{
        .name = "tcp",
        .element = {.name = "console",
                    .doc = "A console server that gives raw bytes over TCP (ser2net: telnet off).",
                    .attributes =
                        {{.name = "host", .doc = "Its name or address.", .required = true},
                         {.name = "port", .kind = markup::Kind::port, .doc = "Its port.", .required = true}}},
        .open = open};
    return driver;
}

}  // namespace cambench::console::tcp
