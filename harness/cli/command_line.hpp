#pragma once

namespace cambench::cli {

/// Reads the program's arguments, runs the command they name and returns its exit code; 64 for a mistake in
/// the arguments. The one file that knows the command-line library: it is by far the slowest header to
/// compile.
[[nodiscard]] int run_command_line(int count, const char* const* arguments);

}  // namespace cambench::cli
