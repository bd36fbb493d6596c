#pragma once

#include <string>

#include "reports/finished_run.hpp"

namespace cambench::reports {

/// What is folded away at first. Paper cannot be unfolded.
enum class Folding { for_screen, for_paper };

/// The report as one self-contained HTML page: no script, nothing fetched, the same bytes for the same
/// evidence.
[[nodiscard]] std::string html_report(const FinishedRun& run, Folding folding = Folding::for_screen);

}  // namespace cambench::reports
