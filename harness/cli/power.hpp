#pragma once

#include <iosfwd>
#include <string>

#include "harness/cli/output_format.hpp"
#include "harness/core/time.hpp"

namespace cambench::cli {

struct PowerOptions {
    std::string slot;
    std::string action;             ///< one of power_actions
    std::string bench = "virtual";  ///< a file, or the name of a shipped one
    std::string off_for = "10s";
    OutputFormat format = OutputFormat::text;
};
inline constexpr const char* power_actions[] = {"on", "off", "cycle", "state"};

/// Switches or reads a slot's power by hand. 0 when the contact did what was asked, 3 for a fault of the
/// bench, 64 for usage.
[[nodiscard]] int power_command(const PowerOptions& options, std::ostream& out, std::ostream& errors);

}  // namespace cambench::cli
