#include "drivers/power/board_tables.hpp"
#include "drivers/power/boards/ft245r.hpp"

#include <fmt/format.h>

#include "harness/core/text.hpp"

namespace cambench::power::ft245r_relay_driver {
namespace {

constexpr unsigned pins = 8;

std::vector<UsbCandidate> candidates() {
    auto all = usb_candidates({{ft245r::vendor, ft245r::product}}, ft245r::name);
    std::erase_if(all, [](const auto& candidate) { return candidate.entry.name != ft245r::name; });
    return all;
}

/// Its UART adapters have the same ids: one that is named by its port deserves an answer.
Status refuse_uart_adapter(const std::string& port) {
    for (const auto& other : usb_candidates({{ft245r::vendor, ft245r::product}}))
        if (other.entry.port == port && other.entry.name != ft245r::name)
            return usage_error(fmt::format("ft245r-relay: '{}' at USB port {} is no '{}', but a UART adapter",
                                           inert(other.entry.name), port, ft245r::name));
    return {};
}

std::unique_ptr<RelayBoard> board_of(const UsbEntry& entry) {
    const auto open = usb_opener(entry);
    return ft245r::make_board(open, [port = entry.port]() -> Result<std::string> {
        for (const auto& now : list_usb_devices())
            if (now.port == port) return usb_instance(now);
        return bench_error("the board was unplugged from USB port " + port);
    });
}

Result<std::unique_ptr<PowerSwitch>> open(const markup::Node& node, const PowerSurroundings& surroundings) {
    if (node.has("port")) TRY(refuse_uart_adapter(node.text("port")));
    TRY_ASSIGN(const auto chosen, choose_usb_board(usb_wish(node), candidates()));
    return open_usb_channel(node, surroundings, chosen, pins, board_of(chosen.entry));
}

std::vector<FoundBoard> find() {
    std::vector<FoundBoard> boards;
    for (const auto& candidate : candidates()) {
        boards.push_back(found_usb_board("ft245r-relay", candidate, pins));
        ask_channels(boards.back(), *board_of(candidate.entry));
    }
    return boards;
}

}  // namespace

const PowerDriver& driver() {
    static const PowerDriver driver{
        .name = "ft245r-relay",
        .element =
            {.name = "power",
             .doc =
                 "A SainSmart relay board on an FT245R chip in bit-bang mode; it reads back the chip's pins.",
             .attributes = {usb_serial_attribute(), usb_port_attribute(),
                            channel_attribute("The relay, from 1."), settle_attribute("500ms")}},
        .first_channel = 1,
        .last_channel = pins,
        .open = open,
        .contact = usb_contact,
        .find = find};
    return driver;
}

}  // namespace cambench::power::ft245r_relay_driver
