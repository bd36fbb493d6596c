// cambench-sandbox with a fake internet in foreign hands, which has the rights of the real one and nothing
// else.
//
// First it tries all that whoever took it over might try; what it was told goes to standard error, a line for
// each: "refused NAME: why", "DONE NAME", and at the end "tried NUMBER". Then it puts forged events into the
// timeline (the file "events": a line for each, the kind, a space, the members of a JSON object), and at last
// serves the camera as the real one does. What it is to do stands in /run/taken-over: it tries where there is
// a file "tries".
#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/io_uring.h>
#include <linux/netlink.h>
#include <linux/perf_event.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/fsuid.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>

#include "bench/internet/channel/channel.hpp"
#include "bench/internet/channel/event_frame.hpp"
#include "bench/internet/process/run.hpp"
#include "bench/sandbox/keeper.hpp"

namespace {

using namespace cambench;

/// As the system calls themselves: -1 and errno, or what was got.
using Attempt = std::function<long()>;

struct Attempts {
    int tried = 0;
    void operator()(const std::string& name, const Attempt& attempt) {
        ++tried;
        errno = 0;
        const long got = attempt();
        if (got == -1)
            std::fprintf(stderr, "refused %s: %s\n", name.c_str(), std::strerror(errno));
        else
            std::fprintf(stderr, "DONE %s (%ld)\n", name.c_str(), got);
    }
};

void against_processes(Attempts& attempt) {
    for (const int target :
         {2, 1000,
          static_cast<int>(
              ::atoi(std::getenv("TAKEN_OVER_VICTIM") ? std::getenv("TAKEN_OVER_VICTIM") : "1"))}) {
        const auto whom = " process " + std::to_string(target);
        attempt("signal" + whom, [=] { return ::kill(target, 0); });
        attempt("trace" + whom, [=] { return ::ptrace(PTRACE_ATTACH, target, nullptr, nullptr); });
        attempt("open" + whom, [=] { return ::syscall(SYS_pidfd_open, target, 0); });
        attempt("read the memory of" + whom, [=] {
            char byte = 0;
            iovec own{&byte, 1}, other{nullptr, 1};
            return static_cast<long>(::syscall(SYS_process_vm_readv, target, &own, 1, &other, 1, 0));
        });
        attempt("limit" + whom, [=] {
            rlimit now{};
            return ::syscall(SYS_prlimit64, target, RLIMIT_NOFILE, nullptr, &now);
        });
        attempt("pin" + whom, [=] {
            cpu_set_t all;
            CPU_ZERO(&all);
            CPU_SET(0, &all);
            return ::sched_setaffinity(target, sizeof all, &all);
        });
    }
    attempt("signal all processes", [] { return ::kill(-1, 0); });
    attempt("signal a thread of another process", [] { return ::syscall(SYS_tgkill, 2, 2, SIGTERM); });
    attempt("queue a signal", [] { return ::syscall(SYS_rt_sigqueueinfo, 2, SIGTERM, nullptr); });
    attempt("get a descriptor of another process", [] { return ::syscall(SYS_pidfd_getfd, 0, 0, 0); });
    attempt("write the memory of another process",
            [] { return ::syscall(SYS_process_vm_writev, 2, nullptr, 0, nullptr, 0, 0); });
    attempt("compare processes", [] { return ::syscall(SYS_kcmp, 1, 2, 0, 0, 0); });
    attempt("be traced", [] { return ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr); });
}

void against_files(Attempts& attempt) {
    for (const auto* path : {"/", "/etc/passwd", "/proc/self/status", "/proc/1/environ", "/dev/null",
                             "/dev/net/tun", "/tmp/x", "/run", "/sys"}) {
        attempt(std::string("open ") + path, [=] { return ::open(path, O_RDONLY | O_CLOEXEC); });
        attempt(std::string("look at ") + path, [=] {
            struct stat state {};
            return ::stat(path, &state);
        });
    }
    attempt("create a file", [] { return ::open("/made", O_CREAT | O_WRONLY, 0600); });
    attempt("open beneath", [] { return ::syscall(SYS_openat2, AT_FDCWD, ".", nullptr, 0); });
    attempt("open by handle", [] { return ::syscall(SYS_open_by_handle_at, 0, nullptr, 0); });
    attempt("make a directory", [] { return ::mkdir("/made", 0700); });
    attempt("make a device", [] { return ::mknod("/made", S_IFCHR | 0600, 0x103); });
    attempt("link", [] { return ::symlink("/", "/made"); });
    attempt("remove", [] { return ::unlink("/made"); });
    attempt("change a file's mode", [] { return ::fchmod(2, 0777); });
    attempt("change a file's owner", [] { return ::fchown(2, 0, 0); });
    attempt("shorten the log", [] { return ::ftruncate(2, 0); });
    attempt("lock the log", [] {
        struct flock lock {};
        return static_cast<long>(::fcntl(2, F_SETLK, &lock));
    });
    attempt("make a file in memory", [] { return ::syscall(SYS_memfd_create, "made", 0U); });
    attempt("watch files", [] { return ::inotify_init1(0); });
    attempt("chroot", [] { return ::chroot("/"); });
    attempt("change the directory", [] { return ::chdir("/"); });
    attempt("mount", [] { return ::mount("proc", "/", "proc", 0, nullptr); });
    attempt("mount anew", [] { return ::syscall(SYS_fsopen, "proc", 0); });
    attempt("copy a tree of mounts", [] { return ::syscall(SYS_open_tree, AT_FDCWD, "/", 1); });
    attempt("unmount", [] { return ::umount2("/", MNT_DETACH); });
    attempt("change the root", [] { return ::syscall(SYS_pivot_root, ".", "."); });
    attempt("run a program", [] { return ::execl("/bin/sh", "sh", nullptr); });
    attempt("run a program by descriptor",
            [] { return ::syscall(SYS_execveat, 2, "", nullptr, nullptr, AT_EMPTY_PATH); });
}

void against_sockets(Attempts& attempt, int channel) {
    for (int family = 0; family < AF_MAX; ++family)
        for (const int type : {SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET})
            attempt("make a socket of family " + std::to_string(family) + " type " + std::to_string(type),
                    [=] { return ::socket(family, type, 0); });
    attempt("make a pair of sockets", [] {
        std::array<int, 2> ends{};
        return static_cast<long>(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()));
    });
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    std::memcpy(name.sun_path + 1, "taken-over", 10);
    attempt("give the channel a name of the host's", [=] {
        return ::bind(channel, reinterpret_cast<const sockaddr*>(&name), sizeof(sa_family_t) + 11);
    });
    attempt("connect the channel elsewhere", [=] {
        return ::connect(channel, reinterpret_cast<const sockaddr*>(&name), sizeof(sa_family_t) + 11);
    });
    attempt("listen on the channel", [=] { return ::listen(channel, 1); });
    attempt("copy the channel", [=] { return ::dup(channel); });
    attempt("copy it by fcntl", [=] { return static_cast<long>(::fcntl(channel, F_DUPFD_CLOEXEC, 100)); });
    attempt("have signals sent for it", [=] { return static_cast<long>(::fcntl(channel, F_SETOWN, 2)); });
    attempt("ask the channel for its peer's namespace",
            [=] { return static_cast<long>(::ioctl(channel, SIOCGSKNS)); });
    attempt("ask which interfaces there are", [=] {
        ifreq request{};
        return static_cast<long>(::ioctl(channel, SIOCGIFCONF, &request));
    });
    const int on = 1;
    attempt("have credentials told",
            [=] { return ::setsockopt(channel, SOL_SOCKET, SO_PASSCRED, &on, sizeof on); });
    attempt("bind it to a device",
            [=] { return ::setsockopt(channel, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3); });
    attempt("mark packets", [=] { return ::setsockopt(channel, SOL_SOCKET, SO_MARK, &on, sizeof on); });
}

/// Nothing is open beside the sockets, the channel and the three descriptors of every process.
void against_descriptors(Attempts& attempt, const internet::Sockets& sockets, int channel) {
    std::vector<int> own{0,
                         1,
                         2,
                         channel,
                         sockets.tcp4,
                         sockets.tcp6,
                         sockets.udp4,
                         sockets.udp6,
                         sockets.raw4,
                         sockets.raw6,
                         sockets.packet};
    own.insert(own.end(), sockets.calling4.begin(), sockets.calling4.end());
    own.insert(own.end(), sockets.calling6.begin(), sockets.calling6.end());
    attempt("have inherited a descriptor", [&] {
        long found = -1;
        for (int one = 0; one < 65536; ++one)
            if (std::find(own.begin(), own.end(), one) == own.end() && ::fcntl(one, F_GETFD) >= 0)
                found = one;
        return found;
    });
    attempt("read from standard input", [] {
        char byte = 0;
        const auto count = ::read(0, &byte, 1);
        return count > 0 ? count : -1;
    });
}

void against_namespaces(Attempts& attempt) {
    for (const int kind : {CLONE_NEWUSER, CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWIPC, CLONE_NEWUTS,
                           CLONE_NEWCGROUP}) {
        attempt("unshare " + std::to_string(kind), [=] { return ::unshare(kind); });
        attempt("clone into " + std::to_string(kind), [=] {
            const auto child = ::syscall(SYS_clone, kind | SIGCHLD, nullptr, nullptr, nullptr, nullptr);
            if (child == 0) ::_exit(0);
            return child;
        });
    }
    attempt("enter a namespace", [] { return ::setns(0, 0); });
    attempt("name the host", [] { return ::sethostname("x", 1); });
    attempt("name the domain", [] { return ::setdomainname("x", 1); });
    attempt("fork", [] {
        const auto child = ::fork();
        if (child == 0) ::_exit(0);
        return static_cast<long>(child);
    });
    attempt("vfork", [] { return ::syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr); });
    attempt("clone by a structure", [] { return ::syscall(SYS_clone3, nullptr, 0); });
    attempt("wait for a child", [] { return static_cast<long>(::waitpid(-1, nullptr, WNOHANG)); });
}

void against_shared_things(Attempts& attempt) {
    attempt("get System V memory", [] { return ::shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600); });
    attempt("get System V semaphores", [] { return ::semget(IPC_PRIVATE, 1, IPC_CREAT | 0600); });
    attempt("get a System V queue", [] { return ::msgget(IPC_PRIVATE, IPC_CREAT | 0600); });
    attempt("open a POSIX queue",
            [] { return ::syscall(SYS_mq_open, "made", O_CREAT | O_RDWR, 0600, nullptr); });
    attempt("search for keys", [] { return ::syscall(SYS_keyctl, 0, -3, 0); });
    attempt("add a key", [] { return ::syscall(SYS_add_key, "user", "made", "x", 1, -3); });
    attempt("ask for a key", [] { return ::syscall(SYS_request_key, "user", "made", nullptr, -3); });
}

void against_the_kernel(Attempts& attempt) {
    attempt("load a program into the kernel", [] {
        bpf_attr what{};
        return ::syscall(SYS_bpf, BPF_MAP_CREATE, &what, sizeof what);
    });
    attempt("make an io_uring", [] {
        io_uring_params wanted{};
        return ::syscall(SYS_io_uring_setup, 1, &wanted);
    });
    attempt("handle page faults", [] { return ::syscall(SYS_userfaultfd, 0); });
    attempt("count events", [] {
        perf_event_attr what{};
        what.size = sizeof what;
        return ::syscall(SYS_perf_event_open, &what, 0, -1, -1, 0);
    });
    attempt("load a module", [] { return ::syscall(SYS_finit_module, 0, "", 0); });
    attempt("load another kernel", [] { return ::syscall(SYS_kexec_load, 0, 0, nullptr, 0); });
    attempt("restart the host", [] { return ::syscall(SYS_reboot, 0xfee1dead, 672274793, 0, nullptr); });
    attempt("swap", [] { return ::swapoff("/made"); });
    attempt("set the clock", [] { return ::syscall(SYS_clock_settime, 0, nullptr); });
    attempt("adjust the clock", [] { return ::syscall(SYS_adjtimex, nullptr); });
    attempt("read the kernel's log", [] { return ::syscall(SYS_syslog, 3, nullptr, 0); });
    attempt("account", [] { return ::syscall(SYS_acct, nullptr); });
    attempt("set another filter", [] { return ::syscall(SYS_seccomp, 1, 0, nullptr); });
    attempt("set a filter by prctl", [] { return ::prctl(PR_SET_SECCOMP, 2, nullptr, 0, 0); });
    attempt("watch the file system", [] { return ::syscall(SYS_fanotify_init, 0, 0); });
}

void against_itself(Attempts& attempt) {
    attempt("be root", [] { return ::setuid(0); });
    attempt("be a group of root's", [] { return ::setgid(0); });
    attempt("be root in all three", [] { return ::setresuid(0, 0, 0); });
    attempt("have groups", [] { return ::setgroups(0, nullptr); });
    attempt("have capabilities", [] { return ::syscall(SYS_capset, nullptr, nullptr); });
    attempt("keep capabilities", [] { return ::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0); });
    attempt("raise ambient capabilities",
            [] { return ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 21, 0, 0); });
    attempt("be dumpable", [] { return ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); });
    attempt("outlive its parent", [] { return ::prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0); });
    attempt("be another personality", [] { return static_cast<long>(::personality(ADDR_NO_RANDOMIZE)); });
    attempt("raise a limit", [] {
        const rlimit more{RLIM_INFINITY, RLIM_INFINITY};
        return static_cast<long>(::setrlimit(RLIMIT_NPROC, &more));
    });
    attempt("be nicer to itself", [] { return ::setpriority(PRIO_PROCESS, 0, -20); });
    attempt("run in real time", [] {
        const sched_param first{99};
        return static_cast<long>(::sched_setscheduler(0, SCHED_FIFO, &first));
    });
    attempt("lock memory", [] { return ::mlockall(MCL_CURRENT); });
    attempt("lead a session", [] { return ::setsid(); });
    attempt("map memory as a program", [] {
        return ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                      0) == MAP_FAILED
                   ? -1L
                   : 1L;
    });
    attempt("make memory a program", [] {
        void* page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        return static_cast<long>(::mprotect(page, 4096, PROT_READ | PROT_EXEC));
    });
}

void try_everything(const internet::Sockets& sockets, int channel) {
    Attempts attempt;
    against_processes(attempt);
    against_files(attempt);
    against_sockets(attempt, channel);
    against_descriptors(attempt, sockets, channel);
    against_namespaces(attempt);
    against_shared_things(attempt);
    against_the_kernel(attempt);
    against_itself(attempt);
    std::fprintf(stderr, "tried %d\n", attempt.tried);
}

/// As the real one writes them.
void forge(const char* events, const RunClock& clock, int channel) {
    std::istringstream lines(events);
    for (std::string line; std::getline(lines, line);) {
        const auto space = line.find(' ');
        if (space == std::string::npos) continue;
        const auto head = internet::event_frame_head(clock.now(), line.substr(0, space), {});
        const auto body = head + line.substr(space + 1);
        ByteWriter frame;
        frame.u32(static_cast<std::uint32_t>(body.size()))
            .u8(static_cast<std::uint8_t>(internet::FrameType::event))
            .text(body);
        (void)::send(channel, frame.view().data(), frame.view().size(), MSG_NOSIGNAL);
    }
}

/// Read while there are files.
struct Told {
    bool tries = false;
    std::string events;
} told;

int be_taken_over(const internet::Sockets& sockets, const internet::Network& network,
                  const internet::Personality& personality, const RunClock& clock, int channel,
                  const std::string& pulse_key) {
    if (told.tries) try_everything(sockets, channel);
    forge(told.events.c_str(), clock, channel);
    return internet::run(sockets, network, personality, clock, channel, pulse_key);
}

}  // namespace

int main(int count, char** arguments) {
    std::ifstream events("/run/taken-over/events");
    told.events.assign(std::istreambuf_iterator<char>(events), {});
    told.tries = std::ifstream("/run/taken-over/tries").good();
    return sandbox::keep_sandbox(3, 4, count > 1 ? arguments[1] : "", be_taken_over);
}
