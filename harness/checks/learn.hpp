#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/analysis/observations.hpp"
#include "harness/scenario/declaration.hpp"

namespace cambench {

/// A declaration drafted from what a unit did, for its vendor to complete and sign. Nothing is excused by it: what no
/// declaration should allow (addresses nobody gave, resolvers of its own, relayed access) is told, not drafted.
struct Draft {
    Declaration declaration;
    std::map<std::size_t, std::string> seen;  ///< what was seen of the destination of that index, one clause
    std::vector<std::string> withheld;        ///< what was not drafted and why, one clause each
};

[[nodiscard]] Draft draft_declaration(const analysis::Observations& observations);

}  // namespace cambench
