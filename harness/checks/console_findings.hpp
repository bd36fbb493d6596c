#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/analysis/run/console_dialogue.hpp"
#include "harness/checks/check.hpp"

namespace cambench {

/// Why the console tells nothing, if so: no recording, no byte, or noise instead of text.
[[nodiscard]] std::optional<Finding> console_unreadable(const analysis::Console& console);

/// Why keys that the bench typed from the console's offset `since` on prove nothing, if so: nothing shows
/// that they reached the unit.
[[nodiscard]] std::optional<Finding> typing_unproven(const analysis::Observations& observations,
                                                     std::uint64_t since = 0);

/// A finding on lines of the console; cites the first few.
[[nodiscard]] Finding console_finding(Verdict verdict, std::string title, std::string detail,
                                      const std::vector<const analysis::ConsoleLine*>& lines);

/// Words for each outcome of a check on the console.
struct ConsoleTexts {
    std::string pass_title;
    std::string seen;    ///< what a PASS rests on
    std::string remedy;  ///< when it failed
    std::string again;   ///< when it could not be told
};
/// The verdict is the gravest of the findings'; without any it is PASS, resting on `basis`.
[[nodiscard]] CheckResult conclude_console(std::vector<Finding> findings, const ConsoleTexts& texts,
                                           const std::vector<const analysis::ConsoleLine*>& basis);

/// A line for people: inert, and not longer than a report's line.
[[nodiscard]] std::string quoted(const analysis::ConsoleLine& line);

}  // namespace cambench
