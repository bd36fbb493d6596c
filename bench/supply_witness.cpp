#include "bench/supply_witness.hpp"

#include <algorithm>

namespace cambench {
namespace {

/// Fewer frames have no pace.
constexpr std::uint64_t least_frames = 3;
/// A watch without power says something when it lasted so long, and so many times the unit's longest pause:
/// until a link is up, nobody is heard.
constexpr Nanoseconds least_watch = std::chrono::seconds(3);
constexpr int pauses_in_watch = 3;
/// Silence is waited for as long as the unit ever paused, within these.
constexpr Nanoseconds least_patience = std::chrono::milliseconds(500),
                      most_patience = std::chrono::seconds(2);

}  // namespace

bool FrameWitness::heard_since(const sandbox::Sender& sender) const {
    const auto found = counts_.find(sender.mac);
    return sender.frames > (found == counts_.end() ? 0 : found->second);
}

void FrameWitness::watch(const Senders& senders, Time now) {
    counts_.clear();
    for (const auto& sender : senders) counts_[sender.mac] = sender.frames;
    watching_ = now;
}

void FrameWitness::before_power_on(const Senders& senders, Time now) {
    for (const auto& sender : senders)
        if (heard_since(sender)) strangers_.insert(sender.mac);
    if (watching_) watched_ = std::max<Nanoseconds>(watched_, now - *watching_);
    watching_.reset();
    units_.clear();
}

void FrameWitness::before_power_off(const Senders& senders, const std::set<MacAddress>& leased, Time now) {
    units_.clear();
    patience_ = least_patience;
    for (const auto& sender : senders) {
        const auto pause = std::max<Nanoseconds>(sender.longest_pause, now - sender.last);
        const bool kept_silent =
            sender.frames >= least_frames && watched_ >= std::max(least_watch, pauses_in_watch * pause);
        if (strangers_.contains(sender.mac) || !(kept_silent || leased.contains(sender.mac))) continue;
        units_.insert(sender.mac);
        patience_ = std::clamp(pause, patience_, most_patience);
    }
}

std::optional<MacAddress> FrameWitness::accuses(const Senders& senders) const {
    if (!watching_) return std::nullopt;
    for (const auto& sender : senders)
        if (units_.contains(sender.mac) && heard_since(sender)) return sender.mac;
    return std::nullopt;
}

}  // namespace cambench
