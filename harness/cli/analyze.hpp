#pragma once

#include <CLI/App.hpp>
#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

namespace cambench::cli {

struct AnalyzeOptions {
    std::vector<std::filesystem::path> captures;  ///< pcap or pcapng; several are one recording in order of time
    std::filesystem::path declaration;            ///< "": nothing is declared
    std::string camera;                           ///< MAC or IP address; "": guessed
    enum class Format { text, json } format = Format::text;
};

/// Says whom the camera in a recording talks to and what is wrong with that. The result goes to `out`, errors to `errors`.
/// Returns the exit code of the verdict, or 64 when an input cannot be read.
[[nodiscard]] int analyze_command(const AnalyzeOptions& options, std::ostream& out, std::ostream& errors);

/// Adds `cambench analyze`; when it is chosen, `exit_code` gets its result.
void add_analyze_command(CLI::App& app, int& exit_code);

}  // namespace cambench::cli
