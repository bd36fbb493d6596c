#include "harness/analysis/run/console_reader.hpp"
#include "harness/analysis/run/timeline_reader.hpp"
#include "tests/catch.hpp"
#include "tests/unit/packets.hpp"

using namespace cambench;
using namespace cambench::analysis;

namespace {

Console read(const std::string& text, std::vector<ConsoleStretch> stretches = {}, std::size_t piece = 7) {
    ConsoleReader reader(stretches);
    for (std::size_t at = 0; at < text.size(); at += piece)
        reader.add(as_bytes(std::string_view(text).substr(at, piece)));
    return reader.finish();
}

std::string value_of(std::string_view line, std::string_view key) {
    for (const auto& fact : identity_facts(line)) {
        if (fact.key == key) return fact.value;
    }
    return {};
}

}  // namespace

TEST_CASE("console_lines_have_the_number_an_editor_shows_and_the_time_of_their_first_byte", "[analysis]") {
    const auto console = read(
        "one\r\n\ntwo \x01\xff"
        "x\nlogin: ",
        {{Nanoseconds(10), 0, 6}, {Nanoseconds(20), 6, 100}});
    REQUIRE(console.lines.size() == 4);
    CHECK(console.lines[0].text == "one");
    CHECK(console.lines[1].text.empty());
    CHECK(console.lines[2].number == 3);
    CHECK(console.lines[0].time == Nanoseconds(10));
    CHECK(console.lines[2].time == Nanoseconds(20));
    CHECK(console.lines[3].text == "login: ");
}

TEST_CASE("a_line_without_end_and_a_flood_of_lines_stay_bounded", "[analysis]") {
    const auto endless = read(std::string(10'000'000, 'x'), {}, 65536);
    REQUIRE(endless.lines.size() == 1);
    CHECK(endless.lines[0].cut);
    CHECK(endless.lines[0].text.size() == ConsoleReader::longest_line);
    CHECK(endless.bytes == 10'000'000);
    const auto flood = read(std::string(1'000'000, '\n'), {}, 65536);
    CHECK(flood.lines_cut);
    CHECK(flood.lines.size() < 1'000'000);
}

TEST_CASE("boot_logs_of_many_makers_state_their_identity", "[analysis]") {
    CHECK(value_of("U-Boot 2016.11-g6d2ed0c-dirty (Mar 20 2023 - 13:54:41 +0300)hi3516ev300", "soc") ==
          "hi3516ev300");
    CHECK(value_of("U-Boot 2010.06 (Sep 14 2018 - 18:52:25)", "bootloader").starts_with("U-Boot 2010.06"));
    CHECK(value_of("Board: ISVP (Ingenic XBurst T31 SoC)", "soc") == "Ingenic XBurst T31");
    CHECK(value_of("cpuType=3516a", "soc").empty());
    CHECK(value_of("SoC:   HX-7 rev C", "soc") == "HX-7");
    CHECK(value_of("fw_version=V1.1.41", "firmware") == "1.1.41");
    CHECK(value_of("ACME firmware 3.2.1 starting", "firmware") == "3.2.1");
    CHECK(value_of("Linux version 3.4.35 (ljy@ants-szfir) (gcc version 4.8.5)", "kernel")
              .starts_with("Linux version 3.4.35"));
    CHECK(value_of("Linux version 3.4.35 (ljy@ants-szfir) (gcc version 4.8.5)", "firmware").empty());
    CHECK(value_of("Net: Detected MACID:00:12:34:56:78:9a", "mac").empty());
    CHECK(value_of("eth0: MAC address 00:12:34:56:78:9a", "mac") == "00:12:34:56:78:9a");
    CHECK(value_of("In:    serial@9000000", "serial").empty());
    CHECK(value_of("serial number: YSD20A1234567", "serial") == "YSD20A1234567");
    CHECK(value_of("LocalHost login:", "hostname") == "LocalHost");
}

TEST_CASE("identity_patterns_survive_any_bytes", "[analysis]") {
    std::string noise;
    for (int i = 0; i < 4096; ++i) noise += static_cast<char>(i * 37 % 256);
    CHECK_NOTHROW(identity_facts(noise));
    CHECK_NOTHROW(identity_facts("soc soc soc firmware : : : serial = = mac \xff\xfe"));
}

TEST_CASE("a_timeline_with_a_torn_last_line_is_read_up_to_it", "[analysis]") {
    const packets::TemporaryFile file(std::string_view(
        "{\"t\":0,\"lane\":\"bench\",\"kind\":\"run\",\"wall_zero\":\"2026-01-01T00:00:00Z\"}\n"
        "{\"t\":1000,\"lane\":\"power\",\"kind\":\"on\"}\n"
        "{\"t\":5000,\"lane\":\"power\",\"kind\":\"off\"}\n"
        "{\"t\":6000,\"lane\":\"pow"));
    const auto facts = read_timeline(file.path());
    REQUIRE(facts.ok());
    CHECK(facts->run.torn);
    CHECK(facts->power_on);
    CHECK(facts->run.powered == Nanoseconds(4000));
    CHECK(facts->run.events.size() == 3);
    CHECK(facts->run.wall_zero == parse_timestamp("2026-01-01T00:00:00Z").value());
}

TEST_CASE("lines_of_a_timeline_that_are_no_events_are_refused", "[analysis]") {
    for (const auto* line :
         {"", "[]", "{}", "null", "{\"t\":\"x\",\"lane\":\"a\",\"kind\":\"b\"}",
          "{\"t\":1,\"lane\":5,\"kind\":\"b\"}", "{\"t\":1.5,\"lane\":\"a\",\"kind\":\"b\"}"})
        CHECK_FALSE(parse_event(line).has_value());
    CHECK(parse_event("{\"t\":1,\"lane\":\"a\",\"kind\":\"b\",\"x\":2}")->fields["x"] == 2);
}
