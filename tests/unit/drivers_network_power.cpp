#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <mutex>
#include <thread>

#include "drivers/power/boards/devantech.hpp"
#include "drivers/power/boards/poe_snmp.hpp"
#include "drivers/transport/tcp_stream.hpp"
#include "harness/core/launch/process.hpp"
#include "tests/unit/drivers_transcripts.hpp"

using namespace transcripts;
using namespace std::chrono_literals;
using State = PowerSwitch::State;

namespace {

std::uint16_t bound_port(int socket) {
    sockaddr_in address{};
    socklen_t length = sizeof address;
    REQUIRE(::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length) == 0);
    return ntohs(address.sin_port);
}

FileHandle bind_loopback(int type) {
    FileHandle handle(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::bind(handle.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    return handle;
}

/// An ETH008 on the loopback interface, with the manners of the real one.
class Eth008 {
public:
    explicit Eth008(std::string password = "")
        : password_(std::move(password)), listener_(bind_loopback(SOCK_STREAM)) {
        REQUIRE(::listen(listener_.get(), 4) == 0);
        port_ = bound_port(listener_.get());
        thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
    }
    [[nodiscard]] StreamOpener opener() const {
        return [port = port_] { return open_tcp_stream("127.0.0.1", port, Deadline::after(5s)); };
    }
    [[nodiscard]] std::uint16_t port() const { return port_; }
    std::atomic<unsigned> outputs = 0;
    std::atomic<bool> mute = false;
    std::atomic<unsigned> module = 19;

private:
    void serve(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            pollfd entry{listener_.get(), POLLIN, 0};
            if (::poll(&entry, 1, 20) <= 0) continue;
            const FileHandle line(::accept(listener_.get(), nullptr, nullptr));
            talk(line.get(), stop);
        }
    }
    void talk(int line, const std::stop_token& stop) {
        bool unlocked = password_.empty();
        while (!stop.stop_requested()) {
            pollfd entry{line, POLLIN, 0};
            if (::poll(&entry, 1, 20) <= 0) continue;
            std::array<std::uint8_t, 64> command{};
            const auto count = ::recv(line, command.data(), command.size(), 0);
            if (count <= 0) return;
            if (mute) continue;
            const auto answer = reply({command.data(), static_cast<std::size_t>(count)}, unlocked);
            (void)::send(line, answer.data(), answer.size(), MSG_NOSIGNAL);
        }
    }
    std::vector<std::uint8_t> reply(std::span<const std::uint8_t> command, bool& unlocked) {
        switch (command[0]) {
            case 0x10:
                return {static_cast<std::uint8_t>(module), 1, 4};
            case 0x79: {
                const std::string given(command.begin() + 1, command.end());
                unlocked = given == password_;
                return {static_cast<std::uint8_t>(unlocked ? 1 : 2)};
            }
            case 0x7b:
                unlocked = password_.empty();
                return {0};
            case 0x24:
                return {static_cast<std::uint8_t>(outputs)};
            case 0x20:
            case 0x21:
                if (!unlocked || command.size() != 3 || command[1] < 1 || command[1] > 8) return {1};
                if (command[0] == 0x20)
                    outputs |= 1U << (command[1] - 1);
                else
                    outputs &= ~(1U << (command[1] - 1));
                return {0};
            default:
                return {};
        }
    }

    std::string password_;
    FileHandle listener_;
    std::uint16_t port_ = 0;
    std::jthread thread_;
};

}  // namespace

TEST_CASE("an ETH008 is switched and read back over TCP", "[drivers]") {
    const Locks locks;
    auto lock = Locks::take();
    Eth008 board;
    const auto driver = devantech::make_board(board.opener(), "");
    CHECK(driver->set(3, State::on, lock).ok());
    CHECK(board.outputs == 0x04);
    CHECK(driver->set(8, State::on, lock).ok());
    CHECK(driver->read(3, lock).value() == State::on);
    CHECK(driver->read(1, lock).value() == State::off);
    CHECK(driver->set(3, State::off, lock).ok());
    CHECK(board.outputs == 0x80);
    CHECK(driver->set(9, State::on, lock).error().fault == Fault::usage);
}

TEST_CASE("an ETH008 with a password is unlocked for each command", "[drivers]") {
    const Locks locks;
    auto lock = Locks::take();
    Eth008 board("s3cret");
    CHECK(devantech::make_board(board.opener(), "s3cret")->set(1, State::on, lock).ok());
    CHECK(board.outputs == 0x01);
    CHECK(devantech::make_board(board.opener(), "wrong")->set(1, State::off, lock).error().message ==
          "the board refuses the password");
    const auto without = devantech::make_board(board.opener(), "")->set(1, State::off, lock);
    REQUIRE_FALSE(without.ok());
    CHECK(without.error().message == "the board refuses the command: 01; does it want a password?");
    CHECK(board.outputs == 0x01);
}

TEST_CASE("an ETH008 that does not answer, is another module or has gone is an error", "[drivers]") {
    const Locks locks;
    auto lock = Locks::take();
    std::uint16_t port = 0;
    {
        Eth008 board;
        port = board.port();
        board.module = 99;
        CHECK(devantech::make_board(board.opener(), "")
                  ->read(1, lock)
                  .error()
                  .message.find("is no relay board known here") != std::string::npos);
        board.mute = true;
        CHECK(devantech::make_board(board.opener(), "")->read(1, lock).error().message.find("nothing came") !=
              std::string::npos);
    }
    const auto gone =
        devantech::make_board([port] { return open_tcp_stream("127.0.0.1", port, Deadline::after(5s)); }, "")
            ->read(1, lock);
    REQUIRE_FALSE(gone.ok());
    CHECK(gone.error().message.find("Connection refused") != std::string::npos);
}

TEST_CASE("every byte of the Devantech protocol", "[drivers]") {
    const Locks locks;
    auto lock = Locks::take();
    Script script{{"79 70 77", "01"}, {"10", "14 01 02"}, {"20 0a 00", "00"}, {"7b", "00"},
                  {"79 70 77", "01"}, {"10", "14 01 02"}, {"24", "00 02"},    {"7b", "00"},
                  {"79 70 77", "01"}, {"10", "14 01 02"}, {"21 0a 00", "00"}, {"7b", "00"}};
    const auto board = devantech::make_board(stream_of(script), "pw");
    CHECK(board->set(10, State::on, lock).ok());
    CHECK(board->read(10, lock).value() == State::on);
    CHECK(board->set(10, State::off, lock).ok());
    CHECK(script.rest() == "");
    CHECK_FALSE(devantech::parse_outputs(from_hex("00"), *devantech::model_of(20), 1).ok());
    CHECK_FALSE(devantech::parse_outputs(from_hex("00 00"), *devantech::model_of(20), 17).ok());
    CHECK(devantech::model_of(0) == std::nullopt);
}

TEST_CASE("a PoE port is what it was ordered and what it delivers", "[drivers]") {
    using poe_snmp::interpret;
    CHECK(interpret(1, 3).value() == State::on);
    CHECK(interpret(1, 2).value() == State::on);  // ordered, but no camera there
    CHECK(interpret(2, 1).value() == State::off);
    CHECK(interpret(2, 3).value() == State::on);   // still delivering: not off, whatever was ordered
    CHECK(interpret(1, 1).value() == State::off);  // ordered, and yet disabled
    CHECK_FALSE(interpret(1, 4).ok());
    CHECK_FALSE(interpret(1, 6).ok());
    CHECK_FALSE(interpret(0, 3 - 1).ok());
    CHECK_FALSE(interpret(1, 99).ok());
    CHECK(poe_snmp::admin_enable(2, 17) == SnmpName{1, 3, 6, 1, 2, 1, 105, 1, 1, 1, 3, 2, 17});
    CHECK(poe_snmp::detection_status(1, 5) == SnmpName{1, 3, 6, 1, 2, 1, 105, 1, 1, 1, 6, 1, 5});
}

namespace {

/// Debian's snmpd as a PoE switch of one group: a script answers for pethPsePortTable and keeps each port's
/// state in a file.
class PoeSwitch {
public:
    PoeSwitch() {
        std::string pattern = (std::filesystem::temp_directory_path() / "cambench-snmp-XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        directory_ = pattern;
        {
            const auto socket = bind_loopback(SOCK_DGRAM);
            port_ = bound_port(socket.get());
        }
        write("pass",
              "#!/bin/sh\n"
              "base=.1.3.6.1.2.1.105.1.1.1\n"
              "port=${2##*.}; state=" +
                  pattern +
                  "/port$port\n"
                  "case $2 in $base.3.1.[0-9]*|$base.6.1.[0-9]*) ;; *) exit 0;; esac\n"
                  "[ -f $state ] || exit 0\n"
                  "if [ \"$1\" = -s ]; then [ \"$3\" = integer ] || { echo wrong-type; exit 0; }; echo $4 > "
                  "$state; exit 0; fi\n"
                  "[ \"$1\" = -g ] || exit 0\n"
                  "admin=$(cat $state)\n"
                  "echo $2; echo integer\n"
                  "case $2 in $base.3.*) echo $admin;; *) [ $admin = 1 ] && echo 3 || echo 1;; esac\n");
        REQUIRE(::chmod((directory_ / "pass").c_str(), 0755) == 0);
        write("snmpd.conf",
              "rwcommunity lab 127.0.0.1\nrwuser bench auth\npass .1.3.6.1.2.1.105.1.1.1 /bin/sh " + pattern +
                  "/pass\n"
                  "createUser bench SHA \"correct horse\" AES \"battery staple\"\n");
        set_port(7, 2);
        REQUIRE(find_program("snmpd").has_value());
        auto started = Process::start(
            {.command = {"/bin/sh", "-c",
                         fmt::format("MIBS= SNMP_PERSISTENT_DIR={0} SNMP_PERSISTENT_FILE={0}/keep exec snmpd "
                                     "-f -Le -C -c {0}/snmpd.conf -I "
                                     "-smux,-ifTable udp:127.0.0.1:{1}",
                                     pattern, port_)},
             .output = directory_ / "log"});
        REQUIRE(started.ok());
        process_.emplace(std::move(*started));
    }
    ~PoeSwitch() {
        process_.reset();
        std::filesystem::remove_all(directory_);
    }
    void write(const char* name, const std::string& content) const {
        std::ofstream(directory_ / name) << content;
    }
    void set_port(unsigned port, int admin) const {
        write(fmt::format("port{}", port).c_str(), std::to_string(admin) + "\n");
    }
    [[nodiscard]] SnmpSettings settings() const {
        return {.host = "127.0.0.1", .port = port_, .community = "lab", .timeout = 2s};
    }
    [[nodiscard]] std::string log() const { return read_text_file(directory_ / "log").value_or(""); }

    [[nodiscard]] std::unique_ptr<RelayBoard> board(SnmpSettings settings) const {
        return poe_snmp::make_board([settings] { return open_snmp_session(settings); }, 1);
    }
    /// The agent takes a moment to listen.
    void await() const {
        const auto deadline = Deadline::after(30s);
        auto quick = settings();
        quick.timeout = 100ms;
        Status last = bench_error("never asked");
        while (!deadline.passed()) {
            const auto session = open_snmp_session(quick);
            REQUIRE(session.ok());
            const auto values = (*session)->get({poe_snmp::admin_enable(1, 7)});
            if (values.ok()) return;
            last = values.error();
        }
        FAIL("snmpd does not answer: " << last.error().message << "\n" << log());
    }

private:
    std::filesystem::path directory_;
    std::uint16_t port_ = 0;
    std::optional<Process> process_;
};

}  // namespace

TEST_CASE("a PoE port is switched through a real SNMP agent", "[drivers]") {
    const Locks locks;
    auto lock = Locks::take();
    const PoeSwitch poe;
    poe.await();
    const auto board = poe.board(poe.settings());
    CHECK(board->read(7, lock).value() == State::off);
    const auto on = board->set(7, State::on, lock);
    INFO((on.ok() ? "" : on.error().message) << poe.log());
    CHECK(on.ok());
    CHECK(board->read(7, lock).value() == State::on);
    CHECK(board->set(7, State::off, lock).ok());
    CHECK(board->read(7, lock).value() == State::off);

    const auto missing = board->read(8, lock);
    REQUIRE_FALSE(missing.ok());
    CHECK(missing.error().message.find("it has no 1.3.6.1.2.1.105.1.1.1.3.1.8") != std::string::npos);

    auto version3 = poe.settings();
    version3.user = "bench";
    version3.authentication = "correct horse";
    version3.privacy = "battery staple";
    const auto secure = poe.board(version3);
    const auto switched = secure->set(7, State::on, lock);
    INFO((switched.ok() ? "" : switched.error().message));
    CHECK(switched.ok());
    CHECK(secure->read(7, lock).value() == State::on);
    version3.user = "nobody";
    CHECK_FALSE(poe.board(version3)->read(7, lock).ok());

    auto stranger = poe.settings();
    stranger.community = "public";
    stranger.timeout = 100ms;
    const auto refused = poe.board(stranger)->read(7, lock);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().fault == Fault::bench);
}
