#include "bench/sandbox/confinement.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

#include "bench/sandbox/namespaces.hpp"
#include "bench/sandbox/privileges.hpp"
#include "harness/core/bytes.hpp"
#include "harness/core/file.hpp"
#include "harness/core/launch/rights.hpp"

namespace cambench::sandbox {
namespace {

/// Whom the child is in its own user namespace; and outside where there is none.
constexpr uid_t nobody = 65534;
/// Users of the host that nobody else is, one for each process: beyond what user accounts and containers are
/// given (systemd's "Users, Groups, UIDs and GIDs").
constexpr unsigned first_outer_user = 0x77000000;

/// What the two say while the child gives up its rights. An error is the child's last word.
constexpr char wants_users = 'u', has_users = 'm', is_confined = 'k', has_failed = 'e';

/// A socket between the two that keeps messages whole.
class Talk {
public:
    explicit Talk(FileHandle end) : end_(std::move(end)) {}
    /// False: the other one is gone.
    bool say(char word, std::string_view text = {}) const {
        const auto message = word + std::string(text);
        return ::send(end_.get(), message.data(), message.size(), MSG_NOSIGNAL) >= 0;
    }
    /// "": the other one is gone.
    [[nodiscard]] std::string hear() const {
        std::array<char, 512> text{};
        ssize_t count = 0;
        do count = ::recv(end_.get(), text.data(), text.size(), 0);
        while (count < 0 && errno == EINTR);
        return {text.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0))};
    }
    [[nodiscard]] int descriptor() const { return end_.get(); }

private:
    FileHandle end_;
};

/// Closes what is not named; standard input, output and error stay.
Status close_all_but(std::vector<int> kept) {
    std::sort(kept.begin(), kept.end());
    unsigned next = 3;
    const auto close_up_to = [&](unsigned last) {
        return last < next || ::syscall(SYS_close_range, next, last, 0U) == 0;
    };
    for (const int one : kept) {
        if (one < static_cast<int>(next)) continue;
        if (!close_up_to(static_cast<unsigned>(one) - 1)) return system_error("close descriptors", errno);
        next = static_cast<unsigned>(one) + 1;
    }
    return close_up_to(~0U) ? Status() : system_error("close descriptors", errno);
}

Status become(uid_t user) {
    if (::setresgid(user, user, user) != 0 || ::setresuid(user, user, user) != 0)
        return system_error("be another user", errno);
    return {};
}

/// The last of the namespaces: it owns none of the others, so that nothing in them obeys it.
Status become_nobody(const Talk& parent) {
    if (::setgroups(0, nullptr) != 0 && errno != EPERM)
        return system_error("leave all groups", errno);  // an ordinary user may not
    if (::unshare(CLONE_NEWUSER) != 0) return become(nobody);
    parent.say(wants_users);
    const auto answer = parent.hear();
    if (answer.empty() || answer.front() != has_users)
        return bench_error(answer.empty() ? "whoever confines the process is gone" : answer.substr(1));
    return become(nobody);
}

Status give_up_rights(const Confinement& confinement, const Talk& parent) {
    auto kept = confinement.descriptors;
    kept.push_back(parent.descriptor());
    TRY(close_all_but(std::move(kept)));
    if (::unshare(CLONE_NEWIPC | CLONE_NEWUTS |
                  (confinement.network == Confinement::Network::none ? CLONE_NEWNET : 0)) != 0)
        return system_error("make namespaces", errno);
    (void)::sethostname("cambench", 8);
    (void)::unshare(CLONE_NEWCGROUP);  // hides a name; older kernels lack it
    TRY(enter_empty_file_system());
    TRY(become_nobody(parent));
    TRY(keep_capabilities({}));
    // What changed the user has made the process forget whom to die with.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::prctl(PR_SET_DUMPABLE, 0);
    ::prctl(PR_SET_NAME, confinement.name.c_str());
    TRY(limit_resources());
    return allow_system_calls(confinement.duty, confinement.channel);
}

[[noreturn]] void be_confined(const Confinement& confinement, FileHandle end,
                              const std::function<int()>& work) {
    {
        const Talk parent(std::move(end));
        if (const auto status = give_up_rights(confinement, parent); !status) {
            parent.say(has_failed, status.error().message);
            ::_exit(3);
        }
        if (!parent.say(is_confined)) ::_exit(3);
    }
    const int code = work();
    std::fflush(nullptr);
    ::_exit(code);
}

Status write_map(pid_t child, const char* file, const std::string& line) {
    const auto path = fmt::format("/proc/{}/{}", child, file);
    const FileHandle handle(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!handle.valid()) return system_error("open " + path, errno);
    return ::write(handle.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size())
               ? Status()
               : system_error("write " + path, errno);
}

/// A user of the host for this process alone; "nobody" where the caller's own namespace has fewer users; the
/// caller's own where it has just one.
Status give_users(pid_t child) {
    Status status;
    for (const unsigned outer :
         {first_outer_user + static_cast<unsigned>(child), static_cast<unsigned>(nobody), 0U}) {
        const auto line = fmt::format("{} {} 1", nobody, outer);
        status = write_map(child, "gid_map", line);
        if (status) status = write_map(child, "uid_map", line);
        if (status) return {};
    }
    return status;
}

/// Until the child is confined.
Status help(const Talk& child, pid_t process) {
    auto said = child.hear();
    if (!said.empty() && said.front() == wants_users) {
        const auto given = give_users(process);
        given ? child.say(has_users) : child.say(has_failed, given.error().message);
        said = child.hear();
    }
    if (!said.empty() && said.front() == is_confined) return {};
    return bench_error(said.empty() ? "it ended" : said.substr(1));
}

/// In a process namespace of its own, which ends with it. Not by unshare() and fork(): an ordinary user's
/// process cannot come back from there, and the keeper has programs to run later. The child has one thread as
/// well; glibc's note of that thread's number stays this process's, which nothing here reads.
Result<pid_t> fork_apart() {
    std::fflush(nullptr);
    const auto child = static_cast<pid_t>(::syscall(
        SYS_clone, static_cast<unsigned long>(CLONE_NEWPID | SIGCHLD), nullptr, nullptr, nullptr, nullptr));
    if (child < 0) return system_error("make a process namespace", errno);
    return child;
}

}  // namespace

Result<pid_t> start_confined(const Confinement& confinement, const std::function<int()>& work) {
    if (!is_privileged()) TRY(enter_user_namespace());
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return system_error("confine " + confinement.name, errno);
    FileHandle ours(ends[0]), theirs(ends[1]);
    auto child = fork_apart();
    if (!child) return std::move(child).error().in("confine " + confinement.name);
    if (*child == 0) be_confined(confinement, std::move(theirs), work);
    theirs.close();
    if (auto status = help(Talk(std::move(ours)), *child); !status) {
        ::kill(*child, SIGKILL);
        (void)exit_code_of(*child);
        return std::move(status).error().in("confine " + confinement.name);
    }
    return child;
}

Result<int> run_confined(const Confinement& confinement, const std::function<int()>& work) {
    TRY_ASSIGN(const auto child, start_confined(confinement, work));
    TRY(keep_capabilities({}));
    return exit_code_of(child);
}

int exit_code_of(pid_t process) {
    int status = 0;
    while (::waitpid(process, &status, 0) < 0)
        if (errno != EINTR) return 128;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace cambench::sandbox
