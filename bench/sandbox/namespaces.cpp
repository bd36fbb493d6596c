#include "bench/sandbox/namespaces.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/capability.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "harness/core/bytes.hpp"

namespace cambench::sandbox {
namespace {

Status write_proc(const std::string& file, const std::string& content) {
    const FileHandle handle(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
    if (!handle.valid()) return system_error("open " + file, errno);
    return write_all(handle.get(), as_bytes(content), file);
}

Result<FileHandle> open_namespace(const char* file) {
    FileHandle handle(::open(file, O_RDONLY | O_CLOEXEC));
    if (!handle.valid()) return system_error(std::string("open ") + file, errno);
    return handle;
}

}  // namespace

Status enter_user_namespace() {
    const auto user = ::geteuid();
    const auto group = ::getegid();
    if (::unshare(CLONE_NEWUSER) != 0)
        return system_error(
            "make a user namespace (is kernel.unprivileged_userns_clone or user.max_user_namespaces 0?)",
            errno);
    TRY(write_proc("/proc/self/setgroups", "deny"));
    TRY(write_proc("/proc/self/uid_map", fmt::format("0 {} 1", user)));
    return write_proc("/proc/self/gid_map", fmt::format("0 {} 1", group));
}

bool is_privileged() {
    cap_t capabilities = ::cap_get_proc();
    if (capabilities == nullptr) return false;
    cap_flag_value_t admin = CAP_CLEAR, network = CAP_CLEAR;
    ::cap_get_flag(capabilities, CAP_SYS_ADMIN, CAP_EFFECTIVE, &admin);
    ::cap_get_flag(capabilities, CAP_NET_ADMIN, CAP_EFFECTIVE, &network);
    ::cap_free(capabilities);
    return admin == CAP_SET && network == CAP_SET;
}

Status enter_new_network_namespace() {
    if (!is_privileged()) TRY(enter_user_namespace());
    if (::unshare(CLONE_NEWNET) != 0) return system_error("make a network namespace", errno);
    return {};
}

Result<FileHandle> open_network_namespace() { return open_namespace("/proc/self/ns/net"); }
Result<FileHandle> open_user_namespace() { return open_namespace("/proc/self/ns/user"); }

bool is_own_user_namespace(int descriptor) {
    struct stat own {
    }, other{};
    return ::stat("/proc/self/ns/user", &own) == 0 && ::fstat(descriptor, &other) == 0 &&
           own.st_ino == other.st_ino && own.st_dev == other.st_dev;
}

std::string network_namespace_of(int pid) {
    const auto link = pid == 0 ? std::string("/proc/self/ns/net") : fmt::format("/proc/{}/ns/net", pid);
    std::error_code code;
    return std::filesystem::read_symlink(link, code).string();
}

}  // namespace cambench::sandbox
