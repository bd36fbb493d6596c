#include "drivers/console/rfc2217.hpp"
#include "drivers/console/baud.hpp"
#include "drivers/console/console_driver.hpp"

namespace cambench::console::rfc2217 {
namespace {

Result<std::unique_ptr<Console>> open(const markup::Node& node, const ConsolePlace&) {
    return open_rfc2217_console(node.text("host"), node.port("port"),
                                static_cast<unsigned>(node.integer("baud")));
}

void validate(const markup::Node& node, markup::Problems& problems) {
    if (const auto rates = parse_baud(node.text("baud")); !rates)
        problems.push_back(problem_at_attribute(node, "baud", rates.error().message, "baud=\"115200\""));
}

}  // namespace

const ConsoleDriver& driver() {
    static const ConsoleDriver driver{
        .name = "rfc2217",
        .element = {.name = "console",
                    .doc = "A serial port of a console server, its rate set over the network by RFC 2217 "
                           "(ser2net: telnet,rfc2217).",
                    .attributes =
                        {{.name = "host", .doc = "Its name or address.", .required = true},
                         {.name = "port", .kind = markup::Kind::port, .doc = "Its port.", .required = true},
                         {.name = "baud",
                          .kind = markup::Kind::integer,
                          .doc = "The rate the server is asked for.",
                          .fallback = "115200"}}},
        .open = open,
        .validate = validate};
    return driver;
}

}  // namespace cambench::console::rfc2217
