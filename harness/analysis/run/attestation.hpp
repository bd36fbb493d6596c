#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/analysis/observations/observations.hpp"

namespace cambench::analysis {

/// A stretch of the run.
struct Span {
    Nanoseconds begin{}, end{};
    [[nodiscard]] Nanoseconds length() const { return end - begin; }
};

/// Why a stretch proves nothing.
struct AttestationDoubt {
    std::string what;  ///< "the link was down"
    Span span;
};

/// A window and how much of it somebody answers for: the bench worked, the link was up, the unit was there.
struct AttestedWindow {
    std::string label;  ///< of <observe>; "" without
    Span span;
    Nanoseconds attested{};
    std::vector<AttestationDoubt> doubts;  ///< in order of their beginning
};

/// The unit started anew, and nothing that the bench did lets it.
struct UnorderedRestart {
    Nanoseconds time{};
    std::string sign;  ///< what shows it, raw: a line of the console
    std::uint64_t line = 0;
};

/// From `time` on only other addresses were heard on the slot's wire than before.
struct ChangedUnit {
    Nanoseconds time{};
    MacAddress before, after;
    bool since_last_scenario = false;
};

/// What the run's own witnesses say of it: heartbeats, link, questions to the unit, console.
struct Attestation {
    bool present = false;  ///< false: a foreign recording, or a run of a bench that kept no such witnesses
    std::vector<AttestedWindow> windows;
    std::vector<AttestationDoubt>
        outside;  ///< the bench did not work, with the unit's power on and beyond all windows
    std::vector<UnorderedRestart> restarts;
    std::optional<ChangedUnit> changed;
};

/// Pure: from the events and the console of the run.
[[nodiscard]] Attestation attest(const Observations& observations);

}  // namespace cambench::analysis
