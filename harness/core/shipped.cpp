#include "harness/core/shipped.hpp"

#include <cstdlib>

namespace cambench {

std::filesystem::path shipped_folder() {
    if (const char* chosen = std::getenv("CAMBENCH_SHARE"); chosen != nullptr && *chosen != '\0')
        return std::filesystem::absolute(chosen).lexically_normal();
    std::error_code error;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
    const auto installed = program.parent_path().parent_path() / "share/cambench";
    if (!error && std::filesystem::is_directory(installed, error)) return installed;
    return CAMBENCH_SOURCE_FOLDER;
}

std::filesystem::path shipped_file(const std::filesystem::path& relative) {
    std::filesystem::path rest;
    std::size_t up = 0;
    for (const auto& part : relative) {
        if (part == ".." && rest.empty())
            ++up;
        else if (part != ".")
            rest /= part;
    }
    if (up == 0 || rest.empty()) return {};
    std::error_code code;
    for (const auto* folder : {"", "scenarios", "fixtures/camera", "bench"})
        if (auto file = shipped_folder() / folder / rest; std::filesystem::is_regular_file(file, code))
            return file;
    return {};
}

}  // namespace cambench
