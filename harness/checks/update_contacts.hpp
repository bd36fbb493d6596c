#pragma once

#include <vector>

#include "harness/analysis/flows/update_requests.hpp"
#include "harness/core/event.hpp"
#include "harness/declaration/declaration.hpp"

namespace cambench {

/// Whom the camera asks for firmware, told by the declared model and version and by those its boot log
/// states.
[[nodiscard]] std::vector<analysis::UpdateContact> update_contacts_of(
    const analysis::Observations& observations, const Declaration* declaration);

/// As "update_requests" of verdict.json and of `cambench analyze --json`.
[[nodiscard]] Json update_contacts_json(const analysis::Observations& observations,
                                        const Declaration* declaration);

}  // namespace cambench
