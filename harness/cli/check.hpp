#pragma once

#include <CLI/App.hpp>
#include <filesystem>
#include <iosfwd>
#include <vector>

namespace cambench::cli {

struct CheckOptions {
    std::vector<std::filesystem::path> files;  ///< a folder stands for every .xml below it
    enum class Format { text, json } format = Format::text;
};

/// Validates the files and writes what is wrong with them to `out`. 0 when nothing but warnings was found, else 64.
[[nodiscard]] int check_command(const CheckOptions& options, std::ostream& out);

/// Adds `cambench check`; when it is chosen, `exit_code` gets its result.
void add_check_command(CLI::App& app, int& exit_code);

}  // namespace cambench::cli
