#include "drivers/power/boards/devantech.hpp"

#include <fmt/format.h>

#include "drivers/power/board_tables.hpp"
#include "drivers/transport/tcp_stream.hpp"
#include "harness/core/text.hpp"

namespace cambench::power::devantech_driver {
namespace {

constexpr auto connect_time = std::chrono::seconds(3);

Result<std::string> password_of(const markup::Node& node) {
    if (!node.has("password-file")) return node.text("password");
    TRY_ASSIGN(const auto text, read_text_file(node.path("password-file")));
    return std::string(trim(text));
}

std::string place_of(const markup::Node& node) {
    return fmt::format("{}:{}", lower(node.text("host")), node.port("port"));
}

Result<std::unique_ptr<PowerSwitch>> open(const markup::Node& node, const PowerSurroundings& surroundings) {
    TRY_ASSIGN(const auto channel, channel_of(node));
    TRY_ASSIGN(auto password, password_of(node));
    const auto host = node.text("host");
    const auto port = node.port("port");
    auto board = devantech::make_board(
        [host, port] { return open_tcp_stream(host, port, Deadline::after(connect_time)); },
        std::move(password));
    return open_board_channel(std::move(board),
                              {.key = "tcp-" + place_of(node),
                               .name = "devantech " + place_of(node),
                               .channel = channel,
                               .settle = node.duration("settle")},
                              surroundings);
}

std::string contact(const markup::Node& node) {
    return fmt::format("channel {} of devantech {}", node.integer("channel"), place_of(node));
}

}  // namespace

const PowerDriver& driver() {
    static const PowerDriver driver{
        .name = "devantech",
        .element = {.name = "power",
                    .doc = "A Devantech relay board on the network (ETH002, ETH008, ETH484, ETH8020).",
                    .attributes = {{.name = "host", .doc = "Its name or address.", .required = true},
                                   {.name = "port",
                                    .kind = markup::Kind::port,
                                    .doc = "Its TCP port.",
                                    .fallback = std::to_string(devantech::default_port)},
                                   {.name = "password",
                                    .doc = "Its TCP password; evidence keeps a copy of the bench file, a "
                                           "file of its own does not show there."},
                                   {.name = "password-file",
                                    .kind = markup::Kind::path,
                                    .doc = "A file that holds the password."},
                                   channel_attribute("The relay, from 1."),
                                   settle_attribute("500ms")}},
        .first_channel = 1,
        .last_channel = 20,
        .open = open,
        .contact = contact};
    return driver;
}

}  // namespace cambench::power::devantech_driver
