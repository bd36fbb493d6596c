#include "drivers/power/board_tables.hpp"
#include "drivers/power/boards/numato.hpp"
#include "drivers/transport/serial_port.hpp"
#include "harness/core/text.hpp"

namespace cambench::power::numato_relay_driver {
namespace {

/// Its CDC function talks to hosts that assert DTR.
Result<std::unique_ptr<ByteStream>> open_port(const std::string& port) {
    return open_serial_port({.port = port, .modem_lines = SerialSettings::ModemLines::asserted});
}

numato::Index index_of(const markup::Node& node) {
    if (node.text("index") == "letter") return numato::Index::letter;
    if (node.text("index") == "two-digits") return numato::Index::two_digits;
    return numato::usual_index(static_cast<unsigned>(node.integer("relays")));
}

Result<std::unique_ptr<PowerSwitch>> open(const markup::Node& node, const PowerSurroundings& surroundings) {
    TRY_ASSIGN(const auto channel, channel_of(node));
    if (channel >= node.integer("relays"))
        return usage_error("numato-relay: relay " + std::to_string(channel) + " of a board with " +
                           node.text("relays") + ": they count from 0");
    const auto port = node.path("port").string();
    return open_board_channel(numato::make_board([port] { return open_port(port); }, index_of(node)),
                              serial_channel(node, channel), surroundings);
}

std::vector<FoundBoard> find() {
    std::vector<FoundBoard> boards;
    for (const auto& tty : list_serial_ports()) {
        if (tty.vendor != numato::vendor) continue;
        const auto port = !tty.by_path.empty() ? tty.by_path : tty.device;
        boards.push_back({.driver = "numato-relay",
                          .name = tty.name,
                          .serial = tty.serial,
                          .port = tty.device,
                          .choice = "port=\"" + port + "\"",
                          .first_channel = 0});
    }
    return boards;
}

}  // namespace

const PowerDriver& driver() {
    static const PowerDriver driver{
        .name = "numato-relay",
        .element = {.name = "power",
                    .doc = "A Numato Lab USB relay module.",
                    .attributes = {serial_port_attribute(),
                                   channel_attribute("The relay as Numato counts: from 0."),
                                   {.name = "relays",
                                    .kind = markup::Kind::integer,
                                    .doc = "How many relays the module has.",
                                    .fallback = "8"},
                                   {.name = "index",
                                    .kind = markup::Kind::choice,
                                    .doc = "How it counts them: 0 to 9, A to V, or 00 to 63. As modules of "
                                           "its size usually do when absent.",
                                    .choices = {"letter", "two-digits"}},
                                   settle_attribute("500ms")}},
        .first_channel = 0,
        .last_channel = 63,
        .open = open,
        .contact = serial_contact,
        .find = find};
    return driver;
}

}  // namespace cambench::power::numato_relay_driver
