#pragma once

#include <string>
#include <vector>

#include "harness/analysis/run/upgrades.hpp"
#include "harness/checks/findings.hpp"

namespace cambench {

/// The offers of a run with their witnesses, read with the declaration's words.
[[nodiscard]] std::vector<analysis::UpgradeStory> stories_of(const analysis::Observations& observations,
                                                             const Declaration* declaration);
[[nodiscard]] inline std::vector<analysis::UpgradeStory> stories_of(const CheckInput& input) {
    return stories_of(input.observations, input.declaration);
}

/// "'unsigned' (1.5.0)"; foreign text inert.
[[nodiscard]] std::string name_of(const analysis::UpgradeStory& story);

/// The witnesses of an installation that are silent: "fetched, booted"; "" : none.
[[nodiscard]] std::string silent_witnesses(const analysis::UpgradeStory& story);

/// A finding on one offer, with what each of the four witnesses says.
[[nodiscard]] Finding upgrade_finding(const analysis::UpgradeStory& story, Verdict verdict,
                                      std::string title);

/// Why there is nothing to judge, if so.
[[nodiscard]] std::optional<Finding> nothing_offered(const std::vector<analysis::UpgradeStory>& stories);

}  // namespace cambench
