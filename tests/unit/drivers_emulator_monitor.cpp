// The monitor of an emulated camera, against a QEMU that is played by the test.

#include <sys/socket.h>

#include <thread>

#include "drivers/power/emulator_monitor.hpp"
#include "tests/catch.hpp"

using namespace cambench;

namespace {

/// Greets and answers each line with the next of its answers; returns what it was sent.
std::string play(int socket, std::vector<std::string> answers) {
    const auto say = [&](const std::string& text) {
        return ::send(socket, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
    };
    std::string heard;
    if (!say("{\"QMP\": {\"version\": {}, \"capabilities\": []}}\r\n")) return heard;
    std::size_t lines = 0;
    char piece[1024];
    for (ssize_t count = 0; lines < answers.size() && (count = ::recv(socket, piece, sizeof piece, 0)) > 0;) {
        heard.append(piece, static_cast<std::size_t>(count));
        for (const auto all = static_cast<std::size_t>(std::count(heard.begin(), heard.end(), '\n'));
             lines < std::min(all, answers.size()); ++lines)
            if (!say(answers[lines])) return heard;
    }
    return heard;
}

}  // namespace

TEST_CASE("a cable is taken out and put in through the emulator's monitor", "[drivers]") {
    EmulatorMonitor monitor;
    const auto theirs = monitor.open();
    REQUIRE(theirs.ok());
    std::string heard;
    {
        const std::jthread emulator([&] {
            heard = play(theirs->get(), {"{\"return\": {}}\r\n",
                                         "{\"event\": \"NIC_RX_FILTER_CHANGED\"}\r\n{\"return\": {}}\r\n",
                                         "{\"return\": {}}\r\n"});
        });
        CHECK(monitor.set_cable(Cable::out).ok());
        CHECK(monitor.set_cable(Cable::in).ok());
    }
    CHECK(heard.find("qmp_capabilities") < heard.find("\"up\": false"));
    CHECK(heard.find("\"up\": false") < heard.find("\"up\": true"));
    CHECK(heard.find("qmp_capabilities", heard.find("set_link")) == std::string::npos);
}

TEST_CASE("a monitor that refuses, that is gone, or that never was is a bench fault", "[drivers]") {
    EmulatorMonitor monitor;
    CHECK(monitor.set_cable(Cable::out).error().message.find("without power") != std::string::npos);
    auto theirs = monitor.open();
    SECTION("refuses") {
        Status status;
        {
            const std::jthread emulator([&] {
                (void)play(
                    theirs->get(),
                    {"{\"return\": {}}\n",
                     "{\"error\": {\"class\": \"DeviceNotFound\", \"desc\": \"no\\u001b[2J wire\"}}\n"});
            });
            status = monitor.set_cable(Cable::out);
        }
        REQUIRE_FALSE(status.ok());
        CHECK(status.error().fault == Fault::bench);
        CHECK(status.error().message.find("wire") != std::string::npos);
        CHECK(status.error().message.find('\x1b') == std::string::npos);
    }
    SECTION("gone") {
        *theirs = FileHandle();
        CHECK_FALSE(monitor.set_cable(Cable::out).ok());
    }
}

TEST_CASE("lines of the monitor that are no answer are passed over", "[drivers]") {
    std::string why;
    for (const auto* line : {"", "{", "[]", "1", "{\"event\": \"RTC_CHANGE\"}", "{\"QMP\": 1}"})
        CHECK(parse_monitor_line(line, why) == MonitorAnswer::other);
    CHECK(parse_monitor_line("{\"return\": {}}", why) == MonitorAnswer::done);
    CHECK(parse_monitor_line("{\"error\": 5}", why) == MonitorAnswer::refused);
    CHECK(why == "no reason given");
}
