#include "drivers/power/board_tables.hpp"
#include "drivers/power/boards/dcttech.hpp"

namespace cambench::power::dcttech_relay_driver {
namespace {

/// The serial stands in the board's own memory, not in its descriptor: each candidate has to be asked.
std::vector<UsbCandidate> candidates() {
    auto all = usb_candidates({{dcttech::vendor, dcttech::product}}, dcttech::name_prefix);
    for (auto& candidate : all) {
        candidate.serial.clear();
        const auto device = open_usb_device(candidate.entry);
        const auto report = device ? dcttech::read_report(**device) : Result<dcttech::Report>(device.error());
        if (report)
            candidate.serial = report->serial;
        else
            candidate.trouble = report.error().message;
    }
    return all;
}

Result<std::unique_ptr<PowerSwitch>> open(const markup::Node& node, const PowerSurroundings& surroundings) {
    const auto serial = node.text("serial");
    TRY_ASSIGN(const auto chosen, choose_usb_board(usb_wish(node), candidates()));
    return open_usb_channel(node, surroundings, chosen, dcttech::channels_of(chosen.entry.name),
                            dcttech::make_board(usb_opener(chosen.entry), serial));
}

std::vector<FoundBoard> find() {
    std::vector<FoundBoard> boards;
    for (const auto& candidate : candidates()) {
        boards.push_back(
            found_usb_board("dcttech-relay", candidate, dcttech::channels_of(candidate.entry.name)));
        ask_channels(boards.back(), *dcttech::make_board(usb_opener(candidate.entry), ""));
    }
    return boards;
}

}  // namespace

const PowerDriver& driver() {
    static const PowerDriver driver{
        .name = "dcttech-relay",
        .element = {.name = "power",
                    .doc = "A USB HID relay board of the USBRelay1 to USBRelay8 kind (dcttech and copies). "
                           "It reads back its firmware's state, not the "
                           "contact.",
                    .attributes = {usb_serial_attribute(), usb_port_attribute(),
                                   channel_attribute("The relay, from 1."), settle_attribute("500ms")}},
        .first_channel = 1,
        .last_channel = 8,
        .open = open,
        .contact = usb_contact,
        .find = find};
    return driver;
}

}  // namespace cambench::power::dcttech_relay_driver
