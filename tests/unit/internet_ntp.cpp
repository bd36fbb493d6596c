#include "bench/internet/services/time/ntp.hpp"
#include "tests/catch.hpp"
#include "tests/unit/internet_support.hpp"

using namespace cambench;
using namespace cambench::internet;

TEST_CASE("the time told is the scenario's, in every version of the protocol") {
    Personality personality;
    personality.clock = at("2026-11-21T09:00:00Z");
    TestWorld test(personality);
    for (const unsigned version : {1U, 2U, 3U, 4U}) {
        ByteWriter question;
        question.u8(static_cast<std::uint8_t>(version << 3 | 3)).zeros(39).u64(0xdeadbeefcafef00d);
        const auto answer =
            answer_ntp(test.world, test.flow("203.0.113.123", 123, Transport::udp), question.view());
        ByteReader reader(answer);
        CHECK(reader.u8() == (version << 3 | 4));
        CHECK(reader.u8() == 2);
        reader.seek(24);
        CHECK(reader.u64() == 0xdeadbeefcafef00d);
        const auto told = reader.u64() >> 32;
        CHECK(told - (ntp_timestamp(at("2026-11-21T09:00:00Z")) >> 32) <= 1);
        CHECK(answer.size() == 48);
    }
    CHECK(test.recorder.last("ntp")["time_told"].get<std::string>().starts_with("2026-11-21T09:00:0"));
}

TEST_CASE("the clock can be set and moved on while the run goes on") {
    TestWorld test;
    REQUIRE(obey(test.world, {{"command", "set-clock"}, {"time", "2027-01-01T00:00:00Z"}}).ok());
    REQUIRE(obey(test.world, {{"command", "advance-clock"}, {"by_ns", 30LL * 86400 * 1'000'000'000}}).ok());
    CHECK(format_timestamp(test.world.clock.now()).starts_with("2027-01-31T00:00:0"));
    CHECK_FALSE(obey(test.world, {{"command", "advance-clock"}}).ok());
    CHECK_FALSE(obey(test.world, {{"command", "dance"}}).ok());
    CHECK_FALSE(obey(test.world, Json::array()).ok());
}

TEST_CASE("times of the eras after 2036 and before 1970 come out modulo an era") {
    CHECK(ntp_timestamp(at("1970-01-01T00:00:00Z")) >> 32 == 2208988800);
    CHECK(ntp_timestamp(at("2036-02-07T06:28:16Z")) >> 32 == 0);
    CHECK(ntp_timestamp(at("2036-02-07T06:28:16.5Z")) == 0x80000000);
}

TEST_CASE("what asks no time is told none") {
    TestWorld test;
    const auto flow = test.flow("203.0.113.123", 123, Transport::udp);
    ByteWriter control, short_one, response;
    CHECK(answer_ntp(test.world, flow, control.u8(0x16).zeros(47).view()).empty());
    CHECK(answer_ntp(test.world, flow, short_one.u8(0x23).zeros(20).view()).empty());
    CHECK(answer_ntp(test.world, flow, response.u8(0x24).zeros(47).view()).empty());
    CHECK(answer_ntp(test.world, flow, {}).empty());
    CHECK(test.recorder.all("ntp").size() == 4);
    CHECK(test.recorder.last("ntp").contains("malformed"));
}
