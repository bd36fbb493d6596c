#pragma once

#include <optional>
#include <string>

#include "harness/core/file.hpp"
#include "harness/core/result.hpp"

namespace cambench::sandbox {

/// Puts this (single-threaded) process into a network namespace of its own; as an ordinary user, into a user
/// namespace first, in which it is root. Anonymous namespaces: when the last process inside ends, the kernel
/// removes them.
[[nodiscard]] Status enter_new_network_namespace();

/// Puts this (single-threaded) process into a user namespace in which it is root.
[[nodiscard]] Status enter_user_namespace();

/// The namespaces this process is in, as files to pass on.
[[nodiscard]] Result<FileHandle> open_network_namespace();
[[nodiscard]] Result<FileHandle> open_user_namespace();

/// Whether an open user namespace is the one this process is in: entering it again is an error.
[[nodiscard]] bool is_own_user_namespace(int descriptor);

/// "net:[4026531840]": which network namespace a process (0: this one) is in.
[[nodiscard]] std::string network_namespace_of(int pid);

/// Whether this process may make network namespaces without a user namespace.
[[nodiscard]] bool is_privileged();

}  // namespace cambench::sandbox
