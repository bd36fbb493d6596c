#include "harness/cli/version.hpp"

#include <fmt/format.h>

#include <string_view>

#include <commit.hpp>

namespace cambench::cli {

std::string version_line() {
    constexpr std::string_view commit = CAMBENCH_COMMIT;
    return fmt::format("cambench {}{}", CAMBENCH_VERSION,
                       commit.empty() ? "" : fmt::format(" (commit {})", commit));
}

}  // namespace cambench::cli
