#pragma once

#include <sys/capability.h>

#include <vector>

#include "harness/core/result.hpp"

namespace cambench::sandbox {

/// Gives up every capability but these, for good: neither this process nor a program it starts gets another one.
[[nodiscard]] Status keep_capabilities(const std::vector<cap_value_t>& kept);

/// What a process that parses foreign bytes may use up: few threads, no core dumps, locked memory, message queues or
/// signals in waiting, and no more of a file than a log needs. Open files as many as the host allows.
[[nodiscard]] Status limit_resources();

/// A mount namespace of its own whose root is an empty, read-only memory file system.
[[nodiscard]] Status enter_empty_file_system();

}  // namespace cambench::sandbox
