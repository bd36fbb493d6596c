#pragma once

#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <memory>
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

/// Whether a link in the place of a file leads to one, or is a mistake: nothing in evidence is a link.
enum class Links { followed, refused };

/// Opens a file that somebody else named or made. Only a regular file of a true file system is opened: a FIFO
/// would keep us waiting, a device may act when it is opened and never end, files of the kernel's own (/proc,
/// /sys) are not content. Never waits.
[[nodiscard]] Result<FileHandle> open_regular_file(const std::filesystem::path& file,
                                                   Links links = Links::followed);

/// The same for who reads on with a stream.
[[nodiscard]] Result<std::unique_ptr<std::istream>> open_regular_stream(const std::filesystem::path& file,
                                                                        Links links = Links::followed);

inline constexpr std::uint64_t longest_text_file = 512U << 20;

/// The whole of a regular file, as open_regular_file() has it, of at most `longest` bytes.
[[nodiscard]] Result<std::string> read_text_file(const std::filesystem::path& file,
                                                 std::uint64_t longest = longest_text_file,
                                                 Links links = Links::followed);

/// All that is left to read of an open file; `what` names it in errors.
[[nodiscard]] Result<std::string> read_descriptor(int descriptor, const std::filesystem::path& what,
                                                  std::uint64_t longest = longest_text_file);

/// A file of the kernel's own, below /proc or /sys: for names that nobody else chose.
[[nodiscard]] Result<std::string> read_kernel_file(const std::filesystem::path& file);

/// Who may read what is written: those whom the umask lets, or its owner alone.
enum class Readers { by_umask, owner };

/// Replaces the file as a whole: a reader, or a crash, sees the old content or the new one. What lies beside
/// it, links too, is left alone; when `file` itself is a link, the link is replaced and not what it leads to.
[[nodiscard]] Status write_file_atomically(const std::filesystem::path& file, std::string_view content,
                                           Readers readers = Readers::by_umask);

/// Makes a folder that is ours alone (mode 0700), or makes sure that the one that is there is: our own, no
/// link, closed to everybody else. The error says what is wrong with it.
[[nodiscard]] Status make_private_directory(const std::filesystem::path& directory);

/// Refuses a folder in which somebody else could put things: a link, one of another user (root aside), one
/// that others may write.
[[nodiscard]] Status refuse_foreign_directory(const std::filesystem::path& directory);

/// The directory of the running program's executable.
[[nodiscard]] std::filesystem::path program_directory();

/// Where a program of ours that the running one starts is: beside it in a build, in ../libexec/cambench when
/// installed. Whether it is there at all is for the caller to find out.
[[nodiscard]] std::filesystem::path companion_program(std::string_view name);

}  // namespace cambench
