#pragma once

#include <filesystem>
#include <iosfwd>
#include <vector>

#include "harness/cli/output_format.hpp"

namespace cambench::cli {

struct CheckOptions {
    std::vector<std::filesystem::path> files;       ///< a folder stands for every .xml below it
    std::vector<std::filesystem::path> allow = {};  ///< folders of files that documents name
    OutputFormat format = OutputFormat::text;
};

/// Validates the files and writes what is wrong with them to `out`. 0 when nothing but warnings was found,
/// else 64.
[[nodiscard]] int check_command(const CheckOptions& options, std::ostream& out);

}  // namespace cambench::cli
