#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "drivers/power/board_tables.hpp"
#include "drivers/power/boards/command.hpp"
#include "drivers/power/relay_board.hpp"
#include "tests/unit/drivers_transcripts.hpp"

using namespace transcripts;
using namespace std::chrono_literals;
using State = PowerSwitch::State;
using Use = PowerSurroundings::Use;

namespace {

/// A board that behaves: a mask of contacts that is read, changed and written, as real boards have it.
struct Contacts {
    std::atomic<unsigned> mask = 0;
    std::optional<unsigned> stuck = {};  ///< a channel that never moves
    bool readable = true;
    unsigned failures = 0;    ///< of the next commands
    unsigned lost_reads = 0;  ///< of the next ones
    unsigned commands = 0;
};

class FakeBoard final : public RelayBoard {
public:
    explicit FakeBoard(Contacts& contacts) : contacts_(contacts) {}
    Status set(unsigned channel, State wanted, BoardLock&) override {
        ++contacts_.commands;
        if (contacts_.failures > 0) return --contacts_.failures, Status(timeout_error("nothing came"));
        if (contacts_.stuck == channel) return {};
        const unsigned mask = contacts_.mask;
        std::this_thread::yield();  // somebody else's turn: the lock has to keep him away
        contacts_.mask = wanted == State::on ? mask | 1U << channel : mask & ~(1U << channel);
        return {};
    }
    Result<std::optional<State>> read(unsigned channel, BoardLock&) override {
        if (contacts_.lost_reads > 0)
            return --contacts_.lost_reads, Result<std::optional<State>>(timeout_error("nothing came"));
        if (!contacts_.readable) return std::optional<State>{};
        return std::optional((contacts_.mask >> channel & 1) != 0 ? State::on : State::off);
    }

private:
    Contacts& contacts_;
};

Result<std::unique_ptr<PowerSwitch>> open(Contacts& contacts, unsigned channel, Use use = Use::own,
                                          ChannelClaims* claims = nullptr) {
    return open_board_channel(
        std::make_unique<FakeBoard>(contacts),
        {.key = "usb-1-1.4", .name = "fake-relay 'A' at USB port 1-1.4", .channel = channel},
        {.use = use, .claims = claims});
}

}  // namespace

TEST_CASE("a contact that does not follow is a bench fault that names board and channel", "[drivers]") {
    const Locks locks;
    Contacts contacts;
    contacts.mask = 1U << 3;
    contacts.stuck = 3;
    const auto power = open(contacts, 3).value()->set(State::off);
    REQUIRE_FALSE(power.ok());
    CHECK(power.error().fault == Fault::bench);
    CHECK(power.error().message ==
          "fake-relay 'A' at USB port 1-1.4, channel 3: switched off, but reads back on: the board ignored "
          "the command, or the contact is stuck");
}

TEST_CASE("a board that cannot be read back is not said to be off", "[drivers]") {
    const Locks locks;
    Contacts contacts;
    contacts.readable = false;
    const auto power = open(contacts, 1).value();
    CHECK(power->set(State::on).ok());
    CHECK(power->read_back().value() == std::nullopt);
}

TEST_CASE("switching off is tried twice, switching on once; a timeout is the bench's fault", "[drivers]") {
    const Locks locks;
    Contacts contacts;
    const auto power = open(contacts, 1).value();
    contacts.failures = 1;
    CHECK(power->set(State::off).ok());
    CHECK(contacts.commands == 2);
    contacts.failures = 1;
    const auto on = power->set(State::on);
    REQUIRE_FALSE(on.ok());
    CHECK(on.error().fault == Fault::bench);
    CHECK(on.error().message == "fake-relay 'A' at USB port 1-1.4, channel 1: nothing came");
    contacts.failures = 2;
    const auto off = power->set(State::off);
    REQUIRE_FALSE(off.ok());
    CHECK(off.error().message ==
          "fake-relay 'A' at USB port 1-1.4, channel 1: nothing came (tried twice within 0.0 s)");
}

TEST_CASE("one lost read-back is asked for again, two are the bench's fault", "[drivers]") {
    const Locks locks;
    Contacts contacts;
    const auto power = open(contacts, 1).value();
    contacts.lost_reads = 1;
    CHECK(power->read_back().value() == State::off);
    contacts.lost_reads = 2;
    const auto state = power->read_back();
    REQUIRE_FALSE(state.ok());
    CHECK(state.error().fault == Fault::bench);
    CHECK(state.error().message.find("nothing came (tried twice within") != std::string::npos);
}

TEST_CASE("several slots on one board lose no update", "[drivers]") {
    const Locks locks;
    Contacts contacts;
    constexpr unsigned rounds = 200;
    std::vector<std::jthread> slots;
    std::atomic<unsigned> wrong = 0;
    for (unsigned channel = 0; channel < 4; ++channel)
        slots.emplace_back([&, channel] {
            const auto power = open(contacts, channel);
            for (unsigned i = 0; i < rounds; ++i)
                if (!power.ok() || !(*power)->set(i % 2 == 0 ? State::on : State::off).ok()) ++wrong;
        });
    slots.clear();
    CHECK(wrong == 0);
    CHECK(contacts.mask == 0);
}

TEST_CASE("a channel has one owner at a time, also in another process; looking is allowed", "[drivers]") {
    const Locks locks;
    Contacts contacts;
    auto first = open(contacts, 2);
    REQUIRE(first.ok());
    const auto second = open(contacts, 2);
    REQUIRE_FALSE(second.ok());
    CHECK(
        second.error().message ==
        fmt::format("fake-relay 'A' at USB port 1-1.4, channel 2: another run uses this channel (process {})",
                    ::getpid()));
    CHECK(open(contacts, 1).ok());
    CHECK(open(contacts, 2, Use::look).value()->read_back().value() == State::off);

    const auto child = ::fork();
    if (child == 0) ::_exit(ChannelClaim::take("usb-1-1.4", 2).ok() ? 1 : 0);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WEXITSTATUS(status) == 0);

    first = bench_error("closed");
    CHECK(open(contacts, 2).ok());
}

TEST_CASE("a channel stays owned from one switch to the next, as between the scenarios of a suite",
          "[drivers]") {
    const Locks locks;
    Contacts contacts;
    {
        ChannelClaims claims;
        REQUIRE(open(contacts, 2, Use::own, &claims).ok());
        CHECK_FALSE(open(contacts, 2).ok());
        CHECK(open(contacts, 2, Use::own, &claims).value()->set(State::on).ok());
        CHECK(open(contacts, 2, Use::look).ok());
    }
    CHECK(open(contacts, 2).ok());
}

TEST_CASE("a board that another program keeps locked is busy, not broken", "[drivers]") {
    const Locks locks;
    const auto lock = Locks::take("usb-1-1");
    const auto second = BoardLock::take("usb-1-1", Deadline::after(20ms));
    REQUIRE_FALSE(second.ok());
    CHECK(second.error().message.find("the board is busy") == 0);
    CHECK(BoardLock::take("usb-1-2", Deadline::after(20ms)).ok());
}

TEST_CASE("a board's note lasts until it is plugged in anew", "[drivers]") {
    const Locks locks;
    {
        auto lock = Locks::take("serial-ttyUSB0");
        CHECK(lock.note("5-100") == "");
        CHECK(lock.set_note("5-100", "ab 0e").ok());
    }
    auto lock = Locks::take("serial-ttyUSB0");
    CHECK(lock.note("5-100") == "ab 0e");
    CHECK(lock.note("5-101") == "");
    CHECK(lock.set_note("5-101", "x").ok());
    CHECK(lock.note("5-100") == "");
}

TEST_CASE("a board's key cannot lead out of the directory of locks", "[drivers]") {
    const Locks locks;
    CHECK(BoardLock::take("../../x/y\n", Deadline::after(1s)).ok());
    CHECK(std::filesystem::exists(locks.directory() / "locks/.._.._x_y_.lock"));
}

TEST_CASE("a board is chosen by port and serial, and two that fit are told apart", "[drivers]") {
    const auto at = [](std::string port, std::string serial) {
        return UsbCandidate{{.port = std::move(port), .name = "USBRelay2"}, std::move(serial), ""};
    };
    const std::vector<UsbCandidate> all{at("1-1.3", "BITFT"), at("1-1.4", "BITFT"), at("1-2", "OTHER")};
    CHECK(choose_usb_board({"dcttech-relay", "", "OTHER"}, all)->entry.port == "1-2");
    CHECK(choose_usb_board({"dcttech-relay", "1-1.4", ""}, all)->entry.port == "1-1.4");
    CHECK(choose_usb_board({"dcttech-relay", "1-1.3", "BITFT"}, all)->entry.port == "1-1.3");
    const auto both = choose_usb_board({"dcttech-relay", "", "BITFT"}, all);
    REQUIRE_FALSE(both.ok());
    CHECK(both.error().message ==
          "dcttech-relay 'BITFT', channel 1: 2 boards fit: 'BITFT' at 1-1.3, 'BITFT' at 1-1.4; say which "
          "with port=\"1-1.3\"");
    CHECK_FALSE(choose_usb_board({"dcttech-relay", "", ""}, all).ok());
    const auto wrong = choose_usb_board({"dcttech-relay", "1-1.3", "OTHER"}, all);
    REQUIRE_FALSE(wrong.ok());
    CHECK(wrong.error().message ==
          "dcttech-relay 'OTHER' at USB port 1-1.3, channel 1: not found; connected: 'BITFT' at 1-1.3, "
          "'BITFT' at 1-1.4, 'OTHER' at 1-2");
    CHECK(choose_usb_board({"dcttech-relay", "", "OTHER"}, {}).error().message ==
          "dcttech-relay 'OTHER', channel 1: no such board is connected");
}

TEST_CASE("a board that cannot be asked for its serial says why", "[drivers]") {
    const std::vector<UsbCandidate> all{
        {{.port = "1-1.3", .name = "USBRelay2"}, "", "open /dev/bus/usb/001/004: Permission denied"}};
    CHECK(choose_usb_board({"dcttech-relay", "1-1.3", "BITFT"}, all).error().message ==
          "dcttech-relay 'BITFT' at USB port 1-1.3, channel 1: open /dev/bus/usb/001/004: Permission denied");
    CHECK(choose_usb_board({"dcttech-relay", "", "BITFT"}, all).error().message.find("Permission denied") !=
          std::string::npos);
}

TEST_CASE(
    "a power command that hangs is a fault of the bench and names the command and how long it was waited for",
    "[drivers]") {
    const auto marker = std::filesystem::temp_directory_path() / fmt::format("cambench-hang-{}", ::getpid());
    // The shell waits for children of its own: they end with it.
    const auto command = fmt::format("sleep 1; touch {}; sleep 1000", marker.string());
    const auto power =
        open_command_power({.on = command, .off = "true", .state = "exec sleep 1000", .timeout = 200ms});
    const auto status = power->set(State::on);
    REQUIRE_FALSE(status.ok());
    CHECK(status.error().fault == Fault::bench);
    CHECK(status.error().message == fmt::format("power command '{}' did not finish in 0.2 s", command));
    const auto state = power->read_back();
    REQUIRE_FALSE(state.ok());
    CHECK(state.error().fault == Fault::bench);
    CHECK(state.error().message.find("'exec sleep 1000' did not finish in 0.2 s") != std::string::npos);
    CHECK(power->set(State::off).ok());
    std::this_thread::sleep_for(1200ms);  // its rest does not run on behind the bench's back
    CHECK_FALSE(std::filesystem::exists(marker));
    std::filesystem::remove(marker);
}
