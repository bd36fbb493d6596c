#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>

#include "harness/cli/output_format.hpp"

namespace cambench::cli {

struct CompareOptions {
    std::filesystem::path first, second;  ///< an evidence directory or a capture each
    std::string camera;                   ///< MAC or IP address; "": guessed
    OutputFormat format = OutputFormat::text;
};

/// Says what two recordings of a camera differ in. Returns 0 when nothing, 1 when something differs, 64 when
/// an input cannot be read.
[[nodiscard]] int compare_command(const CompareOptions& options, std::ostream& out, std::ostream& errors);

}  // namespace cambench::cli
