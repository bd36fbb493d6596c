#include "bench/sandbox/privileges.hpp"

#include <fmt/format.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace cambench::sandbox {
namespace {

constexpr rlim_t most_threads = 64;
constexpr rlim_t longest_log = 16 << 20;
constexpr rlim_t most_memory = rlim_t{6} << 30;  // an <internet> may hold whole firmware images

/// Memory that sanitizers set aside is more than any limit.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif
#else
constexpr bool sanitized = false;
#endif

Status limit(__rlimit_resource resource, rlim_t most) {
    rlimit now{};
    if (::getrlimit(resource, &now) != 0) return system_error("read a limit", errno);
    const auto value = std::min(most, now.rlim_max);
    const rlimit wanted{value, value};
    if (::setrlimit(resource, &wanted) != 0)
        return system_error(fmt::format("set limit {}", static_cast<int>(resource)), errno);
    return {};
}

/// The old root is below the new one, and let go of.
Status change_root() {
    if (::syscall(SYS_pivot_root, ".", ".") == 0)
        return ::umount2(".", MNT_DETACH) == 0 ? Status() : system_error("let go of the file system", errno);
    // The very first root of a machine cannot be changed; another file system can be put over it.
    if (errno != EINVAL) return system_error("enter the empty file system", errno);
    if (::mount(".", "/", nullptr, MS_MOVE, nullptr) != 0 || ::chroot(".") != 0)
        return system_error("enter the empty file system", errno);
    return {};
}

}  // namespace

Status limit_resources() {
    for (const auto resource : {RLIMIT_CORE, RLIMIT_MEMLOCK, RLIMIT_MSGQUEUE, RLIMIT_RTPRIO, RLIMIT_NICE})
        TRY(limit(resource, 0));
    TRY(limit(RLIMIT_SIGPENDING, 128));
    TRY(limit(RLIMIT_NPROC, most_threads));
    TRY(limit(RLIMIT_FSIZE, longest_log));
    ::signal(SIGXFSZ, SIG_IGN);
    if (!sanitized) TRY(limit(RLIMIT_DATA, most_memory));
    return limit(RLIMIT_NOFILE, RLIM_INFINITY);
}

Status enter_empty_file_system() {
    if (::unshare(CLONE_NEWNS) != 0) return system_error("make a mount namespace", errno);
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
        return system_error("make mounts private", errno);
    if (::mount("none", "/tmp", "tmpfs", MS_RDONLY | MS_NOEXEC | MS_NOSUID | MS_NODEV, "size=4k") != 0)
        return system_error("mount an empty file system", errno);
    if (::chdir("/tmp") != 0) return system_error("enter the empty file system", errno);
    TRY(change_root());
    return ::chdir("/") == 0 ? Status() : system_error("enter the empty file system", errno);
}

}  // namespace cambench::sandbox
