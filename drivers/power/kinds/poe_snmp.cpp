#include "drivers/power/boards/poe_snmp.hpp"

#include <fmt/format.h>

#include "drivers/power/board_tables.hpp"
#include "harness/core/text.hpp"

namespace cambench::power::poe_snmp_driver {
namespace {

using markup::Kind;

std::string place_of(const markup::Node& node) {
    return fmt::format("{}:{}", lower(node.text("host")), node.port("port"));
}

/// The text of `name`, or the content of the file that `name`-file names.
Result<std::string> secret(const markup::Node& node, const std::string& name) {
    if (!node.has(name + "-file")) return node.text(name);
    TRY_ASSIGN(const auto text, read_text_file(node.path(name + "-file")));
    return std::string(trim(text));
}

Result<std::unique_ptr<PowerSwitch>> open(const markup::Node& node, const PowerSurroundings& surroundings) {
    TRY_ASSIGN(const auto channel, channel_of(node));
    SnmpSettings settings{.host = node.text("host"), .port = node.port("port"), .user = node.text("user")};
    TRY_ASSIGN(settings.community, secret(node, "community"));
    TRY_ASSIGN(settings.authentication, secret(node, "authentication"));
    TRY_ASSIGN(settings.privacy, secret(node, "privacy"));
    const auto group = node.integer("group");
    auto board = poe_snmp::make_board([settings] { return open_snmp_session(settings); },
                                      static_cast<unsigned>(group));
    return open_board_channel(std::move(board),
                              {.key = fmt::format("snmp-{}-{}", place_of(node), group),
                               .name = fmt::format("poe-snmp {} group {}", place_of(node), group),
                               .channel = channel,
                               .settle = node.duration("settle"),
                               .patience = std::chrono::seconds(30)},
                              surroundings);
}

std::string contact(const markup::Node& node) {
    return fmt::format("channel {} of poe-snmp {} group {}", node.integer("channel"), place_of(node),
                       node.integer("group"));
}

}  // namespace

const PowerDriver& driver() {
    static const PowerDriver driver{
        .name = "poe-snmp",
        .element =
            {.name = "power",
             .doc = "A port of a PoE switch, by SNMP (RFC 3621). It reads back what was ordered and whether "
                    "the port delivers power.",
             .attributes =
                 {{.name = "host", .doc = "The switch's name or address.", .required = true},
                  {.name = "port", .kind = Kind::port, .doc = "The agent's UDP port.", .fallback = "161"},
                  channel_attribute("The switch's port: pethPsePortIndex."),
                  {.name = "group",
                   .kind = Kind::integer,
                   .doc = "The unit of a stack: pethPsePortGroupIndex.",
                   .fallback = "1"},
                  {.name = "community",
                   .doc = "A community that may write, for SNMP version 2c.",
                   .fallback = "private"},
                  {.name = "community-file", .kind = Kind::path, .doc = "A file that holds the community."},
                  {.name = "user", .doc = "The user for SNMP version 3; version 2c when absent."},
                  {.name = "authentication", .doc = "The user's pass phrase for authentication (SHA)."},
                  {.name = "authentication-file", .kind = Kind::path, .doc = "A file that holds it."},
                  {.name = "privacy", .doc = "The user's pass phrase for privacy (AES)."},
                  {.name = "privacy-file", .kind = Kind::path, .doc = "A file that holds it."},
                  settle_attribute("2s")}},
        .first_channel = 1,
        .last_channel = 4096,
        .open = open,
        .contact = contact};
    return driver;
}

}  // namespace cambench::power::poe_snmp_driver
