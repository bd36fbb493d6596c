#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

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

/// Adds `cambench doctor`: 0 when emulated cameras can be qualified here, 3 when something is missing.
void add_doctor_command(CLI::App& app, int& exit_code);

}  // namespace cambench::cli
