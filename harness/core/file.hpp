#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "harness/core/bytes.hpp"
#include "harness/core/result.hpp"

namespace cambench {

/// Owns a file descriptor.
class FileHandle {
public:
    FileHandle() = default;
    explicit FileHandle(int descriptor) : descriptor_(descriptor) {}
    FileHandle(FileHandle&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    FileHandle& operator=(FileHandle&& other) noexcept {
        if (this != &other) {
            close();
            descriptor_ = std::exchange(other.descriptor_, -1);
        }
        return *this;
    }
    ~FileHandle() { close(); }

    [[nodiscard]] int get() const { return descriptor_; }
    [[nodiscard]] bool valid() const { return descriptor_ >= 0; }
    [[nodiscard]] int release() { return std::exchange(descriptor_, -1); }
    void close();

private:
    int descriptor_ = -1;
};

/// Writes everything or says why not ("No space left on device"); restarts after signals.
[[nodiscard]] Status write_all(int descriptor, ByteView bytes, std::string_view what);

[[nodiscard]] Result<std::string> read_text_file(const std::filesystem::path& file);

/// Replaces the file as a whole: a reader, or a crash, sees the old content or the new one.
[[nodiscard]] Status write_file_atomically(const std::filesystem::path& file, std::string_view content);

/// The directory of the running program's executable.
[[nodiscard]] std::filesystem::path program_directory();

/// Where a program of ours that the running one starts is: beside it in a build, in ../libexec/cambench when installed. Whether it is
/// there at all is for the caller to find out.
[[nodiscard]] std::filesystem::path companion_program(std::string_view name);

}  // namespace cambench
