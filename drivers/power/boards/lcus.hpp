#pragma once

#include <memory>

#include "drivers/power/dialogue.hpp"
#include "drivers/power/relay_board.hpp"

/// LCUS-1 to LCUS-8: four bytes at 9600 baud behind a CH340, or the same four bytes as a HID report
/// (5131:2007).
///
/// The common firmware acknowledges nothing and cannot be asked: what the contact does is only seen by its
/// effect.
namespace cambench::lcus {

constexpr std::uint16_t hid_vendor = 0x5131, hid_product = 0x2007;
constexpr unsigned baud = 9600;

/// A0, channel, 01 or 00, and the sum of the three.
[[nodiscard]] Bytes encode(unsigned channel, PowerSwitch::State wanted);

[[nodiscard]] std::unique_ptr<RelayBoard> make_serial_board(StreamOpener open, PresenceCheck present);
[[nodiscard]] std::unique_ptr<RelayBoard> make_hid_board(UsbOpener open, PresenceCheck present);

}  // namespace cambench::lcus
