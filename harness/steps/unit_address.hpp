#pragma once

#include <optional>
#include <string>

#include "harness/steps/step_context.hpp"

namespace cambench {

/// How long a unit may have an address of its own and ask no DHCP server until it counts as one that never
/// will. Boot loaders use addresses of their own for seconds, and firmware may take half a minute to its DHCP
/// client.
constexpr auto usual_static_after = std::chrono::seconds(30);

/// Waits, look by look, for the unit to be reachable since a start: by a lease, or at an address of its own.
class AddressWatch {
public:
    /// `lease`: which of DHCP's acknowledgements counts.
    AddressWatch(StepContext& context, const StepContext::PowerOn& since, Nanoseconds static_after,
                 bool (*lease)(const Event&) = is_lease)
        : context_(context), since_(since), static_after_(static_after), lease_(lease) {}

    /// Without waiting. For people, how the unit is known to be there: "the camera took a lease"; nullopt: it
    /// is not yet.
    [[nodiscard]] Result<std::optional<std::string>> look();
    /// The same when time is over: who asked DHCP and took no lease may be there all the same.
    [[nodiscard]] Result<std::optional<std::string>> last_look();
    /// What the unit has shown instead; "" when nothing.
    [[nodiscard]] std::string instead() const;

private:
    enum class Time { left, over };
    [[nodiscard]] Result<std::optional<std::string>> look(Time time);
    [[nodiscard]] Result<std::optional<std::string>> look_for_own(Time time);
    [[nodiscard]] Status ask(Nanoseconds now);
    [[nodiscard]] bool is_settled(const UnitAddresses::Shown& one, Nanoseconds now) const;
    [[nodiscard]] std::string describe(const UnitAddresses::Shown& one) const;

    StepContext& context_;
    StepContext::PowerOn since_;
    Nanoseconds static_after_;
    bool (*lease_)(const Event&);
    Deadline next_question_ = Deadline::after(Nanoseconds::zero()),
             next_call_ = Deadline::after(Nanoseconds::zero());
};

/// Watches a unit at an address of its own for the moment at which it stops answering, as it does when it
/// restarts. Of a unit with a lease it never says anything: that asks for its address anew.
class AnswerWatch {
public:
    explicit AnswerWatch(StepContext& context) : context_(context), begun_(context.here().time) {}
    [[nodiscard]] Result<bool> fell_silent();

private:
    StepContext& context_;
    Nanoseconds begun_;
    Deadline next_question_ = Deadline::after(Nanoseconds::zero());
};

/// Until the unit is reachable; a Fault::dut error when it is not in that time.
[[nodiscard]] Result<std::string> await_address(StepContext& context, AddressWatch watch, Nanoseconds within);

}  // namespace cambench
