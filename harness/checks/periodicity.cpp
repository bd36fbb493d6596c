#include "harness/checks/periodicity.hpp"

#include <algorithm>
#include <cmath>
#include <span>

namespace cambench {
namespace {

constexpr std::size_t fewest_beats = 6, most_moments = 400;
constexpr int random_series = 1000;
constexpr double likely_chance = 0.004;

/// A small fixed generator (splitmix64): the same series on every machine.
class Random {
public:
    double unit() {
        state_ += 0x9e3779b97f4a7c15;
        auto value = state_;
        value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
        value = (value ^ value >> 27) * 0x94d049bb133111eb;
        value ^= value >> 31;
        return (static_cast<double>(value >> 11) + 0.5) / 9007199254740992.0;
    }

private:
    std::uint64_t state_ = 0x63616d62656e6368;
};

double quantile(std::vector<double> values, double share) {
    const auto rank = values.begin() + static_cast<std::ptrdiff_t>(
                                           std::lround(share * static_cast<double>(values.size() - 1)));
    std::nth_element(values.begin(), rank, values.end());
    return *rank;
}

std::vector<double> distances(const std::vector<double>& moments) {
    std::vector<double> between;
    for (std::size_t i = 1; i < moments.size(); ++i) between.push_back(moments[i] - moments[i - 1]);
    return between;
}

/// Joins moments that lie much closer than the usual distance: retries of one beat. All addresses of a name
/// at once, as clients of NTP try them, are a burst and no clock, however even.
std::vector<double> beats_of(const std::vector<double>& moments) {
    if (moments.size() < 3) return moments;
    constexpr double burst = 0.2;
    const double closest = std::max(quantile(distances(moments), 0.75) * 0.3, burst);
    std::vector<double> beats{moments.front()};
    for (const auto moment : moments) {
        if (moment - beats.back() > closest) beats.push_back(moment);
    }
    return beats;
}

struct Spread {
    double middle = 0, share = 1;
    std::size_t beats = 0;
};

/// Takes distances of about twice or three times the usual one for beats that were lost, unless there are
/// many of them.
void mend_lost_beats(std::vector<double>& between, double middle) {
    std::vector<double> mended = between;
    std::size_t lost = 0;
    for (auto& one : mended) {
        const double times = std::round(one / middle);
        if (times < 2 || times > 3 || std::abs(one / times - middle) >= 0.15 * middle) continue;
        one /= times;
        ++lost;
    }
    if (lost * 8 <= between.size()) between = std::move(mended);
}

Spread spread_of(const std::vector<double>& beats) {
    if (beats.size() < 2) return {};
    auto between = distances(beats);
    const double middle = quantile(between, 0.5);
    if (middle <= 0) return {};
    mend_lost_beats(between, middle);
    return {middle, (quantile(between, 0.9) - quantile(between, 0.1)) / middle, beats.size()};
}

/// The shares of random series with so many beats, sorted.
std::vector<double> random_shares(std::size_t beats) {
    Random random;
    std::vector<double> shares;
    for (int series = 0; series < random_series; ++series) {
        std::vector<double> moments;
        double now = 0;
        for (std::size_t i = 0; i < beats * 2; ++i) moments.push_back(now += -std::log(random.unit()));
        auto drawn_beats = beats_of(moments);  // joining bursts takes about a third of random moments away
        if (drawn_beats.size() < beats) continue;
        drawn_beats.resize(beats);
        shares.push_back(spread_of(drawn_beats).share);
    }
    std::sort(shares.begin(), shares.end());
    return shares;
}

}  // namespace

double RandomRhythms::chance_of(double share, std::size_t beats) {
    auto known = shares_.find(beats);
    if (known == shares_.end()) known = shares_.emplace(beats, random_shares(beats)).first;
    const auto& shares = known->second;
    const auto as_regular = std::upper_bound(shares.begin(), shares.end(), share) - shares.begin();
    return shares.empty() ? 1 : static_cast<double>(as_regular) / static_cast<double>(shares.size());
}

namespace {

/// `later`: not the first part of a series. Of many parts some look regular by chance, so that only what
/// never does so counts there.
std::optional<Period> period_of_part(std::span<const WallTime> moments, RandomRhythms& random, bool later) {
    if (moments.size() < fewest_beats) return std::nullopt;
    std::vector<double> seconds;
    for (const auto moment : moments)
        seconds.push_back(std::chrono::duration<double>(moment - moments.front()).count());
    const auto spread = spread_of(beats_of(seconds));
    constexpr double widest = 0.9;
    if (spread.beats < fewest_beats || spread.share > widest) return std::nullopt;
    // So many beats within so narrow a width never come by chance; no need to draw.
    constexpr std::size_t many_beats = 60;
    constexpr double narrow = 0.7;
    if (later && (spread.beats < many_beats || spread.share > narrow)) return std::nullopt;
    const auto chance = spread.beats >= many_beats && spread.share <= narrow
                            ? 0.0
                            : random.chance_of(spread.share, spread.beats);
    if (chance > likely_chance) return std::nullopt;
    return Period{Nanoseconds(static_cast<std::int64_t>(spread.middle * 1e9)), spread.share / 2, spread.beats,
                  chance};
}

}  // namespace

std::optional<Period> find_period(const std::vector<WallTime>& moments, RandomRhythms& random) {
    std::span<const WallTime> rest(moments);
    for (bool later = false; !rest.empty(); later = true) {
        const auto part = rest.first(std::min(most_moments, rest.size()));
        if (auto period = period_of_part(part, random, later)) return period;
        rest = rest.subspan(part.size());
    }
    return std::nullopt;
}

}  // namespace cambench
