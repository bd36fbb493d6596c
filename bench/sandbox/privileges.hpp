#pragma once

#include "harness/core/result.hpp"

namespace cambench::sandbox {

/// What a process that parses foreign bytes may use up: few threads, no core dumps, locked memory, message
/// queues or signals in waiting, and no more of a file than a log needs. Open files as many as the host
/// allows.
[[nodiscard]] Status limit_resources();

/// A mount namespace of its own whose root is an empty, read-only memory file system.
[[nodiscard]] Status enter_empty_file_system();

}  // namespace cambench::sandbox
