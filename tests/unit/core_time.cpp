#include "harness/core/time.hpp"

#include "tests/catch.hpp"

using namespace cambench;
using namespace std::chrono_literals;

TEST_CASE("a duration is a number and its unit", "[core]") {
    const std::vector<std::pair<std::string, Nanoseconds>> good{
        {"0s", 0s},   {"1ns", 1ns},   {"5us", 5us}, {"500ms", 500ms}, {"2s", 2s},     {"1.5s", 1500ms},
        {"5m", 5min}, {"5min", 5min}, {"3h", 3h},   {"30d", 720h},    {"0.1s", 100ms}};
    for (const auto& [text, expected] : good) {
        CAPTURE(text);
        const auto parsed = parse_duration(text);
        REQUIRE(parsed);
        CHECK(*parsed == expected);
        CHECK(*parse_duration(format_duration(expected)) == expected);
    }
}

TEST_CASE("a duration that is not one says what would be right", "[core]") {
    for (const std::string bad : {"", "2", "s", "-2s", "2 s", "2sec", "1e3s", "inf s", "nans", ".5s", "5.s",
                                  "+2s", "2s ", " 2s", "0x10s", "400000d", "1e400s", "2S"}) {
        CAPTURE(bad);
        const auto parsed = parse_duration(bad);
        REQUIRE_FALSE(parsed.ok());
        CHECK(parsed.error().fault == Fault::usage);
    }
    CHECK(parse_duration("2").error().message ==
          "'2' has no unit; write a number with its unit, such as 500ms, 2s, 5m, 3h or 30d");
    CHECK(parse_duration("2sec").error().message.find("unknown unit 'sec'") != std::string::npos);
    CHECK(parse_duration("-2s").error().message.find("negative") != std::string::npos);
}

TEST_CASE("a time is written in UTC, exactly", "[core]") {
    CHECK(format_timestamp(*parse_timestamp("2026-11-21T09:00:00Z")) == "2026-11-21T09:00:00.000000Z");
    CHECK(format_timestamp(*parse_timestamp("1970-01-01T00:00:00.25Z")) == "1970-01-01T00:00:00.250000Z");
    CHECK(parse_timestamp("1970-01-01T00:00:01Z").value().time_since_epoch() == 1s);
    CHECK(parse_timestamp("2000-02-29T00:00:00Z").ok());
    CHECK(format_timestamp(*parse_timestamp("1969-12-31T23:59:59.5Z")) == "1969-12-31T23:59:59.500000Z");
    CHECK(format_http_date(*parse_timestamp("2026-11-21T09:00:00Z")) == "Sat, 21 Nov 2026 09:00:00 GMT");
    for (const std::string bad :
         {"", "2026-11-21", "2026-11-21T09:00:00", "2026-11-21 09:00:00Z", "2026-1-2T3:4:5Z",
          "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21T09:60:00Z",
          "2026-11-21T09:00:00.Z", "2026-11-21T09:00:00.5e3Z", "2026-11-21T09:00:00+01:00",
          "2026-11-21T09:00:00ZZ", " 2026-11-21T09:00:00Z", "1600-01-01T00:00:00Z", "2300-01-01T00:00:00Z",
          "2026-00-10T00:00:00Z"}) {
        CAPTURE(bad);
        CHECK_FALSE(parse_timestamp(bad).ok());
    }
}

TEST_CASE("durations are told to people in fitting units", "[core]") {
    CHECK(describe_duration(420ms) == "420 ms");
    CHECK(describe_duration(1234ms) == "1.23 s");
    CHECK(describe_duration(12340ms) == "12.3 s");
    CHECK(describe_duration(245s) == "4 min 05 s");
    CHECK(describe_duration(26h) == "26 h 00 min");
    CHECK(format_duration(90s) == "90s");
    CHECK(format_duration(1500ms) == "1500ms");
    CHECK(format_duration(48h) == "2d");
}

TEST_CASE("a deadline passes once and is shared", "[core]") {
    const auto past = Deadline::at(Monotonic::now() - 1s);
    const auto far = Deadline::after(1h);
    CHECK(past.passed());
    CHECK(past.remaining() == 0ms);
    CHECK_FALSE(far.passed());
    CHECK(far.remaining() > 59min);
    CHECK(far.sooner(past).when() == past.when());
    CHECK(past.sooner(far).when() == past.when());
}

TEST_CASE("run time and wall time convert both ways", "[core]") {
    const auto clock = RunClock::start();
    CHECK(clock.at(clock.wall(5s)) == 5s);
    CHECK(clock.now() >= 0ns);
}
