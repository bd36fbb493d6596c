#pragma once

#include <vector>

#include "harness/checks/findings.hpp"

namespace cambench {

/// What the handshakes of a recording say of how the camera takes certificates, where no bench put it to the
/// test.
[[nodiscard]] std::vector<Finding> judge_recorded_certificates(const CheckInput& input);

/// What they say of the versions of TLS that it agrees to.
[[nodiscard]] std::vector<Finding> judge_recorded_versions(const CheckInput& input);

}  // namespace cambench
