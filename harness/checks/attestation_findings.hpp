#pragma once

#include <string>
#include <vector>

#include "harness/checks/check.hpp"

namespace cambench {

/// What keeps the run's windows from counting: stretches nobody answers for, a unit that restarted by itself
/// or is another one. All of it is INCONCLUSIVE: it accuses nobody, and nothing that was not seen meanwhile
/// can acquit. `seen`: what was attested, "" when the run has no witnesses of its own.
struct AttestationFindings {
    std::vector<Finding> findings;
    std::string seen;
};
[[nodiscard]] AttestationFindings attestation_findings(const analysis::Observations& observations);

}  // namespace cambench
