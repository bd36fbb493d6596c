#pragma once

#include <filesystem>

#include "harness/core/file.hpp"

namespace cambench::cli {

/// A private directory for what a run needs beside its evidence: the flash of emulated units, console
/// sockets.
///
/// It lies in cambench-UID below TMPDIR, which is refused unless it is ours and closed to everybody else. It
/// is removed with the object. A lock says whose it is: what a killed run left behind is removed by the next.
class Workplace {
public:
    [[nodiscard]] static Result<Workplace> create();
    Workplace(Workplace&&) noexcept = default;
    Workplace& operator=(Workplace&&) = delete;
    ~Workplace();

    [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

private:
    Workplace(std::filesystem::path directory, FileHandle lock)
        : directory_(std::move(directory)), lock_(std::move(lock)) {}
    std::filesystem::path directory_;
    FileHandle lock_;
};

/// Removes workplaces whose owners are gone; how many.
std::size_t remove_abandoned_workplaces();

}  // namespace cambench::cli
