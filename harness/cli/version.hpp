#pragma once

#include <string>

namespace cambench::cli {

/// "cambench 0.1.0 (commit 4f2a9c1b77de)"; a "+" behind the commit: built from a tree with changes of its
/// own.
[[nodiscard]] std::string version_line();

}  // namespace cambench::cli
