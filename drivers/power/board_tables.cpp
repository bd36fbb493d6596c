#include "drivers/power/board_tables.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "harness/core/text.hpp"

namespace cambench {
namespace {

using markup::Kind;

std::string described(const UsbCandidate& candidate) {
    const auto serial = candidate.trouble.empty() ? fmt::format("'{}'", inert(candidate.serial))
                                                  : fmt::format("serial unknown: {}", candidate.trouble);
    return fmt::format("{} at {}", serial, candidate.entry.port);
}

std::string described(const std::vector<UsbCandidate>& candidates) {
    std::vector<std::string> texts;
    for (const auto& candidate : candidates) texts.push_back(described(candidate));
    return join(texts, ", ");
}

std::filesystem::path device_behind(const std::string& port) {
    std::error_code code;
    const auto device = std::filesystem::canonical(port, code);
    return code ? std::filesystem::path(port) : device;
}

}  // namespace

markup::Attribute channel_attribute(std::string doc) {
    return {.name = "channel", .kind = Kind::integer, .doc = std::move(doc), .required = true};
}

markup::Attribute settle_attribute(std::string fallback) {
    return {.name = "settle",
            .kind = Kind::duration,
            .doc =
                "From a command until the contact has moved and the unit has, or has no longer, power. After "
                "it the state is read back, and a "
                "unit that goes on talking after power-off is a fault of the bench.",
            .fallback = std::move(fallback)};
}

markup::Attribute usb_port_attribute() {
    return {.name = "port",
            .kind = Kind::word,
            .doc = "The USB port it is plugged into, as 'cambench devices' lists it: 1-1.4."};
}

markup::Attribute usb_serial_attribute() {
    return {.name = "serial",
            .doc = "The board's serial number; boards often share one, then give the port too."};
}

markup::Attribute serial_port_attribute() {
    return {
        .name = "port",
        .kind = Kind::path,
        .doc = "Its serial port, best by a name that lasts: /dev/serial/by-path/... or /dev/serial/by-id/...",
        .required = true};
}

Result<unsigned> channel_of(const markup::Node& node) {
    const auto* driver = find_power_driver(node.text("driver"));
    const auto channel = node.integer("channel");
    if (driver == nullptr || channel < driver->first_channel || channel > driver->last_channel)
        return usage_error(fmt::format("{}: there is no channel {}", node.text("driver"), channel));
    return static_cast<unsigned>(channel);
}

std::string usb_contact(const markup::Node& node) {
    auto text = fmt::format("channel {} of {}", node.integer("channel"), node.text("driver"));
    if (node.has("serial")) text += " " + node.text("serial");
    if (node.has("port")) text += " at port " + node.text("port");
    return text;
}

std::string serial_contact(const markup::Node& node) {
    return fmt::format("channel {} of {} at {}", node.integer("channel"), node.text("driver"),
                       node.path("port").string());
}

UsbOpener usb_opener(const UsbEntry& entry) {
    return [entry]() -> Result<std::unique_ptr<UsbDevice>> {
        for (const auto& now : list_usb_devices())
            if (now.port == entry.port && now.vendor == entry.vendor && now.product == entry.product &&
                now.name == entry.name)
                return open_usb_device(now);
        return bench_error(
            fmt::format("there is no {} at USB port {} any more", inert(entry.name), entry.port));
    };
}

Result<std::unique_ptr<PowerSwitch>> open_usb_channel(const markup::Node& node,
                                                      const PowerSurroundings& surroundings,
                                                      const UsbCandidate& chosen, unsigned channels,
                                                      std::unique_ptr<RelayBoard> board) {
    TRY_ASSIGN(const auto channel, channel_of(node));
    BoardChannel place{.key = "usb-" + chosen.entry.port,
                       .name = fmt::format("{} {} '{}' at USB port {}", node.text("driver"),
                                           inert(chosen.entry.name), inert(chosen.serial), chosen.entry.port),
                       .channel = channel,
                       .settle = node.duration("settle")};
    if (channels > 0 && channel > channels)
        return usage_error(
            fmt::format("{}, channel {}: the board has {} channels", place.name, channel, channels));
    return open_board_channel(std::move(board), std::move(place), surroundings);
}

BoardChannel serial_channel(const markup::Node& node, unsigned channel) {
    const auto port = node.path("port").string();
    return {.key = "serial-" + device_behind(port).filename().string(),
            .name = fmt::format("{} at {}", node.text("driver"), port),
            .channel = channel,
            .settle = node.duration("settle")};
}

Result<std::string> serial_instance(const std::string& port) {
    struct stat status {};
    if (::stat(port.c_str(), &status) != 0) return system_error("serial port " + port, errno);
    // The kernel makes a new device file, with a new number, each time a board is plugged in.
    return fmt::format("{}-{}-{}", status.st_rdev, status.st_dev, status.st_ino);
}

std::string usb_instance(const UsbEntry& entry) { return fmt::format("{}-{}", entry.bus, entry.address); }

std::string UsbWish::to_string() const {
    return fmt::format("{}{}{}, channel {}", driver, serial.empty() ? "" : fmt::format(" '{}'", serial),
                       port.empty() ? "" : " at USB port " + port, channel);
}

UsbWish usb_wish(const markup::Node& node, std::string_view port_attribute) {
    return {.driver = node.text("driver"),
            .port = node.text(port_attribute),
            .serial = node.text("serial"),
            .channel = static_cast<unsigned>(node.integer("channel"))};
}

Result<UsbCandidate> choose_usb_board(const UsbWish& wish, const std::vector<UsbCandidate>& candidates) {
    const auto wanted = wish.to_string();
    std::vector<UsbCandidate> fitting;
    for (const auto& candidate : candidates) {
        if (!wish.port.empty() && candidate.entry.port != wish.port) continue;
        if (!wish.serial.empty() && !candidate.trouble.empty() && !wish.port.empty())
            return bench_error(wanted + ": " + candidate.trouble);
        if (!wish.serial.empty() && candidate.serial != wish.serial) continue;
        fitting.push_back(candidate);
    }
    if (fitting.size() == 1) return fitting.front();
    if (fitting.size() > 1)
        return usage_error(fmt::format("{}: {} boards fit: {}; say which with port=\"{}\"", wanted,
                                       fitting.size(), described(fitting), fitting.front().entry.port));
    if (candidates.empty()) return bench_error(wanted + ": no such board is connected");
    return bench_error(fmt::format("{}: not found; connected: {}", wanted, described(candidates)));
}

std::vector<UsbCandidate> usb_candidates(const std::vector<UsbId>& ids, const std::string& name) {
    std::vector<UsbCandidate> candidates;
    for (auto& entry : list_usb_devices()) {
        const bool known = std::any_of(ids.begin(), ids.end(), [&](const auto& id) {
            return id.vendor == entry.vendor && id.product == entry.product;
        });
        if (!known || !entry.name.starts_with(name)) continue;
        const auto serial = entry.serial;
        candidates.push_back({std::move(entry), serial, ""});
    }
    return candidates;
}

FoundBoard found_usb_board(const std::string& driver, const UsbCandidate& candidate, unsigned channels) {
    FoundBoard board{.driver = driver,
                     .name = candidate.entry.name,
                     .serial = candidate.serial,
                     .port = candidate.entry.port,
                     .channels = channels};
    const bool plain = !candidate.serial.empty() &&
                       std::all_of(candidate.serial.begin(), candidate.serial.end(), [](unsigned char c) {
                           return std::isalnum(c) || c == '-' || c == '_' || c == '.';
                       });
    if (plain) board.choice = fmt::format("serial=\"{}\" ", candidate.serial);
    board.choice += fmt::format("port=\"{}\"", candidate.entry.port);
    board.trouble = candidate.trouble;
    return board;
}

void ask_channels(FoundBoard& found, RelayBoard& board) {
    if (!found.trouble.empty()) return;
    auto lock = BoardLock::take("usb-" + found.port, Deadline::after(std::chrono::seconds(2)));
    if (!lock) {
        found.trouble = lock.error().message;
        return;
    }
    for (unsigned i = 0; i < found.channels; ++i) {
        auto state = board.read(found.first_channel + i, *lock);
        if (!state) {
            found.trouble = state.error().message;
            found.states.clear();
            return;
        }
        found.states.push_back(*state);
    }
}

}  // namespace cambench
