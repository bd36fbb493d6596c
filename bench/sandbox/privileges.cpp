#include "bench/sandbox/privileges.hpp"

#include <fmt/format.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/capability.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>

namespace cambench::sandbox {
namespace {

/// A mount namespace whose root is an empty, read-only memory file system.
Status empty_file_system() {
    if (::unshare(CLONE_NEWNS) != 0) return system_error("make a mount namespace", errno);
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return system_error("make mounts private", errno);
    if (::mount("none", "/tmp", "tmpfs", MS_RDONLY | MS_NOEXEC | MS_NOSUID | MS_NODEV, "size=4k") != 0)
        return system_error("mount an empty file system", errno);
    if (::chdir("/tmp") != 0 || ::chroot("/tmp") != 0 || ::chdir("/") != 0) return system_error("enter the empty file system", errno);
    return {};
}

Status drop_capabilities() {
    for (int capability = 0; ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability)
        if (::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) return system_error("drop a capability", errno);
    const std::unique_ptr<std::remove_pointer_t<cap_t>, int (*)(void*)> none(::cap_init(), ::cap_free);
    if (!none || ::cap_set_proc(none.get()) != 0) return system_error("drop capabilities", errno);
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return system_error("forbid new privileges", errno);
    return {};
}

Status limit_resources() {
    const rlimit none{0, 0};
    if (::setrlimit(RLIMIT_CORE, &none) != 0) return system_error("forbid core dumps", errno);
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    (void)::setrlimit(RLIMIT_NOFILE, &files);
    return {};
}

/// What a parser that was taken over would want, and the fake internet never needs once its sockets are open.
Status filter_system_calls() {
    scmp_filter_ctx filter = ::seccomp_init(SCMP_ACT_ALLOW);
    if (filter == nullptr) return bench_error("make a system call filter failed");
    const std::array forbidden{SCMP_SYS(open),      SCMP_SYS(openat),   SCMP_SYS(openat2),    SCMP_SYS(creat),           SCMP_SYS(execve),
                               SCMP_SYS(execveat),  SCMP_SYS(fork),     SCMP_SYS(vfork),      SCMP_SYS(socket),          SCMP_SYS(socketpair),
                               SCMP_SYS(ptrace),    SCMP_SYS(mount),    SCMP_SYS(umount2),    SCMP_SYS(pivot_root),      SCMP_SYS(chroot),
                               SCMP_SYS(setns),     SCMP_SYS(unshare),  SCMP_SYS(bpf),        SCMP_SYS(perf_event_open), SCMP_SYS(keyctl),
                               SCMP_SYS(add_key),   SCMP_SYS(kill),     SCMP_SYS(tkill),      SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev),
                               SCMP_SYS(init_module), SCMP_SYS(finit_module), SCMP_SYS(kexec_load), SCMP_SYS(reboot),     SCMP_SYS(userfaultfd),
                               SCMP_SYS(io_uring_setup), SCMP_SYS(memfd_create), SCMP_SYS(unlink), SCMP_SYS(unlinkat),   SCMP_SYS(rename)};
    int code = 0;
    for (const int call : forbidden)
        if (code == 0) code = ::seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 0);
    if (code == 0) code = ::seccomp_load(filter);
    ::seccomp_release(filter);
    if (code != 0) return system_error("load the system call filter", -code);
    return {};
}

}  // namespace

Status drop_privileges() {
    TRY(limit_resources());
    TRY(empty_file_system());
    TRY(drop_capabilities());
    return filter_system_calls();
}

}  // namespace cambench::sandbox
