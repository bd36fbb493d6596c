#pragma once

#include <memory>
#include <string>

#include "drivers/power/dialogue.hpp"
#include "drivers/power/relay_board.hpp"

/// V-USB HID relay boards of dcttech.com and their many copies (16c0:05df, "USBRelay1" to "USBRelay8").
///
/// Feature report 0, eight bytes, by class requests to the *device*: so no interface needs to be claimed and
/// hidraw keeps working. Sources: pdudaemon vusbhid.py, labgrid usb_hid_relay.py, pavel-a/usb-relay-hid.
namespace cambench::dcttech {

/// The id is V-USB's, shared by thousands of hobby devices: only the name tells a relay board.
constexpr std::uint16_t vendor = 0x16c0, product = 0x05df;
constexpr auto name_prefix = "USBRelay";
constexpr std::size_t report_size = 8;

/// FF n: on; FD n: off; padded to the report's size.
[[nodiscard]] Bytes encode(unsigned channel, PowerSwitch::State wanted);

struct Report {
    std::string serial;  ///< five bytes at most; foreign text
    std::uint8_t contacts =
        0;  ///< bit 0 is channel 1. The firmware's variable: a welded contact is not seen in it
};
[[nodiscard]] Result<Report> parse_report(ByteView bytes);

/// The number at the end of the name: "USBRelay4" has 4 channels. 0 when there is none.
[[nodiscard]] unsigned channels_of(const std::string& name);

[[nodiscard]] Result<Report> read_report(UsbDevice& device);

/// `serial`: what the board must say it is, at every reading; "": any.
[[nodiscard]] std::unique_ptr<RelayBoard> make_board(UsbOpener open, std::string serial);

}  // namespace cambench::dcttech
