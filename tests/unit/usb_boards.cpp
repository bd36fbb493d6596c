#include <set>

#include "fixtures/usb/board_table.hpp"
#include "fixtures/usb/boards/ftdi.hpp"
#include "fixtures/usb/table.hpp"
#include "tests/catch.hpp"

using namespace cambench;
using namespace cambench::usb;

namespace {

using namespace std::chrono_literals;

/// A board with a host that asks, and a clock.
struct Host {
    explicit Host(std::string_view specification) : board(make_board(specification, 1).value()) {
        board.device->power_up();
    }

    Answer out(std::uint8_t type, std::uint8_t request, std::uint16_t value, std::uint16_t index,
               ByteView data = {}) {
        return board.device->control({type, request, value, index, static_cast<std::uint16_t>(data.size())},
                                     data);
    }
    std::string in(std::uint8_t type, std::uint8_t request, std::uint16_t value, std::uint16_t index,
                   std::uint16_t length) {
        const auto answer = board.device->control({type, request, value, index, length}, {});
        return answer.kind == Answer::Kind::stall ? "stall" : hex(answer.data);
    }
    void write(std::uint8_t endpoint, std::string_view bytes) {
        REQUIRE(board.device->write(endpoint, as_bytes(bytes), now).kind == Answer::Kind::done);
    }
    std::string read(std::uint8_t endpoint, std::size_t room = 64) {
        auto answer = board.device->read(endpoint, room, now);
        now += 100ms;  // a line takes its time
        if (answer.kind == Answer::Kind::busy) answer = board.device->read(endpoint, room, now);
        return answer.kind == Answer::Kind::busy ? "busy" : std::string(as_text(answer.data));
    }
    std::set<unsigned> closed() const {
        std::set<unsigned> channels;
        for (unsigned channel = 1; channel <= board.contacts->channels(); ++channel)
            if (board.contacts->closed(channel)) channels.insert(channel);
        return channels;
    }

    Board board;
    Monotonic::time_point now = Monotonic::time_point{} + 1h;
};

Bytes bytes_of(std::initializer_list<unsigned> values) {
    Bytes bytes;
    for (const auto value : values) bytes.push_back(static_cast<std::byte>(value));
    return bytes;
}

using Channels = std::set<unsigned>;

}  // namespace

TEST_CASE("a dcttech relay shows the strings programs look for") {
    Host host("dcttech-relay,channels=8,serial=BITFT");
    CHECK(host.in(0x80, 6, 0x0100, 0, 18) == "12 01 10 01 00 00 00 08 c0 16 df 05 00 01 01 02 00 01");
    CHECK(host.in(0x80, 6, 0x0300, 0, 255) == "04 03 09 04");
    CHECK(host.in(0x80, 6, 0x0302, 0x0409, 255) ==
          "14 03 55 00 53 00 42 00 52 00 65 00 6c 00 61 00 79 00 38 00");
    CHECK(host.in(0x80, 6, 0x0303, 0x0409, 255) == "stall");  // its serial number is elsewhere
    CHECK(host.in(0x80, 6, 0x0200, 0, 9) == "09 02 22 00 01 01 00 80 0a");
    CHECK(host.in(0x81, 6, 0x2200, 0, 255) ==
          "06 00 ff 09 01 a1 01 15 00 26 ff 00 75 08 95 08 09 00 b2 02 01 c0");
}

TEST_CASE("a dcttech relay obeys and reports, to the device and to the interface") {
    Host host("dcttech-relay,channels=4,serial=BITFT");
    CHECK(host.out(0x20, 9, 0x0300, 0, bytes_of({0xff, 1, 0, 0, 0, 0, 0, 0})).kind == Answer::Kind::done);
    CHECK(host.out(0x21, 9, 0x0300, 0, bytes_of({0xff, 3, 0, 0, 0, 0, 0, 0})).kind == Answer::Kind::done);
    CHECK(host.closed() == Channels{1, 3});
    CHECK(host.in(0xa0, 1, 0x0300, 0, 8) == "42 49 54 46 54 00 00 05");
    (void)host.out(0x20, 9, 0x0300, 0, bytes_of({0xfd, 1}));
    CHECK(host.closed() == Channels{3});
    (void)host.out(0x20, 9, 0x0300, 0, bytes_of({0xff, 9}));
    CHECK(host.closed() == Channels{3});
    (void)host.out(0x20, 9, 0x0300, 0, bytes_of({0xfe}));
    CHECK(host.closed() == Channels{3});
    (void)host.out(0x20, 9, 0x0300, 0, bytes_of({0xfe, 0}));
    CHECK(host.closed() == Channels{1, 2, 3, 4});
    (void)host.out(0x20, 9, 0x0300, 0, bytes_of({0xfc, 0}));
    CHECK(host.closed().empty());
    (void)host.out(0x20, 9, 0x0300, 0, bytes_of({0xfa, 'N', 'E', 'W', '0', '1'}));
    CHECK(host.in(0xa1, 1, 0x0300, 0, 8) == "4e 45 57 30 31 00 00 00");
}

TEST_CASE("contacts open when the board loses its supply") {
    Host host("dcttech-relay,channels=2");
    (void)host.out(0x20, 9, 0x0300, 0, bytes_of({0xfe, 0}));
    host.board.device->power_down();
    CHECK(host.closed().empty());
}

TEST_CASE("a welded contact stays closed and the read-back does not know") {
    Host host("dcttech-relay,channels=2,serial=BITFT");
    host.board.contacts->stick(2, true);
    (void)host.out(0x20, 9, 0x0300, 0, bytes_of({0xfd, 2}));
    CHECK(host.closed() == Channels{2});
    CHECK(host.in(0xa0, 1, 0x0300, 0, 8) == "42 49 54 46 54 00 00 00");
    host.board.device->power_down();
    CHECK(host.closed() == Channels{2});
}

TEST_CASE("a board that ignores its orders acknowledges them") {
    Host host("dcttech-relay,channels=2,serial=BITFT");
    host.board.contacts->ignore_commands(true);
    CHECK(host.out(0x20, 9, 0x0300, 0, bytes_of({0xff, 1})).kind == Answer::Kind::done);
    CHECK(host.closed().empty());
    CHECK(host.in(0xa0, 1, 0x0300, 0, 8) == "42 49 54 46 54 00 00 00");
}

TEST_CASE("an LCUS board takes four right bytes at 9600 baud and says nothing") {
    Host host("lcus-relay,channels=2");
    CHECK(host.in(0xc0, 0x5f, 0, 0, 8) == "31 00");
    CHECK(host.out(0x40, 0x9a, 0x1312, 0xb282).kind == Answer::Kind::done);  // what ch341 writes for 9600
    host.write(2, "\xa0\x01\x01\xa2");
    CHECK(host.closed() == Channels{1});
    host.write(2, "\xa0\x02\x01");
    host.write(2, "\xa3");
    CHECK(host.closed() == Channels{1, 2});
    host.write(2, std::string_view("\xa0\x01\x00\xa2", 4));  // the sum is wrong
    CHECK(host.closed() == Channels{1, 2});
    host.write(2, std::string_view("\xa0\x01\x00\xa1", 4));
    CHECK(host.closed() == Channels{2});
    CHECK(host.read(2) == "busy");
    CHECK(host.out(0x40, 0x9a, 0x1312, 0xcc83).kind == Answer::Kind::done);  // 115200
    host.write(2, std::string_view("\xa0\x02\x00\xa2", 4));
    CHECK(host.closed() == Channels{2});
}

TEST_CASE("an LCUS HID board takes a frame from a report, by endpoint or by request") {
    Host host("lcus-hid-relay,channels=2");
    host.write(1, std::string_view("\xa0\x01\x01\xa2\0\0\0\0", 8));
    (void)host.out(0x21, 9, 0x0200, 0, bytes_of({0xa0, 2, 1, 0xa3, 0, 0, 0, 0}));
    CHECK(host.closed() == Channels{1, 2});
    host.write(1, std::string_view("\xa0\x01", 2));
    host.write(1, std::string_view("\x00\xa1", 2));  // a frame does not go on in the next report
    CHECK(host.closed() == Channels{1, 2});
}

TEST_CASE("an ICStation board tells its model, then takes masks in which 0 is on") {
    Host host("icstation-relay,channels=4");
    host.write(2, "\xfa");
    CHECK(host.closed().empty());
    host.write(2, "\x50");
    CHECK(host.read(3) == "\xab");
    host.write(2, "\x51");
    CHECK(host.closed().empty());
    host.write(2, "\xfa");
    CHECK(host.closed() == Channels{1, 3});
    host.write(2, "\x50");  // a mask now, as on the real board
    CHECK(host.closed() == Channels{1, 2, 3, 4});
    CHECK(host.read(3) == "busy");
}

TEST_CASE("a Numato board has a command line with echo and prompt") {
    Host host("numato-relay,channels=8");
    host.write(3, "relay on 7\r");
    CHECK(host.read(3) == "relay on 7\n\r>");
    CHECK(host.closed() == Channels{8});
    host.write(3, "relay read 7\r");
    CHECK(host.read(3) == "relay read 7\n\ron\n\r>");
    host.write(3, "relay writeall 05\r");
    CHECK(host.closed() == Channels{1, 3});
    (void)host.read(3);
    host.write(3, "relay readall\r");
    CHECK(host.read(3) == "relay readall\n\r05\n\r>");
    host.write(3, "relay on 8\r");
    CHECK(host.read(3).find("ERROR") != std::string::npos);
    host.write(3, "\r");
    CHECK(host.read(3) == "\n\r>");
    host.write(3, "reset\r");
    CHECK(host.closed().empty());
}

TEST_CASE("Numato numbers channels by letters up to 32 and by two digits beyond") {
    Host letters("numato-relay,channels=32");
    letters.write(3, "relay on V\r");
    CHECK(letters.closed() == Channels{32});
    letters.write(3, "relay on 10\r");
    CHECK(letters.closed() == Channels{32});
    Host digits("numato-relay,channels=64");
    digits.write(3, "relay on 63\r");
    CHECK(digits.closed() == Channels{64});
}

TEST_CASE("an FT245R board is eight pins once it is told to be") {
    Host host("ft245r-relay");
    host.write(2, "\x81");
    CHECK(host.closed().empty());
    (void)host.out(0x40, ftdi_set_bit_mode, 0x01ff, 0);
    host.write(2, "\x01\x81");
    CHECK(host.closed() == Channels{1, 8});
    CHECK(host.in(0xc0, ftdi_read_pins, 0, 0, 1) == "81");
}

TEST_CASE("a YKUSH starts with all ports on and answers every report") {
    Host host("ykush");
    CHECK(host.closed() == Channels{1, 2, 3});
    host.write(1, std::string_view("\x02\x02", 2));
    CHECK(hex(as_bytes(host.read(1)), 2) == "01 02 ..");
    CHECK(host.closed() == Channels{1, 3});
    host.write(1, "\x22");
    CHECK(hex(as_bytes(host.read(1)), 2) == "01 02 ..");
    host.write(1, "\x21");
    CHECK(hex(as_bytes(host.read(1)), 2) == "01 11 ..");
    host.write(1, "\x0a");
    CHECK(host.closed().empty());
    (void)host.read(1);
    CHECK(host.read(1) == "busy");
}

TEST_CASE("a hub switches the power of one port at a time") {
    Host host("switching-hub,channels=4");
    CHECK(host.in(0xa0, 6, 0x2900, 0, 9) == "09 29 04 09 00 32 01 00 ff");
    (void)host.out(0x23, 3, 8, 2);
    CHECK(host.closed() == Channels{2});
    CHECK(host.in(0xa3, 0, 0, 2, 4) == "00 01 00 00");
    CHECK(host.in(0xa3, 0, 0, 5, 4) == "stall");
    (void)host.out(0x23, 1, 8, 2);
    CHECK(host.closed().empty());
}

TEST_CASE("FTDI divisors give the rates of AN232B-05") {
    CHECK(ftdi_baud(0x4138, 0) == 9600);
    CHECK(ftdi_baud(0x001a, 0) == 115384);
    CHECK(ftdi_baud(0x8003, 0) == 923076);
    CHECK(ftdi_baud(0, 0) == 3'000'000);
    CHECK(ftdi_baud(1, 0) == 2'000'000);
    CHECK(ftdi_baud(2, 0) == 1'500'000);
}

TEST_CASE("an idle FTDI chip says its modem status once in a latency time") {
    Host host("ft245r-relay");
    REQUIRE(host.board.device->read(1, 512, host.now).kind == Answer::Kind::done);
    CHECK(host.board.device->read(1, 512, host.now + 15ms).kind == Answer::Kind::busy);
    const auto answer = host.board.device->read(1, 512, host.now + 16ms);
    CHECK(answer.kind == Answer::Kind::done);
    CHECK(hex(answer.data) == "01 60");
}

TEST_CASE("boards are chosen by kind and options, and mistakes are named") {
    CHECK_FALSE(make_board("toaster", 1));
    CHECK(make_board("dcttech-relay,chanels=2", 1).error().message.find("chanels") != std::string::npos);
    CHECK_FALSE(make_board("dcttech-relay,channels=9", 1));
    CHECK_FALSE(make_board("ft232r-uart", 1));
    CHECK(make_board("ykush", 3)->bus_id == "1-3");
    CHECK(make_board("ykush,bus=2-1", 3)->bus_id == "2-1");
}

TEST_CASE("the table reports every move of a contact and takes faults") {
    std::vector<Board> boards;
    boards.push_back(make_board("dcttech-relay,channels=2,serial=BITFT", 1).value());
    Table table(std::move(boards), Loads({}));
    std::vector<nlohmann::json> events;
    table.listen([&](const nlohmann::json& event) { events.push_back(event); });
    CHECK(table.request(R"({"do":"stick","board":"1-1","channel":2,"as":"closed"})")["ok"] == true);
    REQUIRE(events.size() == 1);
    CHECK(events[0]["event"] == "contact");
    CHECK(events[0]["channel"] == 2);
    CHECK(events[0]["closed"] == true);
    CHECK(table.request(R"({"do":"stick","board":"1-1","channel":3,"as":"closed"})")["ok"] == false);
    CHECK(table.request(R"({"do":"stick","board":"1-2"})")["ok"] == false);
    CHECK(table.request("[]")["ok"] == false);
    CHECK(table.request(R"({"do":"mend","board":"1-1"})")["ok"] == true);
    CHECK(events.back()["closed"] == false);
    CHECK(table.request(R"({"do":"serial","board":"1-1","serial":"XYZ"})")["ok"] == true);
    CHECK(table.request(R"({"do":"state"})")["boards"][0]["serial"] == "XYZ00");
}
