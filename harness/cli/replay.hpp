#pragma once

#include <CLI/App.hpp>

namespace cambench::cli {

/// Adds `cambench replay` (judge evidence anew) and `cambench verify` (check its hashes).
void add_evidence_commands(CLI::App& app, int& exit_code);

}  // namespace cambench::cli
