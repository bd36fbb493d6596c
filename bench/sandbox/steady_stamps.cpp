#include "bench/sandbox/steady_stamps.hpp"

namespace cambench::sandbox {
namespace {

/// Less is the noise of reading two clocks one after the other.
constexpr auto noise = std::chrono::milliseconds(1);
/// More between two readings is a step: a clock is slewed by half a millisecond a second.
constexpr auto step = std::chrono::milliseconds(20);
/// A frame lies in the ring at most this long before it is read.
constexpr auto ring_time = std::chrono::milliseconds(500);

}  // namespace

void SteadyStamps::read(WallTime wall, Monotonic::time_point monotonic) {
    const auto shift = wall.time_since_epoch() - monotonic.time_since_epoch() - origin_;
    former_ = last_;
    last_ = monotonic;
    former_shift_ = shift_;
    if (std::chrono::abs(shift - shift_) <= noise) return;
    if (std::chrono::abs(shift - shift_) >= step) stepped_ += shift - shift_;
    shift_ = shift;
}

WallTime SteadyStamps::steady(WallTime stamp) const {
    const auto by_now = stamp - shift_, by_then = stamp - former_shift_;
    if (shift_ == former_shift_) return by_now;
    // The clock was set since the last reading: the frame was stamped before or after. It arrived between the
    // two readings.
    const auto begin = WallTime(origin_ + former_.time_since_epoch()) - ring_time,
               end = WallTime(origin_ + last_.time_since_epoch()) + noise;
    const auto fits = [&](WallTime time) { return begin <= time && time <= end; };
    return fits(by_then) && !fits(by_now) ? by_then : by_now;
}

}  // namespace cambench::sandbox
