#pragma once

#include <optional>

#include "harness/core/result.hpp"

namespace cambench::sandbox {

/// What a confined process is for, which says what it may ask of the kernel.
enum class Duty {
    serve,   ///< the fake internet: on sockets that are open already
    ask,     ///< the operator's client: makes TCP and UDP sockets
    decode,  ///< a client that decodes pictures
};

/// Allows this process, and every thread it makes from now on, the system calls of its duty with the
/// arguments it needs; every other one fails with EPERM. Calls by another architecture's numbers end the
/// process. `channel`: the descriptor of a server that may be neither bound nor connected, since its names
/// would be those of the host's network namespace.
[[nodiscard]] Status allow_system_calls(Duty duty, std::optional<int> channel = {});

}  // namespace cambench::sandbox
