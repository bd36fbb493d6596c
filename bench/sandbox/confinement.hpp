#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bench/sandbox/system_calls.hpp"
#include "harness/core/result.hpp"

namespace cambench::sandbox {

/// What a process that parses foreign bytes keeps of this one's rights.
struct Confinement {
    enum class Network { none, shared };

    std::string name;  ///< of the process, at most 15 letters
    Duty duty = Duty::serve;
    Network network = Network::none;  ///< sockets that are open already stay where they were made
    std::vector<int> descriptors;     ///< that stay open beside standard input, output and error
    std::optional<int> channel;       ///< one of them that may be neither bound nor connected
};

/// Runs `work` in a child process, whose exit code it gives, and returns its number once it is confined: in a
/// user, process, mount, IPC and host name namespace of its own, none of which belongs to it, with a user who
/// is not root and owns nothing, an empty read-only file system, no capabilities, no way to get any, and the
/// system calls of its duty. The child dies with the thread that called.
///
/// The caller has one thread; an ordinary user's enters a user namespace for it. Where the kernel gives root
/// no user namespace, the child is "nobody" in that of the caller. An error: the child could not be confined,
/// and is gone.
[[nodiscard]] Result<pid_t> start_confined(const Confinement& confinement, const std::function<int()>& work);

/// For a program all of which is to be confined from now on: its exit code, or that of its end by a signal.
[[nodiscard]] Result<int> run_confined(const Confinement& confinement, const std::function<int()>& work);

/// Waits for a confined process to end: its exit code, or 128 + signal.
[[nodiscard]] int exit_code_of(pid_t process);

}  // namespace cambench::sandbox
