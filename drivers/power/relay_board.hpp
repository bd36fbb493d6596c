#pragma once

#include <memory>
#include <string>

#include "drivers/power/board_lock.hpp"
#include "drivers/power/power_driver.hpp"
#include "drivers/power/power_switch.hpp"
#include "harness/core/time.hpp"

namespace cambench {

/// A board of one or more contacts: its protocol over its transport. Called with the board's lock held, and
/// only then.
class RelayBoard {
public:
    virtual ~RelayBoard() = default;
    [[nodiscard]] virtual Status set(unsigned channel, PowerSwitch::State wanted, BoardLock& lock) = 0;
    /// As PowerSwitch::read_back. Fails when the board has gone, even if it cannot tell.
    [[nodiscard]] virtual Result<std::optional<PowerSwitch::State>> read(unsigned channel,
                                                                         BoardLock& lock) = 0;
};

/// One channel of a board, as a bench file chooses it.
struct BoardChannel {
    std::string key;   ///< of the board's lock: the same for everybody who means this board
    std::string name;  ///< for messages: "dcttech-relay USBRelay2 'BITFT' at USB port 1-1.4"
    unsigned channel = 1;
    Nanoseconds settle{};  ///< from a command until the contact, and what hangs on it, has followed
    Nanoseconds patience = std::chrono::seconds(10);  ///< with others who use the board
};

/// The supply behind one channel. Setting: the command, the settle time, and the state read back from the
/// board; a board that says otherwise is an error. Switching off is tried twice.
[[nodiscard]] Result<std::unique_ptr<PowerSwitch>> open_board_channel(std::unique_ptr<RelayBoard> board,
                                                                      BoardChannel channel,
                                                                      const PowerSurroundings& surroundings);

}  // namespace cambench
