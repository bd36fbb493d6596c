#pragma once

#include <CLI/App.hpp>
#include <iosfwd>
#include <string>
#include <vector>

namespace cambench::cli {

struct ListOptions {
    std::string topic;  ///< one of list_topics()
    enum class Format { text, json } format = Format::text;
};

/// "steps", "checks", "drivers", "personas", "scenarios", ...
[[nodiscard]] std::vector<std::string> list_topics();

/// Writes what there is of a topic to `out`. 64 when the topic is unknown or a shipped document cannot be read (the reason
/// then goes to `errors`), else 0.
[[nodiscard]] int list_command(const ListOptions& options, std::ostream& out, std::ostream& errors);

/// Adds `cambench list`; when it is chosen, `exit_code` gets its result.
void add_list_command(CLI::App& app, int& exit_code);

}  // namespace cambench::cli
