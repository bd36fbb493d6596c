#include "drivers/power/boards/dcttech.hpp"
#include "drivers/power/boards/ft245r.hpp"
#include "drivers/power/boards/lcus.hpp"
#include "drivers/power/boards/usb_hub.hpp"
#include "drivers/power/boards/ykush.hpp"
#include "tests/unit/drivers_transcripts.hpp"

using namespace transcripts;
using State = PowerSwitch::State;

namespace {

const std::string report_off = "42 49 54 46 54 00 00 00";  // BITFT, all contacts open
const std::string report_two = "42 49 54 46 54 00 00 02";  // channel 2 closed
constexpr auto get_report = "in a0 01 0300 0000 8";

}  // namespace

TEST_CASE("a dcttech relay is switched and read by feature reports to the device", "[drivers]") {
    const Locks locks;
    auto lock = Locks::take();
    Script script{{"out 20 09 0300 0000 : ff 02 00 00 00 00 00 00", ""},
                  {get_report, report_two},
                  {get_report, report_two},
                  {"out 20 09 0300 0000 : fd 02 00 00 00 00 00 00", ""},
                  {get_report, report_off}};
    const auto board = dcttech::make_board(usb_of(script), "BITFT");
    CHECK(board->set(2, State::on, lock).ok());
    CHECK(board->read(2, lock).value() == State::on);
    CHECK(board->read(1, lock).value() == State::off);
    CHECK(board->set(2, State::off, lock).ok());
    CHECK(board->read(2, lock).value() == State::off);
    CHECK(script.rest() == "");
}

TEST_CASE("a dcttech relay that says another serial is another board", "[drivers]") {
    const Locks locks;
    auto lock = Locks::take();
    Script script{{get_report, "30 30 30 30 30 00 00 01"}};
    const auto state = dcttech::make_board(usb_of(script), "BITFT")->read(1, lock);
    REQUIRE_FALSE(state.ok());
    CHECK(state.error().message ==
          "the board says that its serial is '00000': another board is plugged in there");
    CHECK(state.error().fault == Fault::bench);
}

TEST_CASE("a dcttech relay that stalls names the library's code, and is opened anew for the next command",
          "[drivers]") {
    const Locks locks;
    auto lock = Locks::take();
    Script script{
        {"out 20 09 0300 0000 : ff 01 00 00 00 00 00 00", "!control request 20 09: LIBUSB_ERROR_PIPE (-9)"},
        {"out 20 09 0300 0000 : fd 01 00 00 00 00 00 00", ""}};
    unsigned opened = 0;
    const auto board = dcttech::make_board(
        [&]() {
            ++opened;
            return usb_of(script)();
        },
        "");
    const auto status = board->set(1, State::on, lock);
    REQUIRE_FALSE(status.ok());
    CHECK(status.error().message.find("LIBUSB_ERROR_PIPE (-9)") != std::string::npos);
    CHECK(board->set(1, State::off, lock).ok());
    CHECK(opened == 2);
}

TEST_CASE("reports of dcttech relays are taken only at their size", "[drivers]") {
    for (const std::size_t size : {0U, 1U, 7U, 9U, 64U}) CHECK_FALSE(dcttech::parse_report(Bytes(size)).ok());
    const auto report = dcttech::parse_report(from_hex("1b 5b 32 4a 00 00 00 ff"));
    REQUIRE(report.ok());
    CHECK(report->serial == "\x1b[2J");
    CHECK(report->contacts == 0xff);
    CHECK(dcttech::parse_report(from_hex("41 42 43 44 45 46 47 80"))->serial == "ABCDE");
}

TEST_CASE("the name of a dcttech relay tells its channels", "[drivers]") {
    CHECK(dcttech::channels_of("USBRelay1") == 1);
    CHECK(dcttech::channels_of("USBRelay8") == 8);
    for (const auto* name : {"USBRelay", "USBRelay9", "USBRelayX", "USBRelay12", "USB2", ""})
        CHECK(dcttech::channels_of(name) == 0);
}

TEST_CASE("an LCUS relay takes four bytes, over serial and over HID, and cannot be read back", "[drivers]") {
    const Locks locks;
    auto lock = Locks::take();
    bool there = true;
    const auto present = [&there]() -> Status {
        return there ? Status() : Status(bench_error("the board was unplugged"));
    };
    Script serial{{"a0 01 01 a2", ""}, {"a0 01 00 a1", ""}, {"a0 02 01 a3", ""}};
    const auto board = lcus::make_serial_board(stream_of(serial), present);
    CHECK(board->set(1, State::on, lock).ok());
    CHECK(board->set(1, State::off, lock).ok());
    CHECK(board->set(2, State::on, lock).ok());
    CHECK(board->read(1, lock).value() == std::nullopt);
    CHECK(serial.rest() == "");

    Script hid{{"exchange 0 0 : a0 03 01 a4", ""}, {"exchange 0 0 : a0 03 00 a3", ""}};
    const auto other = lcus::make_hid_board(usb_of(hid), present);
    CHECK(other->set(3, State::on, lock).ok());
    CHECK(other->set(3, State::off, lock).ok());
    CHECK(other->read(3, lock).value() == std::nullopt);
    CHECK(hid.rest() == "");

    there = false;
    CHECK_FALSE(board->read(1, lock).ok());
    CHECK_FALSE(other->read(1, lock).ok());
}

TEST_CASE("an FT245R's pins become outputs once, all off, and are changed one at a time from what they read",
          "[drivers]") {
    const Locks locks;
    auto lock = Locks::take();
    // Floating pins read as ones: no channel may be switched by that.
    Script script{{"in c0 0c 0000 0000 1", "ff"}, {"out 40 0b 01ff 0000", ""},
                  {"exchange 0 0 : 02", ""},      {"in c0 0c 0000 0000 1", "02"},
                  {"exchange 0 0 : 82", ""},      {"in c0 0c 0000 0000 1", "82"},
                  {"exchange 0 0 : 80", ""},      {"in c0 0c 0000 0000 1", "80"}};
    const auto board = ft245r::make_board(usb_of(script), [] { return Result<std::string>("3-7"); });
    CHECK(board->read(1, lock).value() == std::nullopt);
    CHECK(board->set(2, State::on, lock).ok());
    CHECK(board->set(8, State::on, lock).ok());
    CHECK(board->set(2, State::off, lock).ok());
    CHECK(board->read(2, lock).value() == State::off);
    CHECK(script.rest() == "");
}

TEST_CASE("an FT245R that was plugged in anew is set up anew", "[drivers]") {
    const Locks locks;
    auto lock = Locks::take();
    Script script{{"out 40 0b 01ff 0000", ""},
                  {"exchange 0 0 : 01", ""},
                  {"out 40 0b 01ff 0000", ""},
                  {"exchange 0 0 : 04", ""}};
    std::string instance = "3-7";
    const auto board = ft245r::make_board(usb_of(script), [&] { return Result<std::string>(instance); });
    CHECK(board->set(1, State::on, lock).ok());
    instance = "3-8";
    CHECK(board->set(3, State::on, lock).ok());
    CHECK(script.rest() == "");
    CHECK_FALSE(ft245r::parse_pins({}).ok());
    CHECK_FALSE(ft245r::parse_pins(Bytes(2)).ok());
}

TEST_CASE("a YKUSH is switched and asked by reports of 64 bytes", "[drivers]") {
    const Locks locks;
    auto lock = Locks::take();
    Script script{{"exchange 0 64 : 12 12 00 00 00 00 00 00 ..", "01 12"},
                  {"exchange 0 64 : 22 22 00 00 00 00 00 00 ..", "01 12"},
                  {"exchange 0 64 : 02 02 00 00 00 00 00 00 ..", "01 02"},
                  {"exchange 0 64 : 22 22 00 00 00 00 00 00 ..", "01 02"}};
    const auto board = ykush::make_board(usb_of(script));
    CHECK(board->set(2, State::on, lock).ok());
    CHECK(board->read(2, lock).value() == State::on);
    CHECK(board->set(2, State::off, lock).ok());
    CHECK(board->read(2, lock).value() == State::off);
    CHECK(script.rest() == "");
    CHECK(ykush::encode(1, State::on).size() == 64);
    for (const auto* answer : {"", "01", "01 13", "01 22", "01 00", "01 f2"})
        CHECK_FALSE(ykush::parse_status(from_hex(answer), 2).ok());
    CHECK(ykush::channels_of(ykush::ykush) == 3);
    CHECK(ykush::channels_of(ykush::ykush_xs) == 1);
}

TEST_CASE("both halves of a USB 3 hub's socket are switched, and either keeps it on", "[drivers]") {
    const Locks locks;
    auto lock = Locks::take();
    Script high{{"out 23 01 0008 0004", ""},
                {"in a3 00 0000 0004 4", "00 00 00 00"},
                {"in a3 00 0000 0004 4", "00 00 00 00"},
                {"out 23 03 0008 0004", ""},
                {"in a3 00 0000 0004 4", "00 01 00 00"}};
    Script super{{"out 23 01 0008 0002", ""},
                 {"in a3 00 0000 0002 4", "a0 02 00 00"},
                 {"in a3 00 0000 0002 4", "a0 00 00 00"},
                 {"out 23 03 0008 0002", ""},
                 {"in a3 00 0000 0002 4", "a0 02 00 00"}};
    const auto board = usb_hub::make_board(
        {{usb_of(high), usb_hub::Speed::high, 4}, {usb_of(super), usb_hub::Speed::super, 2}});
    CHECK(board->set(4, State::off, lock).ok());
    CHECK(board->read(4, lock).value() == State::on);
    CHECK(board->read(4, lock).value() == State::off);
    CHECK(board->set(4, State::on, lock).ok());
    CHECK(board->read(4, lock).value() == State::on);
    CHECK(high.rest() == "");
    CHECK(super.rest() == "");
}

TEST_CASE("a hub's descriptor says whether it switches each port", "[drivers]") {
    using usb_hub::parse_descriptor;
    using usb_hub::Speed;
    const auto each = parse_descriptor(from_hex("09 29 04 a9 00 32 64 00 ff"), Speed::high);
    REQUIRE(each.ok());
    CHECK(each->ports == 4);
    CHECK(each->switches_each_port);
    CHECK_FALSE(parse_descriptor(from_hex("09 29 04 a8 00 32 64 00 ff"), Speed::high)
                    ->switches_each_port);  // all together
    CHECK_FALSE(
        parse_descriptor(from_hex("09 29 04 aa 00 32 64 00 ff"), Speed::high)->switches_each_port);  // none
    CHECK(
        parse_descriptor(from_hex("0c 2a 04 09 00 64 00 00 00 00 00 00"), Speed::super)->switches_each_port);
    for (const auto* bytes : {"", "09", "09 29 04 a9", "09 2a 04 a9 00", "02 29 04 a9 00", "09 29 ff a9 00"})
        CHECK_FALSE(parse_descriptor(from_hex(bytes), Speed::high).ok());
    CHECK_FALSE(usb_hub::parse_status(from_hex("00 01"), Speed::high).ok());
    Script script{{"in a0 06 2900 0000 15", "09 29 07 a9 00 32 64 00 ff"},
                  {"in a0 06 2a00 0000 15", "!control request a0 06: LIBUSB_ERROR_PIPE (-9)"}};
    ScriptedUsb device(script);
    CHECK(usb_hub::read_descriptor(device, Speed::high)->ports == 7);
    CHECK_FALSE(usb_hub::read_descriptor(device, Speed::super).ok());
}
