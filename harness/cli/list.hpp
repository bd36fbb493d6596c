#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "harness/cli/output_format.hpp"

namespace cambench::cli {

struct ListOptions {
    std::string topic;  ///< one of list_topics()
    OutputFormat format = OutputFormat::text;
};

/// "steps", "checks", "drivers", "personas", "scenarios", ...
[[nodiscard]] std::vector<std::string> list_topics();

/// Writes what there is of a topic to `out`. 64 when the topic is unknown or a shipped document cannot be
/// read (the reason then goes to `errors`), else 0.
[[nodiscard]] int list_command(const ListOptions& options, std::ostream& out, std::ostream& errors);

}  // namespace cambench::cli
