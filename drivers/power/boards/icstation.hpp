#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "drivers/power/dialogue.hpp"
#include "drivers/power/relay_board.hpp"

/// ICStation ICSE012A (4 channels), ICSE013A (2) and ICSE014A (8): one byte at a time at 9600 baud.
///
/// After 0x50 (who are you) and 0x51 (start), every byte is a mask of all outputs, and there is no way back
/// before the board is unplugged: a second 0x50 would switch cameras. What the board was sent since it was
/// plugged in is therefore noted beside its lock, and it is greeted only when nothing is noted. Source:
/// libsigrok, icstation-usbrelay.
namespace cambench::icstation {

constexpr unsigned baud = 9600;

/// The number of channels of a board that answers `id`; nullopt for an unknown one.
[[nodiscard]] std::optional<unsigned> channels_of(std::uint8_t id);

/// All outputs of a started board, bit 0 for channel 1, active low: 0 is on.
struct Outputs {
    std::uint8_t id = 0;
    std::uint8_t mask = 0;

    [[nodiscard]] static Result<Outputs> all_off(std::uint8_t id);
    [[nodiscard]] Result<Outputs> with(unsigned channel, PowerSwitch::State wanted) const;
    [[nodiscard]] std::string to_note() const;
    /// nullopt when the note is none of ours.
    [[nodiscard]] static std::optional<Outputs> from_note(const std::string& note);
};

/// `instance` tells a board that was plugged in anew from the one before; it fails when the board has gone.
[[nodiscard]] std::unique_ptr<RelayBoard> make_board(StreamOpener open,
                                                     std::function<Result<std::string>()> instance);

}  // namespace cambench::icstation
