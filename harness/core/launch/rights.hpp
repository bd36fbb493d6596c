#pragma once

#include <sys/capability.h>

#include <optional>
#include <vector>

#include "harness/core/launch/caller.hpp"
#include "harness/core/result.hpp"

namespace cambench {

/// Whether this process has any capability that it could give up.
[[nodiscard]] bool has_rights();

/// Gives up every capability but these, for good: neither this thread nor a program it starts gets another
/// one.
[[nodiscard]] Status keep_capabilities(const std::vector<cap_value_t>& kept);

/// Becomes `caller`, if there is one, with that user's groups, and gives up every capability.
[[nodiscard]] Status give_up_rights(const std::optional<Caller>& caller);

/// The same for a whole process, which has one thread yet: the kernel keeps rights by thread.
[[nodiscard]] Status give_up_rights_of_process(const std::optional<Caller>& caller);

}  // namespace cambench
