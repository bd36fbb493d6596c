#include "drivers/power/boards/ykush.hpp"
#include "drivers/power/board_tables.hpp"

namespace cambench::power::ykush_driver {
namespace {

std::vector<UsbCandidate> candidates() {
    return usb_candidates(
        {{ykush::vendor, ykush::ykush}, {ykush::vendor, ykush::ykush3}, {ykush::vendor, ykush::ykush_xs}});
}

Result<std::unique_ptr<PowerSwitch>> open(const markup::Node& node, const PowerSurroundings& surroundings) {
    TRY_ASSIGN(const auto chosen, choose_usb_board(usb_wish(node), candidates()));
    return open_usb_channel(node, surroundings, chosen, ykush::channels_of(chosen.entry.product),
                            ykush::make_board(usb_opener(chosen.entry)));
}

std::vector<FoundBoard> find() {
    std::vector<FoundBoard> boards;
    for (const auto& candidate : candidates()) {
        boards.push_back(found_usb_board("ykush", candidate, ykush::channels_of(candidate.entry.product)));
        ask_channels(boards.back(), *ykush::make_board(usb_opener(candidate.entry)));
    }
    return boards;
}

}  // namespace

const PowerDriver& driver() {
    static const PowerDriver driver{
        .name = "ykush",
        .element = {.name = "power",
                    .doc = "A Yepkit YKUSH hub: it switches the 5 V of its USB sockets.",
                    .attributes = {usb_serial_attribute(), usb_port_attribute(),
                                   channel_attribute("The socket, from 1."), settle_attribute("500ms")}},
        .first_channel = 1,
        .last_channel = 3,
        .open = open,
        .contact = usb_contact,
        .find = find};
    return driver;
}

}  // namespace cambench::power::ykush_driver
