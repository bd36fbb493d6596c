#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "harness/core/launch/launcher.hpp"
#include "harness/core/launch/launcher_order.hpp"
#include "harness/core/launch/launcher_service.hpp"
#include "harness/core/launch/packet_socket.hpp"
#include "harness/core/text.hpp"
#include "tests/catch.hpp"
#include "tests/unit/temporary_folder.hpp"

using namespace cambench;
using launcher::Order;

namespace {

constexpr auto launch_patience = std::chrono::seconds(30);

/// A launcher whose asker says what he likes.
class Hijacked {
public:
    Hijacked() {
        auto ends = make_packet_pair("a launcher");
        REQUIRE(ends.ok());
        pid_ = ::fork();
        if (pid_ == 0) {
            ends->first.close();
            ::_exit(launcher::serve(std::move(ends->second)));
        }
        control_ = std::move(ends->first);
    }
    ~Hijacked() {
        control_.close();
        ::waitpid(pid_, nullptr, 0);
    }

    /// "ok 123", "no why"; "" when it is gone.
    std::string ask(std::string_view text, const std::vector<int>& descriptors = {}) {
        REQUIRE(send_packet(control_.get(), text, descriptors, "the launcher").ok());
        auto packet = receive_packet(control_.get(), Deadline::after(launch_patience), "the launcher");
        REQUIRE(packet.ok());
        if (!*packet) return "";
        given_ = std::move((*packet)->descriptors);
        const auto words = launcher::words_of((*packet)->text);
        return words ? join(*words, " ") : "unreadable";
    }
    std::string ask_words(const std::vector<std::string>& words, const std::vector<int>& descriptors = {}) {
        return ask(launcher::to_text(words), descriptors);
    }
    int control() const { return control_.get(); }

private:
    FileHandle control_;
    std::vector<FileHandle> given_;
    pid_t pid_ = -1;
};

Launch shell_by(Launcher& launcher, const std::string& command) {
    return {.command = {"/bin/sh", "-c", command}, .starter = {&launcher}};
}

std::unique_ptr<Launcher> sealed_with(const std::vector<std::string>& commands) {
    auto launcher = Launcher::start();
    REQUIRE(launcher.ok());
    for (const auto& command : commands) REQUIRE((*launcher)->allow_command(command).ok());
    REQUIRE((*launcher)->seal().ok());
    return std::move(*launcher);
}

bool ends_soon(const FileHandle& process) {
    pollfd entry{process.get(), POLLIN, 0};
    return ::poll(&entry, 1, 30'000) == 1;
}

FileHandle handle_of(pid_t process) {
    return FileHandle(static_cast<int>(::syscall(SYS_pidfd_open, process, 0)));
}

launcher::Permits permits_of_a_bench() {
    launcher::Permits permits;
    REQUIRE(permits.add_command("rack 1 on").ok());
    REQUIRE(permits.add_interface("cam0").ok());
    permits.seal();
    return permits;
}

}  // namespace

TEST_CASE("an order survives its way, and a torn one is none", "[core]") {
    const Order order{"curl", 4711, {"--header", "", "x=1"}};
    const auto text = launcher::to_text(launcher::to_words(order));
    const auto words = launcher::words_of(text);
    REQUIRE(words.ok());
    const auto read = launcher::order_of(*words);
    REQUIRE(read.ok());
    CHECK(read->program == "curl");
    CHECK(read->sandbox == 4711);
    CHECK(read->arguments == order.arguments);
    CHECK(!launcher::words_of(text.substr(0, text.size() - 1)).ok());
    CHECK(!launcher::words_of("").ok());
    for (const auto& torn : std::vector<std::vector<std::string>>{
             {"start"}, {"start", "sh"}, {"start", "sh", "x"}, {"start", "sh", ""}, {"seal", "sh", "0"}})
        CHECK(!launcher::order_of(torn).ok());
}

TEST_CASE("what the bench file names may be started, and nothing beside it", "[core]") {
    const auto permits = permits_of_a_bench();
    CHECK(permits.judge({"sh", 0, {"-c", "rack 1 on"}}, 2).ok());
    CHECK(permits.judge({"cambench-sandbox", 0, {}}, 4).ok());
    CHECK(permits.judge({"cambench-sandbox", 0, {"cam0"}}, 4).ok());
    CHECK(permits.judge({"cambench-probe", 7, {"look", "192.0.2.1"}}, 2).ok());
    CHECK(permits.judge({"cambench-viewer", 7, {"rtsp://192.0.2.1/", "3"}}, 4).ok());
    CHECK(permits.judge({"curl", 7, {"http://192.0.2.1/"}}, 4).ok());
    for (const auto& order : std::vector<Order>{{"sh", 0, {"-c", "rack 1 on "}},
                                                {"sh", 0, {"-c", "rack 1 on", "x"}},
                                                {"sh", 0, {"-x", "rack 1 on"}},
                                                {"sh", 0, {"rack 1 on"}},
                                                {"sh", 7, {"-c", "rack 1 on"}},
                                                {"bash", 0, {"-c", "rack 1 on"}},
                                                {"/bin/sh", 0, {"-c", "rack 1 on"}},
                                                {"../sh", 0, {"-c", "rack 1 on"}},
                                                {"", 0, {}}})
        CHECK(!permits.judge(order, 2).ok());
    for (const auto& order : std::vector<Order>{{"cambench-sandbox", 0, {"eth0"}},
                                                {"cambench-sandbox", 0, {""}},
                                                {"cambench-sandbox", 0, {"cam0", "eth0"}},
                                                {"cambench-sandbox", 7, {}},
                                                {"cambench-viewer", 0, {"x", "3"}},
                                                {"cambench-viewer", -7, {"x", "3"}},
                                                {"cambench-viewer", 7, {"x", "3", "/etc"}},
                                                {"curl", 0, {"x"}}})
        CHECK(!permits.judge(order, 4).ok());
    CHECK(!permits.judge({"cambench-sandbox", 0, {}}, 3).ok());
    CHECK(!permits.judge({"cambench-probe", 7, {"look", "192.0.2.1"}}, 4).ok());
}

TEST_CASE("nothing is started before the list is sealed, and nothing gets onto it afterwards", "[core]") {
    launcher::Permits permits;
    REQUIRE(permits.add_command("true").ok());
    CHECK(!permits.judge({"sh", 0, {"-c", "true"}}, 2).ok());
    permits.seal();
    CHECK(permits.judge({"sh", 0, {"-c", "true"}}, 2).ok());
    CHECK(!permits.add_command("false").ok());
    CHECK(!permits.add_interface("eth0").ok());
}

TEST_CASE("a launcher runs the commands of the list and tells their output and end", "[core]") {
    const auto launcher = sealed_with({"cat; echo said; exit 3", "kill -9 $$"});
    const auto output = run_command(shell_by(*launcher, "cat; echo said; exit 3"), "given\n",
                                    Deadline::after(launch_patience));
    REQUIRE(output.ok());
    CHECK(output->text == "given\nsaid\n");
    CHECK(output->exit_code == 3);
    const auto killed = run_command(shell_by(*launcher, "kill -9 $$"), "", Deadline::after(launch_patience));
    REQUIRE(killed.ok());
    CHECK(killed->exit_code == 128 + SIGKILL);
    const auto other = run_command(shell_by(*launcher, "echo other"), "", Deadline::after(launch_patience));
    REQUIRE(!other.ok());
    CHECK(other.error().message.find("no such command") != std::string::npos);
}

TEST_CASE("a launched program has a clean environment and no descriptors but its own", "[core]") {
    ::setenv("CAMBENCH_SECRET", "1", 1);
    const auto launcher = sealed_with({"env; ls /proc/self/fd | wc -l"});
    ::unsetenv("CAMBENCH_SECRET");
    const auto output = run_command(shell_by(*launcher, "env; ls /proc/self/fd | wc -l"), "",
                                    Deadline::after(launch_patience));
    REQUIRE(output.ok());
    CHECK(output->text.find("CAMBENCH_SECRET") == std::string::npos);
    CHECK(output->text.find("PATH=/usr/local/sbin") != std::string::npos);
    CHECK(output->text.ends_with("\n4\n"));  // the three, and the folder that is being read
}

TEST_CASE("a launched command that takes too long is ended with what it started", "[core]") {
    const temporary::Folder folder;
    const auto note = folder.path() / "pid";
    const auto command = "sleep 1000 & echo $! > " + note.string() + "; wait";
    const auto launcher = sealed_with({command});
    const auto output =
        run_command(shell_by(*launcher, command), "", Deadline::after(std::chrono::seconds(2)));
    REQUIRE(!output.ok());
    CHECK(output.error().fault == Fault::timeout);
    const auto text = read_text_file(note);
    REQUIRE(text.ok());
    const auto handle = handle_of(whole_number<pid_t>(trim(*text)).value_or(-1));
    CHECK((!handle.valid() || ends_soon(handle)));
}

TEST_CASE("a launched process can be terminated, and ends when nobody holds it", "[core]") {
    const auto launcher =
        sealed_with({"trap 'exit 5' TERM; echo; while :; do sleep 0.05; done", "exec sleep 1000"});
    auto process =
        Process::start(shell_by(*launcher, "trap 'exit 5' TERM; echo; while :; do sleep 0.05; done"));
    REQUIRE(process.ok());
    CHECK(process->running());
    process->terminate(launch_patience);
    CHECK(!process->running());
    FileHandle end;
    {
        auto sleeper = Process::start(shell_by(*launcher, "exec sleep 1000"));
        REQUIRE(sleeper.ok());
        end = handle_of(sleeper->pid());
    }
    CHECK(ends_soon(end));
}

TEST_CASE("children end with the launcher, and its asker learns it", "[core]") {
    auto launcher = sealed_with({"exec sleep 1000"});
    auto process = Process::start(shell_by(*launcher, "exec sleep 1000"));
    REQUIRE(process.ok());
    const auto end = handle_of(process->pid());
    SECTION("when it is killed") {
        REQUIRE(::kill(launcher->pid(), SIGKILL) == 0);
        CHECK(process->wait(Deadline::after(launch_patience)));
        CHECK(!process->running());
        CHECK(!process->exit_code());
        CHECK(process->ending() == "the launcher died");
        const auto next = Process::start(shell_by(*launcher, "exec sleep 1000"));
        REQUIRE(!next.ok());
        CHECK(next.error().message == "the launcher died");
        CHECK(next.error().fault == Fault::bench);
    }
    SECTION("when it is asked to end") { launcher.reset(); }
    CHECK(ends_soon(end));
}

TEST_CASE("the launcher and its children end when the asker is killed", "[core]") {
    std::array<int, 2> pipe{};
    REQUIRE(::pipe2(pipe.data(), O_CLOEXEC) == 0);
    const auto asker = ::fork();
    if (asker == 0) {
        auto launcher = Launcher::start();
        if (!launcher || !(*launcher)->allow_command("exec sleep 1000") || !(*launcher)->seal()) ::_exit(1);
        auto process = Process::start(shell_by(**launcher, "exec sleep 1000"));
        if (!process) ::_exit(1);
        const std::array numbers{(*launcher)->pid(), process->pid()};
        (void)!::write(pipe[1], numbers.data(), sizeof numbers);
        ::pause();
    }
    std::array<pid_t, 2> numbers{};
    REQUIRE(::read(pipe[0], numbers.data(), sizeof numbers) == sizeof numbers);
    const auto launcher = handle_of(numbers[0]), child = handle_of(numbers[1]);
    ::kill(asker, SIGKILL);
    ::waitpid(asker, nullptr, 0);
    CHECK(ends_soon(launcher));
    CHECK(ends_soon(child));
    for (const int end : pipe) ::close(end);
}

TEST_CASE("a hijacked asker gets nothing beyond the list", "[core]") {
    Hijacked asker;
    const FileHandle nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
    const std::vector two{nothing.get(), nothing.get()},
        four{nothing.get(), nothing.get(), nothing.get(), nothing.get()};
    CHECK(asker.ask_words({"start", "sh", "0", "-c", "true"}, two).starts_with("no "));
    CHECK(asker.ask_words({"allow-command", "true"}) == "ok");
    CHECK(asker.ask_words({"seal"}) == "ok");
    CHECK(asker.ask_words({"allow-command", "id"}) == "no the list is sealed");
    CHECK(asker.ask_words({"allow-interface", "eth0"}) == "no the list is sealed");
    CHECK(asker.ask_words({"start", "sh", "0", "-c", "id"}, two).starts_with("no "));
    CHECK(asker.ask_words({"start", "cambench-sandbox", "0", "eth0"}, four).starts_with("no "));
    CHECK(asker.ask_words({"start", "sh", "0", "-c", "true"}, two).starts_with("ok "));
    for (const pid_t stranger : {pid_t{1}, ::getpid(), ::getppid()})
        for (const auto* program : {"cambench-probe", "curl"})
            CHECK(asker.ask_words({"start", program, std::to_string(stranger), "look", "127.0.0.1"}, two)
                      .find("no sandbox that was started here") != std::string::npos);
    CHECK(asker.ask_words({"unseal"}) == "no nothing of that kind is done");
    CHECK(asker.ask_words({"seal", "x"}) == "no nothing of that kind is done");
}

TEST_CASE("torn and oversized messages are refused, and the launcher goes on", "[core]") {
    Hijacked asker;
    CHECK(asker.ask("seal") == "no the message is torn");
    CHECK(asker.ask(std::string(1, '\0')) == "no nothing of that kind is done");
    const std::string longest(2 * longest_packet, 'x');
    REQUIRE(::send(asker.control(), longest.data(), longest.size(), MSG_NOSIGNAL) > 0);
    auto answer = receive_packet(asker.control(), Deadline::after(launch_patience), "the launcher");
    REQUIRE((answer.ok() && *answer));
    CHECK((*answer)->text == launcher::to_text({"no", "the message is too long"}));
    CHECK(asker.ask_words({"allow-command", std::string(1 << 15, 'x')}) ==
          "no that is more than a bench has");
    CHECK(asker.ask_words({"start", "sh", "99999999999999", "-c", "true"}) == "no the message is torn");
    CHECK(asker.ask_words({"seal"}) == "ok");
}
