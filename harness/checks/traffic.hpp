#pragma once

#include <string>
#include <vector>

#include "harness/checks/findings.hpp"
#include "harness/checks/matching.hpp"

namespace cambench {

/// Beyond the camera's own network, and of its own accord.
[[nodiscard]] bool leaves_network(const analysis::Destination& destination);

/// Neither the network's own services nor an answer to somebody: a destination a vendor has to declare.
[[nodiscard]] bool is_own_business(Standing standing);

/// How grave it is to do at this destination what only a declaration allows: FAIL where it is not declared, a
/// note where it is, INCONCLUSIVE where there is nothing to compare with.
[[nodiscard]] Verdict unless_declared(Standing standing, const Declaration* declaration);

/// Whether a free text (a purpose) has one of these words, or a word that begins so; lower case.
[[nodiscard]] bool speaks_of(std::string_view text, std::initializer_list<std::string_view> words);

/// Where a fact stands: its frame, and the file with what was seen inside TLS.
[[nodiscard]] std::vector<Pointer> pointers_to(const analysis::Observations& observations,
                                               const analysis::ContentFact& fact);

/// The same of what was spoken inside of something else.
[[nodiscard]] std::vector<Pointer> pointers_to(const analysis::Observations& observations,
                                               const analysis::InnerTalk& talk);

/// What was contacted, and what is known of it: "a.example:443/tcp (198.18.0.1), declared for: health
/// report".
[[nodiscard]] std::string describe_standing(const analysis::Destination& destination, const Match& match,
                                            const Declaration* declaration);

}  // namespace cambench
