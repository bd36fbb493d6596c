#include "bench/sandbox/system_calls.hpp"

#include <asm/ioctls.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

namespace cambench::sandbox {
namespace {

/// Without arguments that would matter: memory, time, waiting, what is open already, and this process alone.
constexpr std::array of_all{SCMP_SYS(read),
                            SCMP_SYS(readv),
                            SCMP_SYS(write),
                            SCMP_SYS(writev),
                            SCMP_SYS(close),
                            SCMP_SYS(fstat),
                            SCMP_SYS(poll),
                            SCMP_SYS(ppoll),
                            SCMP_SYS(epoll_create1),
                            SCMP_SYS(epoll_ctl),
                            SCMP_SYS(epoll_wait),
                            SCMP_SYS(epoll_pwait),
                            SCMP_SYS(eventfd2),
                            SCMP_SYS(timerfd_create),
                            SCMP_SYS(timerfd_settime),
                            SCMP_SYS(futex),
                            SCMP_SYS(brk),
                            SCMP_SYS(munmap),
                            SCMP_SYS(mremap),
                            SCMP_SYS(madvise),
                            SCMP_SYS(rt_sigaction),
                            SCMP_SYS(rt_sigprocmask),
                            SCMP_SYS(rt_sigreturn),
                            SCMP_SYS(sigaltstack),
                            SCMP_SYS(clock_gettime),
                            SCMP_SYS(clock_getres),
                            SCMP_SYS(clock_nanosleep),
                            SCMP_SYS(nanosleep),
                            SCMP_SYS(gettimeofday),
                            SCMP_SYS(time),
                            SCMP_SYS(getrandom),
                            SCMP_SYS(getpid),
                            SCMP_SYS(gettid),
                            SCMP_SYS(sched_yield),
                            SCMP_SYS(sched_getaffinity),
                            SCMP_SYS(exit),
                            SCMP_SYS(exit_group),
                            SCMP_SYS(restart_syscall),
                            SCMP_SYS(set_robust_list),
                            SCMP_SYS(rseq),
                            SCMP_SYS(membarrier),
                            SCMP_SYS(sendto),
                            SCMP_SYS(sendmsg),
                            SCMP_SYS(recvfrom),
                            SCMP_SYS(recvmsg),
                            SCMP_SYS(shutdown),
                            SCMP_SYS(getsockname),
                            SCMP_SYS(getpeername),
                            SCMP_SYS(getsockopt)};

constexpr std::array of_a_server{SCMP_SYS(accept4), SCMP_SYS(accept), SCMP_SYS(sendmmsg), SCMP_SYS(recvmmsg)};
constexpr std::array of_a_client{SCMP_SYS(bind),   SCMP_SYS(connect),  SCMP_SYS(sendmmsg),
                                 SCMP_SYS(select), SCMP_SYS(pselect6), SCMP_SYS(uname)};

constexpr std::array file_commands{F_GETFD, F_SETFD, F_GETFL, F_SETFL};
constexpr std::array device_requests{FIONBIO, FIONREAD, SIOCOUTQ};

using Option = std::pair<int, int>;
constexpr std::array options_of_a_server{
    Option{SOL_SOCKET, SO_LINGER}, Option{SOL_SOCKET, SO_ATTACH_FILTER}, Option{SOL_SOCKET, SO_REUSEADDR},
    Option{SOL_PACKET, PACKET_IGNORE_OUTGOING}, Option{IPPROTO_TCP, TCP_NODELAY}};
constexpr std::array options_of_a_client{
    Option{SOL_SOCKET, SO_KEEPALIVE},        Option{SOL_SOCKET, SO_REUSEADDR},
    Option{SOL_SOCKET, SO_SNDBUF},           Option{SOL_SOCKET, SO_RCVBUF},
    Option{SOL_SOCKET, SO_RCVTIMEO},         Option{SOL_SOCKET, SO_SNDTIMEO},
    Option{SOL_SOCKET, SO_BROADCAST},        Option{IPPROTO_TCP, TCP_KEEPIDLE},
    Option{IPPROTO_TCP, TCP_KEEPINTVL},      Option{IPPROTO_TCP, TCP_KEEPCNT},
    Option{IPPROTO_TCP, TCP_NODELAY},        Option{IPPROTO_IPV6, IPV6_V6ONLY},
    Option{IPPROTO_IPV6, IPV6_UNICAST_HOPS}, Option{IPPROTO_IP, IP_TTL}};

/// A filter that is being written; the first error stays.
class Filter {
public:
    Filter() : filter_(::seccomp_init(SCMP_ACT_ERRNO(EPERM))) {
        if (filter_ == nullptr)
            code_ = -ENOMEM;
        else
            code_ = ::seccomp_attr_set(filter_, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    }
    ~Filter() { ::seccomp_release(filter_); }
    Filter(const Filter&) = delete;
    Filter& operator=(const Filter&) = delete;

    template <typename... Arguments>
    void allow(int call, Arguments... arguments) {
        add(SCMP_ACT_ALLOW, call, arguments...);
    }
    template <typename... Arguments>
    void refuse(int number, int call, Arguments... arguments) {
        add(SCMP_ACT_ERRNO(static_cast<unsigned>(number)), call, arguments...);
    }
    [[nodiscard]] Status load() {
        if (code_ == 0) code_ = ::seccomp_load(filter_);
        return code_ == 0 ? Status() : system_error("load the system call filter", -code_);
    }

private:
    template <typename... Arguments>
    void add(std::uint32_t action, int call, Arguments... arguments) {
        if (code_ == 0) code_ = ::seccomp_rule_add(filter_, action, call, sizeof...(arguments), arguments...);
    }

    scmp_filter_ctx filter_;
    int code_ = 0;
};

/// The argument has these of the bits that the mask covers.
scmp_arg_cmp bits(unsigned number, scmp_datum_t mask, scmp_datum_t value) {
    return {number, SCMP_CMP_MASKED_EQ, mask, value};
}
scmp_arg_cmp is(unsigned number, scmp_datum_t value) { return {number, SCMP_CMP_EQ, value, 0}; }

/// No memory becomes a program, and no new process comes to be: threads only, in the namespaces this one is
/// in.
void allow_memory_and_threads(Filter& filter) {
    filter.allow(SCMP_SYS(mmap), bits(2, PROT_EXEC, 0));
    filter.allow(SCMP_SYS(mprotect), bits(2, PROT_EXEC, 0));
    constexpr scmp_datum_t thread = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD;
    constexpr scmp_datum_t namespaces = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
                                        CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWCGROUP;
    filter.allow(SCMP_SYS(clone), bits(0, thread | namespaces | CLONE_PIDFD | CLONE_PARENT, thread));
    filter.refuse(
        ENOSYS,
        SCMP_SYS(clone3));  // its flags lie in memory, which no filter sees; callers then turn to clone
}

void allow_by_arguments(Filter& filter) {
    for (const int command : file_commands)
        filter.allow(SCMP_SYS(fcntl), is(1, static_cast<scmp_datum_t>(command)));
    for (const auto request : device_requests)
        filter.allow(SCMP_SYS(ioctl), is(1, static_cast<scmp_datum_t>(request)));
    filter.allow(SCMP_SYS(prctl), is(0, PR_SET_NAME));
    filter.allow(SCMP_SYS(tgkill), is(0, static_cast<scmp_datum_t>(::getpid())));  // abort()
    filter.allow(SCMP_SYS(prlimit64), is(0, 0), is(2, 0));                         // asks alone
}

template <typename Options>
void allow_options(Filter& filter, const Options& options) {
    for (const auto& [level, option] : options)
        filter.allow(SCMP_SYS(setsockopt), is(1, static_cast<scmp_datum_t>(level)),
                     is(2, static_cast<scmp_datum_t>(option)));
}

void allow_serving(Filter& filter, std::optional<int> channel) {
    for (const int call : of_a_server) filter.allow(call);
    allow_options(filter, options_of_a_server);
    for (const int call : {SCMP_SYS(bind), SCMP_SYS(connect)}) {
        if (channel)
            filter.allow(call, scmp_arg_cmp{0, SCMP_CMP_NE, static_cast<scmp_datum_t>(*channel), 0});
        else
            filter.allow(call);
    }
}

void allow_asking(Filter& filter) {
    constexpr scmp_datum_t flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
    for (const int call : of_a_client) filter.allow(call);
    allow_options(filter, options_of_a_client);
    for (const int family : {AF_INET, AF_INET6})
        for (const int type : {SOCK_STREAM, SOCK_DGRAM})
            filter.allow(SCMP_SYS(socket), is(0, static_cast<scmp_datum_t>(family)),
                         bits(1, ~flags, static_cast<scmp_datum_t>(type)));
    // Which interface the wire is. Without capabilities it only tells.
    filter.allow(SCMP_SYS(socket), is(0, AF_NETLINK), bits(1, ~flags, SOCK_RAW), is(2, NETLINK_ROUTE));
}

/// What the libraries of a decoder look at; all of it is about this process or the machine's size.
void allow_decoding(Filter& filter) {
    for (const int call :
         {SCMP_SYS(lseek), SCMP_SYS(getcpu), SCMP_SYS(sysinfo), SCMP_SYS(pipe2), SCMP_SYS(get_mempolicy)})
        filter.allow(call);
}

}  // namespace

Status allow_system_calls(Duty duty, std::optional<int> channel) {
    Filter filter;
    for (const int call : of_all) filter.allow(call);
    allow_memory_and_threads(filter);
    allow_by_arguments(filter);
    if (duty == Duty::serve)
        allow_serving(filter, channel);
    else
        allow_asking(filter);
    if (duty == Duty::decode) allow_decoding(filter);
    return filter.load();
}

}  // namespace cambench::sandbox
