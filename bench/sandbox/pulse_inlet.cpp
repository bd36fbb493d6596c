#include "bench/sandbox/pulse_inlet.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "bench/sandbox/rules.hpp"
#include "bench/sandbox/sockets.hpp"
#include "harness/core/launch/process.hpp"

namespace cambench::sandbox {
namespace {

constexpr std::size_t longest_frame = 2048;
constexpr auto set_up_time = std::chrono::seconds(60);

Status run_set_up(std::vector<std::string> command, const std::string& script) {
    TRY_ASSIGN(const auto output, run_command({.command = command}, script, Deadline::after(set_up_time)));
    if (output.exit_code != 0) return bench_error(command[0] + ": " + output.text);
    return {};
}

/// The kernel shall say nothing of its own there.
Status be_silent(const std::string& interface) {
    const auto path = "/proc/sys/net/ipv6/conf/" + interface + "/disable_ipv6";
    const FileHandle handle(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!handle.valid()) return errno == ENOENT ? Status() : Status(system_error("open " + path, errno));
    return write_all(handle.get(), as_bytes("1"), path);
}

}  // namespace

Result<PulseInlet> PulseInlet::open(const Layout& layout) {
    PulseInlet inlet;
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0)
        return system_error("socketpair for the heartbeat", errno);
    inlet.end_ = FileHandle(ends[0]);
    inlet.engines_end_ = FileHandle(ends[1]);
    TRY_ASSIGN(inlet.tap_, open_tap(layout.pulse_interface));
    TRY(be_silent(layout.pulse_interface));
    TRY(run_set_up({"ip", "-batch", "-"},
                   "link set " + layout.pulse_interface + " address " + pulse_inlet_mac + " up\n"));
    auto status = run_set_up({"tc", "-batch", "-"}, pulse_commands(layout));
    if (!status)
        return std::move(status).error().in(
            "heartbeat on the camera's wire (the kernel needs clsact, u32 and mirred)");
    return inlet;
}

void PulseInlet::pass() {
    std::array<std::byte, longest_frame> frame{};
    for (;;) {
        const auto count = ::recv(end_.get(), frame.data(), frame.size(), MSG_DONTWAIT);
        if (count < 0 && errno == EINTR) continue;
        if (count == 0 || (count < 0 && errno != EAGAIN)) end_.close();
        if (count <= 0) return;
        (void)::write(
            tap_.get(), frame.data(),
            static_cast<std::size_t>(count));  // while the wire is down nothing gets there: no heartbeat then
    }
}

}  // namespace cambench::sandbox
