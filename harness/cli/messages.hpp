#pragma once

#include <string>
#include <string_view>

namespace cambench::cli {

/// A message for a terminal: its lines stay lines, everything else in it is made inert.
[[nodiscard]] std::string printable(std::string_view message);

/// Whether everything printed to standard output reached it. Says so on standard error when it did not: a
/// full disk, a closed pipe.
[[nodiscard]] bool output_arrived();

}  // namespace cambench::cli
