#include "harness/core/file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ext/stdio_filebuf.h>
#include <istream>
#include <random>

namespace cambench {

void FileHandle::close() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
}

Status write_all(int descriptor, ByteView bytes, std::string_view what) {
    while (!bytes.empty()) {
        const auto count = ::write(descriptor, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return system_error("write " + std::string(what), errno);
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return {};
}

namespace {

/// What a file that cannot be content is; "" for a regular file.
std::string_view kind_of(mode_t mode) {
    switch (mode & S_IFMT) {
        case S_IFREG:
            return {};
        case S_IFDIR:
            return "a folder";
        case S_IFLNK:
            return "a link";
        case S_IFIFO:
            return "a FIFO";
        case S_IFSOCK:
            return "a socket";
        default:
            return "a device";
    }
}

Error not_regular(const std::filesystem::path& file, std::string_view kind) {
    return usage_error(fmt::format("{} is {}; a regular file is wanted", file.string(), kind));
}

/// Whether the kernel makes the content up while it is read.
bool is_kernels_own(int descriptor) {
    static constexpr std::array<std::uint32_t, 11> made_up{
        PROC_SUPER_MAGIC, SYSFS_MAGIC,        DEBUGFS_MAGIC,       TRACEFS_MAGIC,
        SECURITYFS_MAGIC, CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC, BPF_FS_MAGIC,
        EFIVARFS_MAGIC,   PSTOREFS_MAGIC,     SELINUX_MAGIC};
    struct statfs system {};
    return ::fstatfs(descriptor, &system) == 0 &&
           std::find(made_up.begin(), made_up.end(), static_cast<std::uint32_t>(system.f_type)) !=
               made_up.end();
}

Result<std::string> read_to_the_end(int descriptor, const std::filesystem::path& file,
                                    std::uint64_t longest) {
    std::string content;
    std::array<char, 1 << 16> buffer;
    while (true) {
        const auto count = ::read(descriptor, buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return system_error("read " + file.string(), errno);
        if (count == 0) return content;
        content.append(buffer.data(), static_cast<std::size_t>(count));
        if (content.size() > longest)
            return usage_error(fmt::format("{} is longer than {} bytes, more than is read of such a file",
                                           file.string(), longest));
    }
}

std::string random_suffix() {
    std::random_device chance;
    return fmt::format("{:08x}{:08x}", chance(), chance());
}

class DescriptorStream final : public std::istream {
public:
    explicit DescriptorStream(FileHandle handle)
        : std::istream(nullptr), buffer_(handle.release(), std::ios::in | std::ios::binary, 1 << 16) {
        rdbuf(&buffer_);
    }

private:
    __gnu_cxx::stdio_filebuf<char> buffer_;
};

}  // namespace

Result<FileHandle> open_regular_file(const std::filesystem::path& file, Links links) {
    struct stat found {};
    // Looked at before it is opened: opening alone makes some devices act.
    if ((links == Links::refused ? ::lstat(file.c_str(), &found) : ::stat(file.c_str(), &found)) != 0)
        return system_error("open " + file.string(), errno);
    if (const auto kind = kind_of(found.st_mode); !kind.empty()) return not_regular(file, kind);
    FileHandle handle(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY |
                                               (links == Links::refused ? O_NOFOLLOW : 0)));
    if (!handle.valid()) return system_error("open " + file.string(), errno);
    if (::fstat(handle.get(), &found) != 0) return system_error("open " + file.string(), errno);
    if (const auto kind = kind_of(found.st_mode); !kind.empty()) return not_regular(file, kind);
    if (is_kernels_own(handle.get())) return not_regular(file, "made up by the kernel as it is read");
    return handle;
}

Result<std::unique_ptr<std::istream>> open_regular_stream(const std::filesystem::path& file, Links links) {
    TRY_ASSIGN(auto handle, open_regular_file(file, links));
    return std::unique_ptr<std::istream>(std::make_unique<DescriptorStream>(std::move(handle)));
}

Result<std::string> read_text_file(const std::filesystem::path& file, std::uint64_t longest, Links links) {
    const auto handle = open_regular_file(file, links);
    if (!handle && handle.error().fault == Fault::bench)
        return bench_error(file.string() + ": cannot be read");
    if (!handle) return handle.error();
    return read_to_the_end(handle->get(), file, longest);
}

Result<std::string> read_descriptor(int descriptor, const std::filesystem::path& what,
                                    std::uint64_t longest) {
    return read_to_the_end(descriptor, what, longest);
}

Result<std::string> read_kernel_file(const std::filesystem::path& file) {
    const FileHandle handle(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!handle.valid()) return system_error("open " + file.string(), errno);
    return read_to_the_end(handle.get(), file, longest_text_file);
}

Status write_file_atomically(const std::filesystem::path& file, std::string_view content, Readers readers) {
    const auto temporary =
        file.parent_path() / ("." + file.filename().string().substr(0, 100) + "." + random_suffix() + ".tmp");
    FileHandle handle(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                             readers == Readers::owner ? 0600 : 0644));
    if (!handle.valid()) return system_error("create " + temporary.string(), errno);
    auto status = write_all(handle.get(), as_bytes(content), temporary.string());
    if (status.ok() && ::fsync(handle.get()) != 0) status = system_error("sync " + temporary.string(), errno);
    if (status.ok() && ::rename(temporary.c_str(), file.c_str()) != 0)
        status = system_error("rename " + temporary.string(), errno);
    if (!status.ok()) ::unlink(temporary.c_str());
    return status;
}

Status make_private_directory(const std::filesystem::path& directory) {
    if (::mkdir(directory.c_str(), 0700) == 0) return {};
    if (errno != EEXIST) return system_error("create " + directory.string(), errno);
    struct stat found {};
    if (::lstat(directory.c_str(), &found) != 0) return system_error("look at " + directory.string(), errno);
    if (!S_ISDIR(found.st_mode))
        return bench_error(fmt::format("{} is {}; it is not used, remove it", directory.string(),
                                       S_ISREG(found.st_mode) ? "a file" : kind_of(found.st_mode)));
    if (found.st_uid != ::geteuid())
        return bench_error(fmt::format(
            "{} belongs to user {}, who could put anything there, and not to user {}; remove it, or set "
            "TMPDIR to a folder of your own",
            directory.string(), found.st_uid, ::geteuid()));
    if ((found.st_mode & 077) != 0)
        return bench_error(fmt::format(
            "{} is open to other users (mode {:04o}), who could put anything there; remove it, or close it "
            "(chmod 0700)",
            directory.string(), found.st_mode & 07777));
    return {};
}

Status refuse_foreign_directory(const std::filesystem::path& directory) {
    struct stat found {};
    if (::lstat(directory.c_str(), &found) != 0) return system_error("look at " + directory.string(), errno);
    const bool ours = S_ISDIR(found.st_mode) && (found.st_uid == ::geteuid() || found.st_uid == 0) &&
                      (found.st_mode & 022) == 0;
    return ours ? Status()
                : Status(bench_error(fmt::format(
                      "{} is not used: it is no folder of user {} or of root that nobody else may write",
                      directory.string(), ::geteuid())));
}

std::filesystem::path program_directory() {
    std::error_code code;
    return std::filesystem::read_symlink("/proc/self/exe", code).parent_path();
}

std::filesystem::path companion_program(std::string_view name) {
    const auto beside = program_directory() / name;
    const auto installed = program_directory().parent_path() / "libexec/cambench" / name;
    std::error_code code;
    return !std::filesystem::exists(beside, code) && std::filesystem::exists(installed, code) ? installed
                                                                                              : beside;
}

}  // namespace cambench
