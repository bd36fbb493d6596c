#include <algorithm>

#include "drivers/power/board_tables.hpp"
#include "drivers/power/boards/lcus.hpp"
#include "drivers/transport/serial_port.hpp"
#include "harness/core/text.hpp"

namespace cambench::power::lcus_relay_driver {
namespace {

std::vector<UsbCandidate> candidates() { return usb_candidates({{lcus::hid_vendor, lcus::hid_product}}); }

Result<std::unique_ptr<PowerSwitch>> open_serial(const markup::Node& node,
                                                 const PowerSurroundings& surroundings) {
    TRY_ASSIGN(const auto channel, channel_of(node));
    const auto port = node.path("port").string();
    auto board =
        lcus::make_serial_board([port] { return open_serial_port({.port = port, .baud = lcus::baud}); },
                                [port]() -> Status {
                                    TRY(serial_instance(port));
                                    return {};
                                });
    return open_board_channel(std::move(board), serial_channel(node, channel), surroundings);
}

Result<std::unique_ptr<PowerSwitch>> open(const markup::Node& node, const PowerSurroundings& surroundings) {
    if (node.has("port")) return open_serial(node, surroundings);
    TRY_ASSIGN(const auto chosen, choose_usb_board(usb_wish(node, "usb-port"), candidates()));
    const auto entry = chosen.entry;
    auto present = [entry]() -> Status {
        const auto now = list_usb_devices();
        const bool there = std::any_of(now.begin(), now.end(), [&](const auto& one) {
            return one.port == entry.port && usb_instance(one) == usb_instance(entry);
        });
        return there ? Status() : Status(bench_error("the board was unplugged from USB port " + entry.port));
    };
    return open_usb_channel(node, surroundings, chosen, 0,
                            lcus::make_hid_board(usb_opener(entry), std::move(present)));
}

std::string contact(const markup::Node& node) {
    if (node.has("port")) return serial_contact(node);
    return usb_contact(node) + (node.has("usb-port") ? " at port " + node.text("usb-port") : "");
}

std::vector<FoundBoard> find() {
    std::vector<FoundBoard> boards;
    for (const auto& candidate : candidates()) {
        boards.push_back(found_usb_board("lcus-relay", candidate, 0));
        boards.back().choice = "usb-port=\"" + candidate.entry.port + "\"";
    }
    return boards;
}

}  // namespace

const PowerDriver& driver() {
    static const PowerDriver driver{
        .name = "lcus-relay",
        .element = {.name = "power",
                    .doc = "An LCUS relay board behind a CH340 serial adapter, or its HID variant "
                           "(5131:2007). It cannot be read back.",
                    .attributes = {{.name = "port",
                                    .kind = markup::Kind::path,
                                    .doc = "Its serial port, best by a name that lasts: "
                                           "/dev/serial/by-path/...; absent for the HID variant."},
                                   {.name = "usb-port",
                                    .kind = markup::Kind::word,
                                    .doc = "The USB port of the HID variant, if there are several: 1-1.4."},
                                   channel_attribute("The relay, from 1."),
                                   settle_attribute("500ms")}},
        .first_channel = 1,
        .last_channel = 8,
        .open = open,
        .contact = contact,
        .find = find};
    return driver;
}

}  // namespace cambench::power::lcus_relay_driver
