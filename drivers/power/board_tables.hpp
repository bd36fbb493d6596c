#pragma once

#include <string>

#include "drivers/power/dialogue.hpp"
#include "drivers/power/power_driver.hpp"
#include "drivers/power/relay_board.hpp"
#include "drivers/transport/usb_tree.hpp"
#include "harness/core/markup/markup.hpp"

/// What the tables and openers of relay boards share.
namespace cambench {

[[nodiscard]] markup::Attribute channel_attribute(std::string doc);
[[nodiscard]] markup::Attribute settle_attribute(std::string fallback);
[[nodiscard]] markup::Attribute usb_port_attribute();
[[nodiscard]] markup::Attribute usb_serial_attribute();
[[nodiscard]] markup::Attribute serial_port_attribute();

/// The channel of `node`, if its driver's boards can have it.
[[nodiscard]] Result<unsigned> channel_of(const markup::Node& node);

/// "channel 1 of dcttech-relay BITFT at port 1-1.4", from the bench file alone.
[[nodiscard]] std::string usb_contact(const markup::Node& node);
/// The same for boards on a serial port.
[[nodiscard]] std::string serial_contact(const markup::Node& node);

/// The key, name and timing of a channel at a serial port. The key is the device file behind all links to it.
[[nodiscard]] BoardChannel serial_channel(const markup::Node& node, unsigned channel);

/// Changes when the board behind a device file is plugged in anew.
[[nodiscard]] Result<std::string> serial_instance(const std::string& port);
[[nodiscard]] std::string usb_instance(const UsbEntry& entry);

/// A device that may be the board meant.
struct UsbCandidate {
    UsbEntry entry;
    std::string serial;   ///< as the driver knows it: from the descriptor, or from the board's own memory
    std::string trouble;  ///< why the serial could not be read; "" when it could
};

/// What a bench file says of a USB board; `port` and `serial` may be "".
struct UsbWish {
    std::string driver, port, serial;
    unsigned channel = 1;
    /// "dcttech-relay 'BITFT' at USB port 1-1.4, channel 1"
    [[nodiscard]] std::string to_string() const;
};
[[nodiscard]] UsbWish usb_wish(const markup::Node& node, std::string_view port_attribute = "port");

/// The one board that fits the wish. Errors say what there is instead; two boards that both fit are told
/// apart by the port.
[[nodiscard]] Result<UsbCandidate> choose_usb_board(const UsbWish& wish,
                                                    const std::vector<UsbCandidate>& candidates);

/// Opens the device that is at the port of `entry` then, if it is still of that kind.
[[nodiscard]] UsbOpener usb_opener(const UsbEntry& entry);

/// The switch for the channel that `node` wants of the board `chosen`, which has `channels` of them (0:
/// nobody knows).
[[nodiscard]] Result<std::unique_ptr<PowerSwitch>> open_usb_channel(const markup::Node& node,
                                                                    const PowerSurroundings& surroundings,
                                                                    const UsbCandidate& chosen,
                                                                    unsigned channels,
                                                                    std::unique_ptr<RelayBoard> board);

/// Those devices whose vendor and product are in `ids` and whose name begins with `name`, each with the
/// descriptor's serial.
struct UsbId {
    std::uint16_t vendor = 0, product = 0;
};
[[nodiscard]] std::vector<UsbCandidate> usb_candidates(const std::vector<UsbId>& ids,
                                                       const std::string& name = "");

/// A board for `cambench devices`, its channels not asked yet.
[[nodiscard]] FoundBoard found_usb_board(const std::string& driver, const UsbCandidate& candidate,
                                         unsigned channels);

/// Reads every channel of `found` through `board`.
void ask_channels(FoundBoard& found, RelayBoard& board);

}  // namespace cambench
