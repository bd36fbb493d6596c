#include "harness/core/launch/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/process.hpp>
#include <boost/process/extend.hpp>
#include <cstdlib>
#include <thread>

#include "harness/core/file.hpp"
#include "harness/core/launch/child.hpp"
#include "harness/core/launch/launcher.hpp"
#include "harness/core/text.hpp"

namespace cambench {
namespace {

namespace bp = boost::process;

constexpr int first_spare_descriptor = 200;

/// Runs in the child between fork and exec: only calls that are safe there.
struct ChildSetup : bp::extend::handler {
    const Launch* launch;
    pid_t parent;
    int input, output;

    ChildSetup(const Launch& l, int in, int out) : launch(&l), parent(::getpid()), input(in), output(out) {}

    template <typename Executor>
    void on_exec_setup(Executor&) const {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::setpgid(0, 0);  // Ctrl-C at a terminal is for us: we end our children in order
        if (::getppid() != parent) ::_exit(127);
        sigset_t none;
        sigemptyset(&none);
        ::sigprocmask(SIG_SETMASK, &none, nullptr);
        if (launch->user_namespace && ::setns(*launch->user_namespace, CLONE_NEWUSER) != 0) ::_exit(126);
        if (launch->network_namespace && ::setns(*launch->network_namespace, CLONE_NEWNET) != 0) ::_exit(126);
        move_descriptors();
    }

    /// First to spare numbers, then to their places: no move overwrites another's source.
    void move_descriptors() const {
        int spare = first_spare_descriptor;
        for (const auto& [ours, theirs] : launch->descriptors) ::dup2(ours, spare++);
        ::dup2(input, 0);
        ::dup2(output, 1);
        ::dup2(output, 2);
        int highest = 2;
        spare = first_spare_descriptor;
        for (const auto& [ours, theirs] : launch->descriptors) {
            ::dup2(spare++, theirs);
            highest = std::max(highest, theirs);
        }
        // Boost.Process reports a failed exec through a pipe of its own: closed by exec, so mark instead of
        // closing.
        ::syscall(SYS_close_range, static_cast<unsigned>(highest + 1), ~0U, 4U /* CLOSE_RANGE_CLOEXEC */);
    }
};

class OwnChild final : public Child {
public:
    explicit OwnChild(bp::child child) : child_(std::move(child)) {}
    ~OwnChild() override {
        std::error_code code;
        if (child_.running(code)) child_.terminate(code);
    }

    pid_t pid() const override { return child_.id(); }
    int awaits() const override { return end_.get(); }
    std::optional<int> exit_code() override {
        std::error_code code;
        if (child_.running(code)) return std::nullopt;
        const int native = child_.native_exit_code();
        return WIFSIGNALED(native) ? 128 + WTERMSIG(native) : WEXITSTATUS(native);
    }
    void signal(int number) override {
        if (exit_code()) return;
        if (number == SIGKILL)
            ::kill(-pid(), number);  // a shell's own children too: each child leads its group
        ::kill(pid(), number);
    }

private:
    bp::child child_;
    const FileHandle end_{static_cast<int>(::syscall(SYS_pidfd_open, child_.id(), 0))};
};

}  // namespace

std::optional<std::filesystem::path> find_program(const std::string& name) {
    std::error_code code;
    if (name.find('/') != std::string::npos)
        return std::filesystem::exists(name, code) ? std::optional<std::filesystem::path>(name)
                                                   : std::nullopt;
    const char* path = std::getenv("PATH");
    const auto places =
        std::string(path == nullptr ? "" : path) + ":/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin";
    for (const auto& place : split(places, ':')) {
        const auto candidate = std::filesystem::path(place) / name;
        if (::access(candidate.c_str(), X_OK) == 0) return candidate;
    }
    return std::nullopt;
}

Process::Process(std::unique_ptr<Child> child, std::string program)
    : child_(std::move(child)), program_(std::move(program)) {}
Process::Process(Process&&) noexcept = default;
Process& Process::operator=(Process&& other) noexcept {
    if (this != &other) {
        kill();
        child_ = std::move(other.child_);
        program_ = std::move(other.program_);
    }
    return *this;
}
Process::~Process() { kill(); }

static Result<std::unique_ptr<Child>> start_child(const Launch& launch, int input, int output) {
    if (launch.starter.launcher != nullptr) return launch.starter.launcher->launch(launch, input, output);
    const auto program = find_program(launch.command.at(0));
    if (!program) return bench_error(fmt::format("start {}: not found in PATH", launch.command[0]));
    const std::vector<std::string> arguments(launch.command.begin() + 1, launch.command.end());
    std::error_code code;
    try {
        bp::child child(bp::exe = program->string(), bp::args = arguments, code,
                        ChildSetup(launch, input, output));
        if (code) return bench_error(fmt::format("start {}: {}", launch.command[0], code.message()));
        return std::unique_ptr<Child>(std::make_unique<OwnChild>(std::move(child)));
    } catch (const std::exception& exception) {
        return bench_error(fmt::format("start {}: {}", launch.command[0], exception.what()));
    }
}

Result<Process> Process::start(const Launch& launch) {
    FileHandle input(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    const auto target = launch.output.empty() ? std::filesystem::path("/dev/null") : launch.output;
    FileHandle output(::open(target.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
    if (!output.valid()) return system_error("open " + target.string(), errno);
    TRY_ASSIGN(auto child, start_child(launch, input.get(), output.get()));
    return Process(std::move(child), launch.command[0]);
}

pid_t Process::pid() const { return child_->pid(); }

bool Process::running() { return !child_->exit_code() && !child_->is_lost(); }

std::optional<int> Process::exit_code() { return child_->exit_code(); }

std::string Process::ending() {
    const auto code = exit_code();
    if (!code) return child_->is_lost() ? "the launcher died" : "";
    return *code > 128 ? fmt::format("{} was killed by signal {}", program_, *code - 128)
                       : fmt::format("{} exited with {}", program_, *code);
}

/// False: the deadline passed before.
static bool await_end(Child& child, Deadline deadline) {
    while (!child.has_ended()) {
        if (deadline.passed()) return false;
        pollfd poll_entry{child.awaits(), POLLIN, 0};
        const auto patience = std::min<std::int64_t>(deadline.remaining().count(), 1000);
        if (poll_entry.fd >= 0)
            ::poll(&poll_entry, 1, static_cast<int>(patience));
        else
            std::this_thread::sleep_for(Milliseconds(std::min<std::int64_t>(patience, 5)));
    }
    return true;
}

bool Process::wait(Deadline deadline) { return await_end(*child_, deadline); }

/// SIGKILL takes a moment; what a dead launcher leaves is out of reach.
static void kill_and_wait(Child& child) {
    constexpr auto out_of_reach = std::chrono::seconds(30);
    child.signal(SIGKILL);
    while (!await_end(child, Deadline::after(out_of_reach)) && !child.is_lost()) {
    }
}

void Process::kill() {
    if (child_ && !child_->has_ended()) kill_and_wait(*child_);
}

void Process::terminate(Nanoseconds grace) {
    if (!running()) return;
    child_->signal(SIGTERM);
    if (!wait(Deadline::after(grace))) kill();
}

Result<CommandOutput> run_command(const Launch& launch, const std::string& input, Deadline deadline,
                                  const std::function<Status()>& meanwhile) {
    const FileHandle source(::memfd_create("input", MFD_CLOEXEC));
    std::array<int, 2> ends{};
    if (!source.valid() || ::pipe2(ends.data(), O_CLOEXEC) != 0)
        return system_error("start " + launch.command.at(0), errno);
    FileHandle reading(ends[0]);
    FileHandle writing(ends[1]);
    TRY(write_all(source.get(), as_bytes(input), "input of " + launch.command[0]));
    ::lseek(source.get(), 0, SEEK_SET);
    TRY_ASSIGN(const auto child, start_child(launch, source.get(), writing.get()));
    writing.close();
    CommandOutput output;
    std::array<char, 4096> buffer{};
    while (true) {
        pollfd entry{reading.get(), POLLIN, 0};
        const std::int64_t longest = meanwhile ? 200 : 60'000;
        const bool quiet =
            ::poll(&entry, 1, static_cast<int>(std::min(deadline.remaining().count(), longest))) == 0;
        auto status = quiet && deadline.passed()
                          ? Status(timeout_error(fmt::format("{} did not finish in time", launch.command[0])))
                          : Status();
        if (status.ok() && meanwhile) status = meanwhile();
        if (!status.ok()) {
            kill_and_wait(*child);
            return std::move(status).error();
        }
        if (quiet) continue;
        const auto count = ::read(reading.get(), buffer.data(), buffer.size());
        if (count == 0 || (count < 0 && errno != EINTR)) break;
        if (count > 0) output.text.append(buffer.data(), static_cast<std::size_t>(count));
    }
    while (!await_end(*child, Deadline::after(std::chrono::hours(1)))) {
    }
    const auto code = child->exit_code();
    if (!code) return bench_error(fmt::format("{}: the launcher died", launch.command[0]));
    output.exit_code = *code;
    return output;
}

}  // namespace cambench
