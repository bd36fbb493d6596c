#pragma once

#include <filesystem>

#include "reports/finished_run.hpp"

namespace cambench::reports {

/// Prints the HTML report on A4 with the headless Chromium of this host; a bench error says so when there is
/// none.
[[nodiscard]] Status write_pdf_report(const FinishedRun& run, const std::filesystem::path& file,
                                      Deadline deadline);

}  // namespace cambench::reports
