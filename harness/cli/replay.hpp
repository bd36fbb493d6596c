#pragma once

#include <filesystem>

#include "harness/cli/output_format.hpp"

namespace cambench::cli {

/// Judges recorded evidence anew and prints the verdict beside the recorded one. Returns the exit code of the
/// verdict, 64 when there is no evidence in `directory`.
[[nodiscard]] int replay_command(const std::filesystem::path& directory, OutputFormat format);

/// Checks evidence against its manifest. 0 when it is as it was sealed, 1 when it was changed, 64 when there
/// is no manifest.
[[nodiscard]] int verify_command(const std::filesystem::path& directory);

}  // namespace cambench::cli
