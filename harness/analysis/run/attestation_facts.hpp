#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/analysis/run/attestation.hpp"

namespace cambench::analysis {

struct NamedSpan {
    std::string label;
    Span span;
};

/// A frame from the camera's side.
struct Sign {
    Nanoseconds time{};
    MacAddress mac;
};

/// The bench asked the wire for the unit.
struct Question {
    Nanoseconds time{};
    bool answered = false;
};

struct LatePulse {
    Nanoseconds time{};
    std::string owed_by;
};

/// What a run's events say of the run itself, in order of time.
struct AttestationFacts {
    bool present = false;
    Nanoseconds end{};
    std::vector<NamedSpan> windows;
    std::vector<Span> powered;    ///< all of the run when nothing switches the power
    std::vector<Span> cut_off;    ///< the bench took the network cable out
    std::vector<Span> link_down;  ///< empty ones: it came and went between two looks
    std::vector<Nanoseconds> pulses;
    std::vector<LatePulse> late;
    std::vector<Sign> signs;
    std::vector<Question> questions;
    std::vector<MacAddress> macs_before;  ///< heard in the scenario before, on the same slot
    std::optional<Nanoseconds> awaited;   ///< when the unit was first found up
    /// From when on the unit's own addresses are heard, and not those of its boot loader; nullopt: it does
    /// not show.
    [[nodiscard]] std::optional<Nanoseconds> settled() const;
};

[[nodiscard]] AttestationFacts attestation_facts(const Run& run);

}  // namespace cambench::analysis
