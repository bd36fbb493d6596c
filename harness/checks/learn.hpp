#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "harness/analysis/observations/observations.hpp"
#include "harness/declaration/declaration.hpp"

namespace cambench {

/// A declaration drafted from what units did, for their vendor to complete and sign. Nothing is excused by
/// it: what no declaration should allow (addresses nobody gave, resolvers of its own, relayed access) is
/// told, not drafted, and stands as <unexplained>. So the draft judges the recordings it was learnt from as
/// PASS or INCONCLUSIVE, never as FAIL, and whatever is new in others as FAIL.
struct Draft {
    Declaration declaration;
    std::map<std::size_t, std::string> seen;  ///< what was seen of the destination of that index, one clause
    std::vector<std::string> withheld;        ///< what was not drafted and why, one clause each
};

[[nodiscard]] Draft draft_declaration(const analysis::Observations& observations);

/// Of several recordings, of one unit or of several of one model: what all of them show, and patterns where
/// they differ in what tells units apart. `serials`: the units' serial numbers, as far as they are known.
[[nodiscard]] Draft draft_declaration(std::span<const analysis::Observations> recordings,
                                      const std::vector<std::string>& serials = {});

}  // namespace cambench
