#pragma once

#include "harness/core/time.hpp"

namespace cambench::sandbox {

/// Puts the kernel's stamps of frames, taken from the host's wall clock, on the run's clock, which nobody
/// sets: when the host's clock is stepped (or slewed) in the middle of a run, frames keep their place beside
/// power, console and scenario.
class SteadyStamps {
public:
    explicit SteadyStamps(const RunClock& clock)
        : origin_(clock.wall_zero.time_since_epoch() - clock.zero.time_since_epoch()) {}

    /// Both clocks, read at about the same time; before frames that arrived since the last reading are
    /// stamped.
    void read(WallTime wall, Monotonic::time_point monotonic);
    /// The frame's time, as a clock that began at the run's wall zero and was never set shows it.
    [[nodiscard]] WallTime steady(WallTime stamp) const;
    /// How far the wall clock has been set off the run's in steps, forwards positive. Slewing does not count.
    [[nodiscard]] Nanoseconds stepped() const { return stepped_; }

private:
    Nanoseconds origin_;            ///< wall clock less monotonic clock, at the run's beginning
    Nanoseconds shift_{};           ///< how much further the wall clock is now
    Nanoseconds former_shift_{};    ///< the same before the last reading
    Monotonic::time_point last_{};  ///< of the last reading, and the one before
    Monotonic::time_point former_{};
    Nanoseconds stepped_{};
};

}  // namespace cambench::sandbox
