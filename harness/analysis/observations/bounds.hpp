#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/core/time.hpp"

namespace cambench::analysis {

/// What a bound keeps from being seen. A check that rests on it cannot pass once the bound was reached.
enum class Subject : std::uint8_t {
    everything,    ///< part of the recording was not looked at at all
    destinations,  ///< whom the camera talks to
    names,         ///< what it asked for, was told and claimed
    contents,      ///< what it sent and was sent, and what was spoken inside
    moments,       ///< when it did
    services,      ///< whom it answered
    neighbours,    ///< what it did on its own network
    sessions,      ///< TLS
    firmware,      ///< what it asked for and was offered
    console,
    timeline,  ///< what the run did
};

/// A bound on what is kept or looked at, that the recording went beyond.
struct ReachedBound {
    Subject subject = Subject::everything;
    std::string what;               ///< "names that it asked for"
    std::uint64_t bound = 0;        ///< so many were kept
    std::uint64_t beyond = 0;       ///< further ones; 0: nobody counted them
    std::optional<WallTime> since;  ///< what came before is whole; nullopt: nobody knows
};

/// Bounds that were reached, each once.
class ReachedBounds {
public:
    void note(Subject subject, std::string_view what, std::uint64_t bound, std::optional<WallTime> when,
              std::uint64_t beyond = 1);
    void note(const ReachedBound& bound);
    [[nodiscard]] const std::vector<ReachedBound>& all() const { return reached_; }

private:
    std::vector<ReachedBound> reached_;
};

}  // namespace cambench::analysis
