#pragma once

#include <filesystem>

#include "harness/core/result.hpp"

namespace cambench::sandbox {

/// Leaves this process with nothing it does not need to talk to the camera over sockets that are already open: no
/// capabilities, no new privileges, an empty file system, no core dumps, few files, and a system call filter that refuses
/// opening files, starting programs and making sockets.
[[nodiscard]] Status drop_privileges();

}  // namespace cambench::sandbox
