#include "drivers/console/console_driver.hpp"
#include "drivers/console/stream.hpp"

namespace cambench::console::unix_socket {
namespace {

Result<std::unique_ptr<Console>> open(const markup::Node& node, const ConsolePlace&) {
    return open_unix_console(node.path("path"));
}

}  // namespace

const ConsoleDriver& driver() {
    static const ConsoleDriver driver{
        .name = "unix",
        .element = {.name = "console",
                    .doc = "A console behind a Unix socket that somebody listens on.",
                    .attributes = {{.name = "path",
                                    .kind = markup::Kind::path,
                                    .doc = "The socket, relative to the bench file.",
                                    .required = true}}},
        .open = open};
    return driver;
}

}  // namespace cambench::console::unix_socket
