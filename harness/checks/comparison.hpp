#pragma once

#include <string>
#include <vector>

#include "harness/analysis/observations/observations.hpp"
#include "harness/core/event.hpp"

namespace cambench {

/// One thing that two recordings of a camera differ in.
struct Difference {
    enum class Kind { only_first, only_second, changed };
    Kind kind = Kind::changed;
    std::string
        subject;  ///< "destination", "protocol", "bytes sent", "content", "identity", "name asked for", ...
    std::string what;           ///< the endpoint, name or fact
    std::string first, second;  ///< what each shows of it; "" where it does not have it
};

/// What two recordings differ in: destinations with their protocol and volume, names asked for, identity,
/// abilities (of their last snapshots), contents, callers from outside. Addresses of a named destination, its
/// exact counts and times do not count: they differ from run to run.
[[nodiscard]] std::vector<Difference> compare(const analysis::Observations& first,
                                              const analysis::Observations& second);

/// {"kind": "only-first|only-second|changed", "subject", "what", "first", "second"} each.
[[nodiscard]] Json to_json(const std::vector<Difference>& differences);

}  // namespace cambench
