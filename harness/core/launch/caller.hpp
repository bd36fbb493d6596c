#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/result.hpp"

namespace cambench {

/// The user who called us through sudo: we run as root on behalf of somebody who is not.
struct Caller {
    uid_t user = 0;
    gid_t group = 0;
    std::string name;
    std::vector<gid_t> groups;
};

/// nullopt where nobody else is behind us: no root, or root itself.
[[nodiscard]] std::optional<Caller> sudo_caller();

/// Whether the user who called us through sudo may read the file; yes, too, where there is none. Root's
/// rights are not lent to what a document names.
[[nodiscard]] bool caller_may_read(const std::filesystem::path& file);

/// What a user who may not open a device lacks: "; USER is not in its group dialout: ...". "": it is not a
/// group.
[[nodiscard]] std::string missing_group(const std::filesystem::path& device);

}  // namespace cambench
