#pragma once

#include <string>
#include <vector>

#include "harness/cli/output_format.hpp"

namespace cambench::cli {

/// One thing this host can or cannot do.
struct Diagnosis {
    enum class State { good, limited, missing } state = State::good;
    std::string what;   ///< "network namespaces"
    std::string found;  ///< what was found
    std::string mend;   ///< a command or sentence that mends it; "" when good
};

/// Tries everything a run needs; each trial cleans up after itself.
[[nodiscard]] std::vector<Diagnosis> diagnose();

/// Prints the diagnosis: 0 when emulated cameras can be qualified here, 3 when something is missing.
[[nodiscard]] int doctor_command(OutputFormat format);

}  // namespace cambench::cli
