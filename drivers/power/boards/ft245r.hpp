#pragma once

#include <functional>
#include <memory>

#include "drivers/power/dialogue.hpp"
#include "drivers/power/relay_board.hpp"

/// SainSmart boards of 4 or 8 relays on the eight pins of an FT245R (0403:6001, "FT245R USB FIFO") in
/// bit-bang mode.
///
/// The ids are those of FTDI's UART adapters as well, a camera's console among them: only the name tells them
/// apart. Before the pins are outputs they float and read as ones; whether they are outputs cannot be asked,
/// so it is noted beside the board's lock.
namespace cambench::ft245r {

constexpr std::uint16_t vendor = 0x0403, product = 0x6001;
constexpr auto name = "FT245R USB FIFO";

/// Mode 1, all eight pins outputs.
constexpr UsbSetup bit_bang{0x40, 0x0b, 0x01ff, 0};
constexpr UsbSetup read_pins{0xc0, 0x0c, 0, 0};

[[nodiscard]] std::uint8_t with(std::uint8_t pins, unsigned channel, PowerSwitch::State wanted);
[[nodiscard]] Result<std::uint8_t> parse_pins(ByteView bytes);

/// `instance` tells a board that was plugged in anew from the one before.
[[nodiscard]] std::unique_ptr<RelayBoard> make_board(UsbOpener open,
                                                     std::function<Result<std::string>()> instance);

}  // namespace cambench::ft245r
