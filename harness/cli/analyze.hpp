#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

#include "harness/cli/output_format.hpp"

namespace cambench::cli {

struct AnalyzeOptions {
    std::vector<std::filesystem::path> captures;  ///< pcap or pcapng; several are one recording in order of time
    std::filesystem::path declaration;            ///< "": nothing is declared
    std::string camera;                           ///< MAC or IP address; "": guessed
    OutputFormat format = OutputFormat::text;
};

/// Says whom the camera in a recording talks to and what is wrong with that. The result goes to `out`, errors to `errors`.
/// Returns the exit code of the verdict, or 64 when an input cannot be read.
[[nodiscard]] int analyze_command(const AnalyzeOptions& options, std::ostream& out, std::ostream& errors);

}  // namespace cambench::cli
