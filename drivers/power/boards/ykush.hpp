#pragma once

#include <memory>

#include "drivers/power/dialogue.hpp"
#include "drivers/power/relay_board.hpp"

/// Yepkit's YKUSH hubs: they switch the 5 V of their USB sockets. HID reports of 64 bytes. Sources:
/// Yepkit/ykush, pdudaemon ykush.py.
namespace cambench::ykush {

constexpr std::uint16_t vendor = 0x04d8;
constexpr std::uint16_t ykush = 0xf2f7, ykush3 = 0xf11b, ykush_xs = 0xf0cd;
constexpr std::size_t report_size = 64;

[[nodiscard]] unsigned channels_of(std::uint16_t product);

/// 1n: on; 0n: off; the byte stands there twice.
[[nodiscard]] Bytes encode(unsigned channel, PowerSwitch::State wanted);
/// 2n: how is it?
[[nodiscard]] Bytes encode_query(unsigned channel);
/// The second byte of the answer: 1n is on, 0n is off.
[[nodiscard]] Result<PowerSwitch::State> parse_status(ByteView report, unsigned channel);

[[nodiscard]] std::unique_ptr<RelayBoard> make_board(UsbOpener open);

}  // namespace cambench::ykush
