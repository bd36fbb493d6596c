#include "drivers/power/emulator_monitor.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "harness/core/json.hpp"
#include "harness/core/text.hpp"

namespace cambench {
namespace {

constexpr auto answer_time = std::chrono::seconds(30);
constexpr std::size_t longest_line = 65536;

}  // namespace

MonitorAnswer parse_monitor_line(std::string_view line, std::string& why) {
    const auto json = parse_json(line);
    if (!json.is_object()) return MonitorAnswer::other;
    if (json.contains("return")) return MonitorAnswer::done;
    if (!json.contains("error")) return MonitorAnswer::other;
    const auto& error = json.at("error");
    const bool told = error.is_object() && error.contains("desc") && error.at("desc").is_string();
    why = told ? inert(error.at("desc").get<std::string>()) : "no reason given";
    return MonitorAnswer::refused;
}

Result<FileHandle> EmulatorMonitor::open() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return system_error("socketpair for the emulator's monitor", errno);
    ours_ = FileHandle(ends[0]);
    negotiated_ = false;
    buffer_.clear();
    return FileHandle(ends[1]);
}

Result<std::string> EmulatorMonitor::next_line(Deadline deadline) {
    for (;;) {
        if (const auto end = buffer_.find('\n'); end != std::string::npos) {
            auto line = buffer_.substr(0, end);
            buffer_.erase(0, end + 1);
            return line;
        }
        if (buffer_.size() > longest_line)
            return bench_error("the emulator's monitor sends a line without an end");
        const auto left = std::chrono::duration_cast<Milliseconds>(deadline.remaining()).count();
        pollfd entry{ours_.get(), POLLIN, 0};
        if (left <= 0 || ::poll(&entry, 1, static_cast<int>(left)) == 0)
            return bench_error("the emulator's monitor does not answer");
        std::array<char, 4096> piece{};
        const auto count = ::recv(ours_.get(), piece.data(), piece.size(), 0);
        if (count > 0)
            buffer_.append(piece.data(), static_cast<std::size_t>(count));
        else if (count == 0 || errno != EINTR)
            return bench_error("the emulator's monitor is gone");
    }
}

Status EmulatorMonitor::command(std::string_view json) {
    const auto line = fmt::format("{}\n", json);
    if (::send(ours_.get(), line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size()))
        return system_error("write to the emulator's monitor", errno);
    const auto deadline = Deadline::after(answer_time);
    for (;;) {
        TRY_ASSIGN(const auto answer, next_line(deadline));
        std::string why;
        switch (parse_monitor_line(answer, why)) {
            case MonitorAnswer::done:
                return {};
            case MonitorAnswer::refused:
                return bench_error("the emulator's monitor refuses: " + why);
            case MonitorAnswer::other:
                break;
        }
    }
}

Status EmulatorMonitor::set_cable(Cable cable) {
    if (!ours_.valid()) return bench_error("an emulated camera without power has no network card");
    if (!negotiated_) TRY(command(R"({"execute": "qmp_capabilities"})"));
    negotiated_ = true;
    return command(fmt::format(R"({{"execute": "set_link", "arguments": {{"name": "wire", "up": {}}}}})",
                               cable == Cable::in));
}

}  // namespace cambench
