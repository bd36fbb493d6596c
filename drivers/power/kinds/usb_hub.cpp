#include "drivers/power/boards/usb_hub.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "drivers/power/board_tables.hpp"
#include "harness/core/text.hpp"

namespace cambench::power::usb_hub_driver {
namespace {

constexpr unsigned hub_class = 9;

usb_hub::Speed speed_of(const UsbEntry& hub) {
    return hub.is_superspeed ? usb_hub::Speed::super : usb_hub::Speed::high;
}

Result<usb_hub::Descriptor> describe(const UsbEntry& hub) {
    TRY_ASSIGN(const auto device, open_usb_device(hub));
    return usb_hub::read_descriptor(*device, speed_of(hub));
}

std::vector<UsbEntry> hubs() {
    auto all = list_usb_devices();
    std::erase_if(all, [](const auto& entry) { return entry.device_class != hub_class; });
    return all;
}

std::string name_of(const std::string& hub, unsigned port) {
    return fmt::format("usb-hub at USB port {}, channel {}", hub, port);
}

/// Only hubs that switch each port alone: the others would switch all cameras, or none.
Result<UsbEntry> switching_hub(const std::string& port, unsigned channel) {
    const auto all = hubs();
    const auto hub = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.port == port; });
    if (hub == all.end()) return bench_error(name_of(port, channel) + ": there is no hub");
    auto descriptor = describe(*hub);
    if (!descriptor) return std::move(descriptor).error().in(name_of(port, channel));
    if (!descriptor->switches_each_port)
        return usage_error(
            fmt::format("{}: {} cannot switch single ports", name_of(port, channel), inert(hub->name)));
    if (channel > descriptor->ports)
        return usage_error(
            fmt::format("{}: {} has {} ports", name_of(port, channel), inert(hub->name), descriptor->ports));
    return *hub;
}

Result<std::unique_ptr<PowerSwitch>> open(const markup::Node& node, const PowerSurroundings& surroundings) {
    TRY_ASSIGN(const auto port, channel_of(node));
    TRY_ASSIGN(const auto hub, switching_hub(node.text("port"), port));
    std::vector<usb_hub::Half> halves{{usb_opener(hub), speed_of(hub), port}};
    BoardChannel place{.key = "usb-" + hub.port,
                       .name = fmt::format("usb-hub {} at USB port {}", inert(hub.name), hub.port),
                       .channel = port,
                       .settle = node.duration("settle")};
    if (const auto peer = peer_of_hub_port(hub, port)) {
        TRY_ASSIGN(const auto other, switching_hub(peer->hub, peer->port));
        halves.push_back({usb_opener(other), speed_of(other), peer->port});
        // Whichever of the two a bench file names, it means the same socket.
        if (other.port < hub.port) place.key = "usb-" + other.port, place.channel = peer->port;
    }
    return open_board_channel(usb_hub::make_board(std::move(halves)), std::move(place), surroundings);
}

std::vector<FoundBoard> find() {
    std::vector<FoundBoard> boards;
    for (const auto& hub : hubs()) {
        FoundBoard board{.driver = "usb-hub",
                         .name = hub.name,
                         .serial = hub.serial,
                         .port = hub.port,
                         .choice = "port=\"" + hub.port + "\""};
        const auto descriptor = describe(hub);
        if (!descriptor) {
            board.trouble = descriptor.error().message;
            boards.push_back(std::move(board));
            continue;
        }
        if (!descriptor->switches_each_port) continue;
        const auto device = open_usb_device(hub);
        for (unsigned port = 1; device && port <= descriptor->ports; ++port) {
            const auto bytes = (*device)->control_in(usb_hub::status_request(port), usb_hub::status_size);
            const auto state = bytes ? usb_hub::parse_status(*bytes, speed_of(hub))
                                     : Result<PowerSwitch::State>(bytes.error());
            board.states.push_back(state ? std::optional(*state) : std::nullopt);
        }
        board.channels = descriptor->ports;
        boards.push_back(std::move(board));
    }
    return boards;
}

}  // namespace

const PowerDriver& driver() {
    static const PowerDriver driver{
        .name = "usb-hub",
        .element = {.name = "power",
                    .doc = "A socket of a USB hub that switches the power of each port. Many hubs say they "
                           "do and only cut the data lines: try with a "
                           "meter.",
                    .attributes =
                        {{.name = "port",
                          .kind = markup::Kind::word,
                          .doc = "The USB port the hub is plugged into, as 'cambench devices' lists it: 1-1.",
                          .required = true},
                         channel_attribute("The hub's socket, from 1."),
                         settle_attribute("1s")}},
        .first_channel = 1,
        .last_channel = 31,
        .open = open,
        .contact = usb_contact,
        .find = find};
    return driver;
}

}  // namespace cambench::power::usb_hub_driver
