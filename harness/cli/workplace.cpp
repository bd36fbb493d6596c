#include "harness/cli/workplace.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

namespace cambench::cli {
namespace {

std::filesystem::path parent_directory() {
    std::error_code code;
    return std::filesystem::temp_directory_path(code) / fmt::format("cambench-{}", ::getuid());
}

/// An exclusive lock on a directory, or an invalid handle when its owner lives.
FileHandle lock_directory(const std::filesystem::path& directory) {
    FileHandle handle(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (handle.valid() && ::flock(handle.get(), LOCK_EX | LOCK_NB) != 0) handle.close();
    return handle;
}

}  // namespace

Result<Workplace> Workplace::create() {
    // Another run that sweeps at this very moment may take the new directory for an abandoned one: then it is
    // made again.
    constexpr int attempts = 32;
    for (int attempt = 1;; ++attempt) {
        std::error_code code;
        // Anybody may make a folder of this name in /tmp before us, or a link.
        TRY(make_private_directory(parent_directory()));
        auto pattern = (parent_directory() / "run-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) {
            if (errno == ENOENT && attempt < attempts) continue;
            return system_error("create a working directory in " + parent_directory().string(), errno);
        }
        auto lock = lock_directory(pattern);
        if (lock.valid() && std::filesystem::exists(pattern, code))
            return Workplace(pattern, std::move(lock));
        if (attempt == attempts) return system_error("lock " + pattern, errno);
    }
}

Workplace::~Workplace() {
    std::error_code code;
    if (!lock_.valid()) return;
    std::filesystem::remove_all(directory_, code);
    std::filesystem::remove(parent_directory(), code);
}

std::size_t remove_abandoned_workplaces() {
    std::size_t count = 0;
    std::error_code code;
    std::vector<std::filesystem::path> places;
    if (!std::filesystem::exists(parent_directory(), code) || !make_private_directory(parent_directory()))
        return 0;  // create() says what is wrong with it
    for (const auto& entry : std::filesystem::directory_iterator(parent_directory(), code))
        places.push_back(entry.path());
    for (const auto& place : places) {
        const auto lock = lock_directory(place);
        if (!lock.valid()) continue;
        std::filesystem::remove_all(place, code);
        ++count;
    }
    std::filesystem::remove(parent_directory(), code);
    return count;
}

}  // namespace cambench::cli
