#include "drivers/power/board_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <thread>

#include "harness/core/text.hpp"

namespace cambench {
namespace {

using Path = std::filesystem::path;

constexpr auto lock_retry_time = std::chrono::milliseconds(5);
constexpr std::size_t longest_note = 512;
constexpr std::size_t longest_name = 150;

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

/// Shared by all users, as /run/lock is: everybody may add files, nobody may remove those of others.
bool make_shared_directory(const Path& directory) {
    // Modes are said, whatever the umask is: a run's own is closed.
    if (::mkdir(directory.parent_path().c_str(), 0755) == 0)
        (void)::chmod(directory.parent_path().c_str(), 0755);
    if (::mkdir(directory.c_str(), 01777) == 0) (void)::chmod(directory.c_str(), 01777);
    return ::access(directory.c_str(), W_OK | X_OK) == 0;
}

std::string file_name(const std::string& key) {
    std::string name;
    for (const char c : key.substr(0, longest_name))
        name += std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.' || c == '_' ? c : '_';
    return name;
}

/// A file that every user may lock. Existing files are opened without O_CREAT, which the kernel refuses in
/// directories with a sticky bit when the file belongs to somebody else (fs.protected_regular).
Result<FileHandle> open_lock_file(const Path& path) {
    for (int attempt = 0; attempt < 3; ++attempt) {
        FileHandle file(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
        if (file.valid()) return file;
        if (errno != ENOENT) return system_error("open " + path.string(), errno);
        file = FileHandle(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666));
        if (file.valid()) {
            (void)::fchmod(file.get(), 0666);
            return file;
        }
        if (errno != EEXIST) return system_error("create " + path.string(), errno);
    }
    return bench_error("open " + path.string() + ": it comes and goes");
}

/// Where nothing else is to be had; anybody may make a folder of this name before us, or a link.
Path own_lock_directory() { return fmt::format("/tmp/cambench-locks-{}", ::geteuid()); }

Result<Path> lock_path(const std::string& name) {
    const auto directory = lock_directory();
    if (directory == own_lock_directory()) {
        TRY(make_private_directory(directory));
        return directory / (file_name(name) + ".lock");
    }
    std::error_code code;
    std::filesystem::create_directories(directory, code);
    if (code) return bench_error(fmt::format("create {}: {}", directory.string(), code.message()));
    return directory / (file_name(name) + ".lock");
}

std::string read_content(int file) {
    std::array<char, longest_note> buffer{};
    const auto count = ::pread(file, buffer.data(), buffer.size(), 0);
    return count > 0 ? std::string(buffer.data(), static_cast<std::size_t>(count)) : "";
}

Status write_content(int file, const std::string& content, const std::string& what) {
    if (::ftruncate(file, 0) != 0) return system_error(what, errno);
    const auto count = ::pwrite(file, content.data(), content.size(), 0);
    return count == static_cast<ssize_t>(content.size()) ? Status() : Status(system_error(what, errno));
}

std::string boot_id() {
    const auto text = read_kernel_file("/proc/sys/kernel/random/boot_id");
    return text ? std::string(trim(*text)) : "";
}

}  // namespace

void make_lock_directory() {
    const auto chosen = environment("CAMBENCH_RUNTIME_DIR");
    (void)make_shared_directory(chosen.empty() ? Path("/run/cambench/locks") : Path(chosen) / "locks");
}

std::filesystem::path lock_directory() {
    if (const auto chosen = environment("CAMBENCH_RUNTIME_DIR"); !chosen.empty())
        return Path(chosen) / "locks";
    if (::geteuid() == 0 && make_shared_directory("/run/cambench/locks")) return "/run/cambench/locks";
    if (::access("/run/cambench/locks", W_OK | X_OK) == 0) return "/run/cambench/locks";
    if (const auto own = environment("XDG_RUNTIME_DIR"); !own.empty())
        return Path(own) / "cambench" / "locks";
    return own_lock_directory();
}

Result<BoardLock> BoardLock::take(const std::string& key, Deadline deadline) {
    TRY_ASSIGN(auto path, lock_path(key));
    TRY_ASSIGN(auto file, open_lock_file(path));
    while (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) return system_error("lock " + path.string(), errno);
        if (deadline.passed())
            return bench_error("the board is busy: another program keeps it locked (" + path.string() + ")");
        std::this_thread::sleep_for(lock_retry_time);
    }
    return BoardLock(std::move(file), std::move(path));
}

std::string BoardLock::note(const std::string& instance) const {
    const auto content = read_content(file_.get());
    const auto head = boot_id() + " " + instance + "\n";
    return content.starts_with(head) ? std::string(trim(content.substr(head.size()))) : "";
}

Status BoardLock::set_note(const std::string& instance, const std::string& note) {
    return write_content(file_.get(), boot_id() + " " + instance + "\n" + note + "\n",
                         "write " + path_.string());
}

Result<ChannelClaim> ChannelClaim::take(const std::string& key, unsigned channel) {
    TRY_ASSIGN(const auto path, lock_path(fmt::format("{}-channel-{}", key, channel)));
    TRY_ASSIGN(auto file, open_lock_file(path));
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return system_error("lock " + path.string(), errno);
        const auto owner = std::string(trim(read_content(file.get())));
        return bench_error("another run uses this channel" +
                           (owner.empty() ? "" : " (process " + inert(owner) + ")"));
    }
    TRY(write_content(file.get(), std::to_string(::getpid()) + "\n", "write " + path.string()));
    return ChannelClaim(std::move(file));
}

Status ChannelClaims::take(const std::string& key, unsigned channel) {
    const std::pair place(key, channel);
    if (claims_.contains(place)) return {};
    TRY_ASSIGN(auto claim, ChannelClaim::take(key, channel));
    claims_.emplace(place, std::move(claim));
    return {};
}

}  // namespace cambench
