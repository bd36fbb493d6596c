#pragma once

#include <string>
#include <vector>

#include "harness/analysis/run/tls_trials.hpp"
#include "harness/checks/findings.hpp"

namespace cambench {

/// "refused self-signed (unknown_ca), expired (certificate_expired); took wrong-name": all of one server,
/// foreign text inert.
[[nodiscard]] std::string describe_certificates(const analysis::TlsPosture& posture);

/// Where the outcomes stand in the timeline: of the certificates with that result.
[[nodiscard]] std::vector<Pointer> pointers_to(const analysis::TlsPosture& posture,
                                               analysis::TlsResult result);

/// What keeps trials from telling anything at all; nullopt: there is something to judge.
[[nodiscard]] std::optional<Finding> nothing_tried(const analysis::Observations& observations);

}  // namespace cambench
