// The recorder of a slot alone, as the sandbox runs it: records INTERFACE into FILE, prints "ready", ends
// with its standard input, then prints what it recorded as a JSON object.
#include <cstdio>
#include <iostream>
#include <string>

#include "bench/sandbox/capture.hpp"
#include "bench/sandbox/sandbox.hpp"
#include "bench/sandbox/sockets.hpp"

int main(int count, char** arguments) {
    using namespace cambench;
    if (count != 3) return std::fprintf(stderr, "usage: live_capture INTERFACE FILE\n"), 64;
    const auto fail = [](const Error& error) {
        return std::fprintf(stderr, "%s\n", error.message.c_str()), 3;
    };
    const auto ring_bytes = sandbox::Wishes{}.capture_bytes;
    auto socket = sandbox::open_capture(arguments[1], ring_bytes);
    if (!socket) return fail(socket.error());
    const auto capture = sandbox::Capture::start(std::move(*socket), ring_bytes, arguments[2], arguments[1],
                                                 RunClock::start());
    if (!capture) return fail(capture.error());
    std::printf("ready\n");
    std::fflush(stdout);
    for (std::string line; std::getline(std::cin, line);) {
    }
    const auto totals = (*capture)->stop();
    std::printf("{\"frames\": %llu, \"dropped\": %llu}\n", static_cast<unsigned long long>(totals.frames),
                static_cast<unsigned long long>(totals.dropped));
    return totals.status ? 0 : fail(totals.status.error());
}
