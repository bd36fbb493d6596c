#pragma once

#include <filesystem>
#include <optional>

#include "harness/core/result.hpp"

namespace cambench {

/// One switched supply of a camera.
///
/// Implementations own the hardware handle and leave the contact as it is when destroyed. Not thread-safe.
class PowerSwitch {
public:
    enum class State { off, on };
    virtual ~PowerSwitch() = default;

    /// Returns once the board acknowledged. Idempotent.
    [[nodiscard]] virtual Status set(State wanted) = 0;

    /// Reads the contact back from the board, never from what was last set. nullopt: this board cannot tell.
    [[nodiscard]] virtual Result<std::optional<State>> read_back() = 0;

    /// Puts the unit's flash back as it left the factory, while it is off. False: the unit is real, only
    /// hands can do that.
    [[nodiscard]] virtual Result<bool> restore() { return false; }

    /// Puts a memory card with this content into the unit, or takes it out; it is there from the next
    /// power-on. False: the unit is real, only hands can do that.
    [[nodiscard]] virtual Result<bool> put_card(const std::optional<std::filesystem::path>& /*content*/) {
        return false;
    }
};

[[nodiscard]] inline const char* to_string(PowerSwitch::State state) {
    return state == PowerSwitch::State::on ? "on" : "off";
}

}  // namespace cambench
