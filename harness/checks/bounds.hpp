#pragma once

#include "harness/checks/check.hpp"

/// What is not kept is not judged, and what is not judged clears nobody.
namespace cambench {

/// "more than 8192 destinations: 12 further ones were not judged"
[[nodiscard]] std::string describe(const analysis::ReachedBound& bound,
                                   const analysis::Observations& observations);

/// A PASS that rests on something of which the recording has more than was looked at becomes INCONCLUSIVE,
/// and says why. What is proven stands.
void doubt_the_bounded(CheckResult& result, const CheckType& type,
                       const analysis::Observations& observations);

/// Keeps the gravest findings and the first pointers and says how many there were: a unit that does the same
/// a hundred thousand times needs no hundred thousand lines.
void shorten(CheckResult& result);

constexpr std::size_t most_findings_of_a_check = 300, most_pointers_of_a_check = 1000,
                      most_pointers_of_a_finding = 200;

}  // namespace cambench
