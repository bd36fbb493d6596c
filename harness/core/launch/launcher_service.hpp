#pragma once

#include "harness/core/file.hpp"

namespace cambench::launcher {

/// The launcher itself, a process of one thread that keeps the rights it came with: starts what it is asked
/// for on `control` and may be asked for, until the other end closes or the parent ends. Nobody's bytes but
/// the asker's own few words are read.
///
/// Then, and when it dies, its children end; a cambench-sandbox has its own way to see that, and time to put
/// back what it has lent. Returns the exit code.
[[nodiscard]] int serve(FileHandle control);

}  // namespace cambench::launcher
