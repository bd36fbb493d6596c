#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "bench/sandbox/wire.hpp"

/// What besides the console shows that a unit has no power, and whether it is able to: behind a network
/// switch the link stays up with any camera, and frames may come from somebody else. Only a witness that has
/// been seen to tell accuses a contact.
namespace cambench {

/// The link of a slot's interface. It tells when it was down without power and came up with it, or once fell
/// with the power.
class LinkWitness {
public:
    void before_power_on(bool up) { down_before_ = !up; }
    void before_power_off(bool up) { up_with_power_ = up; }
    void after_power_off(bool up) { fell_ = fell_ || (up_with_power_ && !up); }

    /// Whether the link says of the unit, now without power, that it has some.
    [[nodiscard]] bool accuses(bool up) const { return up && tells(); }
    [[nodiscard]] bool tells() const { return up_with_power_ && (down_before_ || fell_); }

private:
    bool down_before_ = false, up_with_power_ = false, fell_ = false;
};

/// The frames on a slot's wire. An address is the unit's when it was never heard without power and either
/// took a lease with power, or was silent without power for several times as long as it ever paused with
/// power.
class FrameWitness {
public:
    using Senders = std::vector<sandbox::Sender>;
    using Time = Monotonic::time_point;

    /// The unit is believed silent: what comes from now on comes without power.
    void watch(const Senders& senders, Time now);
    void before_power_on(const Senders& senders, Time now);
    void before_power_off(const Senders& senders, const std::set<MacAddress>& leased, Time now);

    /// An address of the unit that was heard since watch() began.
    [[nodiscard]] std::optional<MacAddress> accuses(const Senders& senders) const;
    [[nodiscard]] bool tells() const { return !units_.empty(); }
    /// How long silence has to last until it says something.
    [[nodiscard]] Nanoseconds patience() const { return patience_; }

private:
    [[nodiscard]] bool heard_since(const sandbox::Sender& sender) const;

    std::map<MacAddress, std::uint64_t> counts_;  ///< frames when the watch began
    std::set<MacAddress> strangers_, units_;
    std::optional<Time> watching_;
    Nanoseconds watched_{};  ///< the longest watch so far
    Nanoseconds patience_{};
};

}  // namespace cambench
