#include "harness/scenario/shipped.hpp"

#include <cstdlib>

namespace cambench {

std::filesystem::path shipped_folder() {
    if (const char* chosen = std::getenv("CAMBENCH_SHARE"); chosen != nullptr && *chosen != '\0') return std::filesystem::absolute(chosen).lexically_normal();
    std::error_code error;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
    const auto installed = program.parent_path().parent_path() / "share/cambench";
    if (!error && std::filesystem::is_directory(installed, error)) return installed;
    return CAMBENCH_SOURCE_FOLDER;
}

}  // namespace cambench
