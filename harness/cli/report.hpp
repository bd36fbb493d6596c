#pragma once

#include <filesystem>
#include <iosfwd>

namespace cambench::cli {

struct ReportOptions {
    std::filesystem::path evidence;
    std::filesystem::path html;  ///< "": no such report, as for the others
    std::filesystem::path junit;
    std::filesystem::path pdf;
    enum class Json { no, yes } json = Json::no;  ///< to `out`, alone
};

/// Writes the reports asked for; with none asked for, an HTML page beside the evidence (which is sealed and
/// stays as it is). The paths written go to `out`, or to `errors` when `out` is for JSON. 0 when all were
/// written, whatever the verdict; 64 when there is no evidence to report on; 3 when one could not be written.
[[nodiscard]] int report_command(const ReportOptions& options, std::ostream& out, std::ostream& errors);

}  // namespace cambench::cli
