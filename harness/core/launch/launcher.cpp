#include "harness/core/launch/launcher.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "harness/core/launch/launcher_order.hpp"
#include "harness/core/launch/launcher_service.hpp"
#include "harness/core/launch/packet_socket.hpp"
#include "harness/core/text.hpp"

namespace cambench {
namespace {

constexpr std::string_view whom = "the launcher";
constexpr auto answer_time = std::chrono::seconds(60);  // it answers at once, unless the machine is starved

class LaunchedChild final : public Child {
public:
    LaunchedChild(pid_t pid, FileHandle leash, FileHandle end)
        : pid_(pid), leash_(std::move(leash)), end_(std::move(end)) {}

    pid_t pid() const override { return pid_; }
    bool is_lost() const override { return lost_; }
    int awaits() const override { return lost_ ? end_.get() : leash_.get(); }

    std::optional<int> exit_code() override {
        int code = 0;
        if (code_ || lost_) return code_;
        const auto count = ::recv(leash_.get(), &code, sizeof code, MSG_DONTWAIT);
        if (count == sizeof code)
            code_ = code;
        else if (count >= 0 || (errno != EAGAIN && errno != EINTR))
            lost_ = true;
        return code_;
    }

    bool has_ended() override {
        if (exit_code()) return true;
        pollfd entry{end_.get(), POLLIN, 0};
        return lost_ && ::poll(&entry, 1, 0) != 0;
    }

    void signal(int number) override {
        const char word = number == SIGKILL ? launcher::kill : launcher::terminate;
        (void)::send(leash_.get(), &word, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    }

private:
    pid_t pid_;
    FileHandle leash_, end_;
    std::optional<int> code_;
    bool lost_ = false;
};

/// What the other side takes for 3, 4, ... must be meant so.
Result<std::vector<int>> in_order(const Launch& launch, int input, int output) {
    std::vector<int> descriptors{input, output};
    int number = 3;
    for (const auto& [ours, theirs] : launch.descriptors) {
        if (theirs != number++)
            return bench_error("start " + launch.command[0] + ": its descriptors have gaps");
        descriptors.push_back(ours);
    }
    return descriptors;
}

}  // namespace

Result<std::unique_ptr<Launcher>> Launcher::start() {
    TRY_ASSIGN(auto ends, make_packet_pair(whom));
    const auto pid = ::fork();
    if (pid < 0) return system_error("start the launcher", errno);
    if (pid == 0) {
        ends.first.close();
        ::_exit(launcher::serve(std::move(ends.second)));
    }
    return std::unique_ptr<Launcher>(new Launcher(std::move(ends.first), pid));
}

Launcher::~Launcher() {
    ::shutdown(control_.get(), SHUT_RDWR);  // whoever else has it open
    control_.close();
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

Result<Launcher::Answer> Launcher::ask(const std::vector<std::string>& words,
                                       const std::vector<int>& descriptors) {
    const std::scoped_lock lock(mutex_);
    const auto died = [] { return bench_error("the launcher died"); };
    const auto text = launcher::to_text(words);
    if (auto sent = send_packet(control_.get(), text, descriptors, whom); !sent)
        return text.size() > longest_packet ? std::move(sent).error() : died();
    TRY_ASSIGN(auto packet, receive_packet(control_.get(), Deadline::after(answer_time), whom));
    if (!packet) return died();
    TRY_ASSIGN(auto said, launcher::words_of(packet->text));
    if (said[0] == launcher::done) return Answer{std::move(said), std::move(packet->descriptors)};
    return bench_error(fmt::format("the launcher refuses: {}", said.size() > 1 ? said[1] : "no reason"));
}

Status Launcher::tell(const std::vector<std::string>& words) {
    auto answer = ask(words);
    return answer ? Status() : Status(std::move(answer).error());
}

Status Launcher::allow_command(const std::string& command) {
    return tell({std::string(launcher::allow_command), command});
}
Status Launcher::allow_interface(const std::string& interface) {
    return tell({std::string(launcher::allow_interface), interface});
}
Status Launcher::seal() { return tell({std::string(launcher::seal)}); }

Result<std::unique_ptr<Child>> Launcher::launch(const Launch& launch, int input, int output) {
    TRY_ASSIGN(const auto descriptors, in_order(launch, input, output));
    launcher::Order order{
        std::filesystem::path(launch.command.at(0)).filename().string(), launch.starter.sandbox, {}};
    order.arguments.assign(launch.command.begin() + 1, launch.command.end());
    TRY_ASSIGN(auto answer, ask(launcher::to_words(order), descriptors));
    const auto pid = answer.words.size() < 2 ? std::nullopt : whole_number<pid_t>(answer.words[1]);
    if (!pid || answer.descriptors.size() != 2) return bench_error("the launcher gave an unreadable answer");
    return std::unique_ptr<Child>(std::make_unique<LaunchedChild>(*pid, std::move(answer.descriptors[0]),
                                                                  std::move(answer.descriptors[1])));
}

}  // namespace cambench
