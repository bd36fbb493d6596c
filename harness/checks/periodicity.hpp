#pragma once

#include <map>
#include <optional>
#include <vector>

#include "harness/core/time.hpp"

namespace cambench {

/// A rhythm in a series of moments.
struct Period {
    Nanoseconds length{};   ///< median distance of beats
    double jitter = 0;      ///< half of the middle four fifths of the distances, as a share of it
    std::size_t beats = 0;  ///< bursts count once
    double chance = 1;      ///< how often moments at random look as regular
};

/// How wide the distances of random series spread, by the number of their beats: always the same series,
/// drawn once for each number.
class RandomRhythms {
public:
    /// The share of series with as many beats that are at least as regular.
    [[nodiscard]] double chance_of(double share, std::size_t beats);

private:
    std::map<std::size_t, std::vector<double>> shares_;  ///< sorted
};

/// The rhythm of these sorted moments, if they have one that chance gives less than once in 200 times.
/// Retries close behind each other count as one beat, a lost beat does no harm. Fewer than six beats prove
/// nothing.
///
/// The measure is the width of the middle four fifths of the distances over their median; what chance gives
/// is found by the same measure over random (Poisson) series of the same number of beats, always the same
/// ones. Long series are looked at part by part: whoever begins by the clock after hundreds of moments
/// without any is found as well.
[[nodiscard]] std::optional<Period> find_period(const std::vector<WallTime>& moments, RandomRhythms& random);

}  // namespace cambench
