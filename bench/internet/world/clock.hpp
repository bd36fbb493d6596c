#pragma once

#include "harness/core/time.hpp"

namespace cambench::internet {

/// The time the fake internet tells: a wall clock the scenario sets and advances, running at the pace of the
/// monotonic clock.
class FakeClock {
public:
    explicit FakeClock(WallTime start, Monotonic::time_point now = Monotonic::now())
        : base_(start), set_at_(now) {}

    [[nodiscard]] WallTime now(Monotonic::time_point at = Monotonic::now()) const {
        return base_ + (at - set_at_);
    }
    void set(WallTime time, Monotonic::time_point at = Monotonic::now()) {
        base_ = time;
        set_at_ = at;
    }
    void advance(Nanoseconds by) { base_ += by; }

private:
    WallTime base_;
    Monotonic::time_point set_at_;
};

}  // namespace cambench::internet
