#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "harness/core/result.hpp"

namespace cambench {

using Nanoseconds = std::chrono::nanoseconds;
using Milliseconds = std::chrono::milliseconds;
using Monotonic = std::chrono::steady_clock;  ///< CLOCK_MONOTONIC: the same in every process of the host
using WallTime = std::chrono::sys_time<Nanoseconds>;

/// "500ms", "2s", "1m", "3h", "30d", "1.5s": a number and its unit; a missing unit is a usage error.
[[nodiscard]] Result<Nanoseconds> parse_duration(std::string_view text);
/// The shortest exact text that parse_duration reads back: "90s", "500ms".
[[nodiscard]] std::string format_duration(Nanoseconds duration);
/// For people: "0.42 s", "12.3 s", "4 min 05 s".
[[nodiscard]] std::string describe_duration(Nanoseconds duration);

/// RFC 3339 in UTC with optional fraction: "2026-11-21T09:00:00Z".
[[nodiscard]] Result<WallTime> parse_timestamp(std::string_view text);
/// "2026-11-21T09:00:00.123456Z"
[[nodiscard]] std::string format_timestamp(WallTime time);
/// "Sat, 21 Nov 2026 09:00:00 GMT", the HTTP date of RFC 9110.
[[nodiscard]] std::string format_http_date(WallTime time);

/// A point on the monotonic clock that nested calls share: pass it on, never restart it.
class Deadline {
public:
    [[nodiscard]] static Deadline after(Nanoseconds duration) {
        return Deadline(Monotonic::now() + duration);
    }
    [[nodiscard]] static Deadline at(Monotonic::time_point when) { return Deadline(when); }

    [[nodiscard]] bool passed() const { return Monotonic::now() >= when_; }
    [[nodiscard]] Monotonic::time_point when() const { return when_; }
    /// Never negative; rounded up, so that a poll() with it does not spin.
    [[nodiscard]] Milliseconds remaining() const;
    /// The earlier of this and `other`.
    [[nodiscard]] Deadline sooner(Deadline other) const { return Deadline(std::min(when_, other.when_)); }

private:
    explicit Deadline(Monotonic::time_point when) : when_(when) {}
    Monotonic::time_point when_;
};

/// The one clock of a run: nanoseconds since the run began, on CLOCK_MONOTONIC, with the wall clock's time at
/// zero.
struct RunClock {
    Monotonic::time_point zero;
    WallTime wall_zero;

    [[nodiscard]] static RunClock start();
    [[nodiscard]] Nanoseconds now() const { return Monotonic::now() - zero; }
    /// Run time of a wall-clock stamp (the kernel stamps captured frames with the wall clock).
    [[nodiscard]] Nanoseconds at(WallTime wall) const { return wall - wall_zero; }
    [[nodiscard]] WallTime wall(Nanoseconds run_time) const { return wall_zero + run_time; }
};

}  // namespace cambench
