#include "harness/core/launch/launcher_service.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

#include "harness/core/launch/caller.hpp"
#include "harness/core/launch/launcher_order.hpp"
#include "harness/core/launch/packet_socket.hpp"
#include "harness/core/launch/process.hpp"
#include "harness/core/launch/rights.hpp"

namespace cambench::launcher {
namespace {

constexpr std::string_view engine = "the engine";
constexpr std::string_view sandbox_program = "cambench-sandbox";
constexpr std::size_t most_children = 1024;
constexpr int first_spare = 200;
constexpr auto time_to_put_back = std::chrono::seconds(30);

struct Started {
    pid_t pid = 0;
    std::string program;
    FileHandle ends;   ///< a pidfd: readable when it has ended
    FileHandle leash;  ///< what it is to get; closed by the other side: it ends
};

struct Namespaces {
    FileHandle user, network;
};

/// Everything between fork and exec.
struct Birth {
    std::string program;
    std::vector<std::string> arguments, environment;
    std::vector<FileHandle> descriptors;
    Namespaces namespaces;
    bool without_rights = false;
    std::optional<Caller> caller;  ///< whom it becomes without rights
};

std::vector<char*> pointers(const std::vector<std::string>& words) {
    std::vector<char*> list;
    for (const auto& word : words) list.push_back(const_cast<char*>(word.c_str()));
    list.push_back(nullptr);
    return list;
}

void place_descriptors(const std::vector<FileHandle>& descriptors) {
    std::vector<int> spare;
    for (const auto& one : descriptors) spare.push_back(::fcntl(one.get(), F_DUPFD, first_spare));
    for (std::size_t i = 0; i < spare.size(); ++i) ::dup2(spare[i], static_cast<int>(i < 2 ? i : i + 1));
    ::dup2(1, 2);
    ::syscall(SYS_close_range, static_cast<unsigned>(std::max<std::size_t>(spare.size(), 2) + 1), ~0U, 0U);
}

[[noreturn]] void be_born(const Birth& birth, pid_t parent) {
    for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::setpgid(0, 0);
    const auto enter = [](const FileHandle& where, int kind) {
        return !where.valid() || ::setns(where.get(), kind) == 0;
    };
    if (!enter(birth.namespaces.user, CLONE_NEWUSER) || !enter(birth.namespaces.network, CLONE_NEWNET))
        ::_exit(126);
    if (birth.without_rights && !give_up_rights(birth.caller)) ::_exit(126);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    place_descriptors(birth.descriptors);
    auto arguments = birth.arguments;
    arguments.insert(arguments.begin(), birth.program);
    ::execve(birth.program.c_str(), pointers(arguments).data(), pointers(birth.environment).data());
    ::_exit(127);
}

/// The same for whatever is started, from how the launcher itself was started.
std::vector<std::string> clean_environment() {
    std::vector<std::string> environment{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                                         "LANG=C.UTF-8"};
    const auto* entry = ::getpwuid(::geteuid());
    environment.push_back(fmt::format("HOME={}", entry != nullptr ? entry->pw_dir : "/"));
    if (const char* directory = std::getenv("CAMBENCH_RUNTIME_DIR"); directory != nullptr)
        environment.push_back(fmt::format("CAMBENCH_RUNTIME_DIR={}", directory));
    return environment;
}

FileHandle namespace_of(std::string_view process, const char* kind) {
    return FileHandle(::open(fmt::format("/proc/{}/ns/{}", process, kind).c_str(), O_RDONLY | O_CLOEXEC));
}

bool is_same(const FileHandle& one, const FileHandle& other) {
    struct stat first {};
    struct stat second {};
    return ::fstat(one.get(), &first) == 0 && ::fstat(other.get(), &second) == 0 &&
           first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

/// Those of a sandbox that is up: it has left the host's network.
Result<Namespaces> namespaces_of(pid_t sandbox) {
    const auto process = std::to_string(sandbox);
    Namespaces found{namespace_of(process, "user"), namespace_of(process, "net")};
    if (!found.user.valid() || !found.network.valid()) return system_error("enter the sandbox", errno);
    if (is_same(found.network, namespace_of("self", "net")))
        return bench_error("enter the sandbox: it is not up yet");
    if (is_same(found.user, namespace_of("self", "user"))) found.user.close();
    return found;
}

class Service {
public:
    explicit Service(FileHandle control) : control_(std::move(control)) {}

    void run() {
        for (auto news = await(); news != News::asker_ended; news = await()) {
            bury_the_dead();
            for (auto& child : children_) obey_leash(child);
            if (news == News::asked && !hear()) break;
        }
        end_all();
    }

private:
    enum class News { asked, asker_ended, of_children };

    News await() const {
        std::vector<pollfd> entries{{asker_.get(), POLLIN, 0}, {control_.get(), POLLIN, 0}};
        for (const auto& child : children_) {
            entries.push_back({child.ends.get(), POLLIN, 0});
            if (child.leash.valid()) entries.push_back({child.leash.get(), POLLIN, 0});
        }
        while (::poll(entries.data(), entries.size(), -1) < 0 && errno == EINTR) {
        }
        if (entries[0].revents != 0) return News::asker_ended;
        return entries[1].revents != 0 ? News::asked : News::of_children;
    }

    void bury_the_dead() {
        std::erase_if(children_, [](Started& child) {
            int state = 0;
            if (::waitpid(child.pid, &state, WNOHANG) != child.pid) return false;
            const int code = WIFSIGNALED(state) ? 128 + WTERMSIG(state) : WEXITSTATUS(state);
            (void)::send(child.leash.get(), &code, sizeof code, MSG_NOSIGNAL | MSG_DONTWAIT);
            return true;
        });
    }

    static void signal(const Started& child, int number) {
        if (number == SIGKILL) ::kill(-child.pid, number);  // what a shell has started, too
        ::kill(child.pid, number);
    }

    static void obey_leash(Started& child) {
        char word = 0;
        const auto count = ::recv(child.leash.get(), &word, 1, MSG_DONTWAIT);
        if (count < 0) return;
        if (count == 1 && word == terminate) signal(child, SIGTERM);
        if (count == 1 && word == kill) signal(child, SIGKILL);
        if (count == 0) let_go(child);
    }

    static void let_go(Started& child) {
        child.leash.close();
        if (child.program != sandbox_program) signal(child, SIGKILL);
    }

    /// False: nobody is there any more.
    bool hear() {
        auto packet = receive_packet(control_.get(), Deadline::after({}), engine);
        if (!packet) return packet.error().fault == Fault::timeout;
        if (!*packet) return false;
        const auto status = carry_out(**packet);
        if (!status)
            (void)send_packet(control_.get(), to_text({std::string(refused), status.error().message}), {},
                              engine);
        return true;
    }

    Status carry_out(Packet& packet) {
        if (!packet.whole) return bench_error("the message is too long");
        TRY_ASSIGN(const auto words, words_of(packet.text));
        if (words[0] == start) return start_child(words, std::move(packet.descriptors));
        if (words[0] == allow_command && words.size() == 2)
            TRY(permits_.add_command(words[1]));
        else if (words[0] == allow_interface && words.size() == 2)
            TRY(permits_.add_interface(words[1]));
        else if (words[0] == seal && words.size() == 1)
            permits_.seal();
        else
            return bench_error("nothing of that kind is done");
        return send_packet(control_.get(), to_text({std::string(done)}), {}, engine);
    }

    Status start_child(const std::vector<std::string>& words, std::vector<FileHandle> descriptors) {
        TRY_ASSIGN(const auto order, order_of(words));
        TRY(permits_.judge(order, descriptors.size()));
        if (children_.size() >= most_children) return bench_error("too many programs run already");
        Birth birth;
        if (order.sandbox > 0) {
            TRY(expect_sandbox(order.sandbox));
            TRY_ASSIGN(birth.namespaces, namespaces_of(order.sandbox));
        }
        birth.program = program_file(order.program);
        birth.arguments = order.arguments;
        birth.environment = environment_;
        birth.descriptors = std::move(descriptors);
        birth.without_rights = order.program == "curl";
        birth.caller = caller_;
        return give_birth(order.program, birth);
    }

    Status expect_sandbox(pid_t process) const {
        const auto is_it = [&](const Started& child) {
            return child.pid == process && child.program == sandbox_program;
        };
        const bool known = std::any_of(children_.begin(), children_.end(), is_it);
        return known ? Status()
                     : Status(bench_error(fmt::format("{} is no sandbox that was started here", process)));
    }

    [[nodiscard]] std::string program_file(const std::string& name) const {
        if (name == "sh") return "/bin/sh";
        return name == "curl" ? curl_ : companion_program(name).string();
    }

    Status give_birth(const std::string& name, const Birth& birth) {
        if (birth.program.empty() || ::access(birth.program.c_str(), X_OK) != 0)
            return system_error("start " + name, errno);
        TRY_ASSIGN(auto leash, make_packet_pair("a child"));
        const auto own = ::getpid();
        const auto pid = ::fork();
        if (pid < 0) return system_error("start " + name, errno);
        if (pid == 0) be_born(birth, own);
        FileHandle ends(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
        children_.push_back({pid, name, std::move(ends), std::move(leash.first)});
        const auto& child = children_.back();
        return send_packet(control_.get(), to_text({std::string(done), std::to_string(pid)}),
                           std::array{leash.second.get(), child.ends.get()}, engine);
    }

    void end_all() {
        for (auto& child : children_) let_go(child);
        const auto deadline = Deadline::after(time_to_put_back);
        for (auto& child : children_) {
            pollfd entry{child.ends.get(), POLLIN, 0};
            if (::poll(&entry, 1, static_cast<int>(deadline.remaining().count())) == 0)
                signal(child, SIGKILL);
            ::waitpid(child.pid, nullptr, 0);
        }
    }

    const FileHandle asker_{static_cast<int>(::syscall(SYS_pidfd_open, ::getppid(), 0))};
    FileHandle control_;
    Permits permits_;
    std::vector<Started> children_;
    const std::optional<Caller> caller_ = sudo_caller();
    const std::vector<std::string> environment_ = clean_environment();
    const std::string curl_ = find_program("curl").value_or("").string();
};

/// Only the asker's end decides when it is over, and no terminal; nothing of the asker's stays open.
void stand_alone(int control) {
    ::setsid();
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) ::signal(number, SIG_IGN);
    ::prctl(PR_SET_NAME, "cambench-launch");
    ::prctl(PR_SET_DUMPABLE, 0);
    const FileHandle nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
    for (const int number : {0, 1, 2}) ::dup2(nothing.get(), number);
    if (control > 3) ::syscall(SYS_close_range, 3U, static_cast<unsigned>(control - 1), 0U);
    ::syscall(SYS_close_range, static_cast<unsigned>(control + 1), ~0U, 0U);
}

}  // namespace

int serve(FileHandle control) {
    stand_alone(control.get());
    Service(std::move(control)).run();
    return 0;
}

}  // namespace cambench::launcher
