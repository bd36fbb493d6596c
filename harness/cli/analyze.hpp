#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

#include "harness/cli/output_format.hpp"

namespace cambench::cli {

struct AnalyzeOptions {
    std::vector<std::filesystem::path>
        captures;                       ///< pcap or pcapng; several are one recording in order of time
    std::filesystem::path declaration;  ///< "": nothing is declared
    std::string camera;                 ///< MAC or IP address; "": guessed
    std::vector<std::string> units;     ///< serial numbers to look for
    std::vector<std::filesystem::path> databases;  ///< MaxMind databases of countries and autonomous systems
    std::filesystem::path media;                   ///< folder for media that were sent in clear; "": nowhere
    std::filesystem::path html;                    ///< where to write a report as a page; "": nowhere
    OutputFormat format = OutputFormat::text;
    bool quiet = false;  ///< no progress on a terminal
};

/// Says whom the camera in a recording talks to and what is wrong with that. The result goes to `out`, errors
/// to `errors`. Returns the exit code of the verdict, or 64 when an input cannot be read.
[[nodiscard]] int analyze_command(const AnalyzeOptions& options, std::ostream& out, std::ostream& errors);

}  // namespace cambench::cli
