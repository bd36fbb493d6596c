#include "bench/internet/channel/event_frame.hpp"
#include "bench/internet/world/json_text.hpp"
#include "harness/core/event.hpp"
#include "tests/catch.hpp"

using namespace cambench;
using namespace cambench::internet;

namespace {

Result<EventFrame> read_back(const std::string& frame) { return parse_event_frame(as_bytes(frame)); }

std::string with_members(std::string_view members) {
    return event_frame_head(Nanoseconds(7), "dns-query", {}) + std::string(members);
}

}  // namespace

TEST_CASE("an event's frame is read back as it was written") {
    JsonText fields;
    fields.text("name", "caf\xc3\xa9 \"\\\n\x01\xff")
        .null("none")
        .number("n", -42)
        .number("least", INT64_MIN)
        .flag("yes", true)
        .flag("no", false);
    const std::vector<std::string> words{"a", "b,]"};
    const std::vector<unsigned> numbers{1, 55};
    const std::vector<std::pair<std::string, std::string>> pairs{{"Host", "x"}, {"A", ""}};
    fields.texts("words", words).texts("empty", {}).numbers("numbers", numbers).pairs("headers", pairs);
    const auto text = event_frame_head(Nanoseconds(-5), "http-request", 9) + std::string(fields.members());
    const auto frame = read_back(text);
    REQUIRE(frame.ok());
    CHECK(frame->time == Nanoseconds(-5));
    CHECK(frame->kind == "http-request");
    CHECK(frame->payload == PayloadId{9});
    CHECK(frame->members == fields.members());
    const auto event = event_of({frame->time, frame->kind, frame->members, R"("payload":"abc")"}, "network");
    CHECK(event.fields["n"] == -42);
    CHECK(event.fields["headers"][0][1] == "x");
    CHECK(event.fields["payload"] == "abc");
    CHECK(event.lane == "network");
}

TEST_CASE("an event without fields or content is whole") {
    const auto text = with_members("");
    const auto frame = read_back(text);
    REQUIRE(frame.ok());
    CHECK_FALSE(frame->payload.has_value());
    CHECK(event_of({frame->time, frame->kind, frame->members, {}}, "network").fields.empty());
}

TEST_CASE("fields that are not what the fake internet writes are refused") {
    const char* const bad[] = {R"("a")",
                               R"("a":)",
                               R"("a":1,)",
                               R"("a":1 )",
                               R"("a":01)",
                               R"("a":1.5)",
                               R"("a":tru)",
                               R"(a:1)",
                               R"("a":{"b":1})",
                               R"("a":[1)",
                               R"("a":[1,])",
                               R"("a":[[[[[1]]]]])",
                               R"("a":"x)",
                               R"("a":"\x")",
                               R"("a":"\ud800")",
                               R"("a":"\u00")",
                               "\"a\":\"\n\"",
                               "\"a\":\"\xff\"",
                               "\"a\":\"\xc0\x80\"",
                               R"("a":1}{"t":0)",
                               R"("a":12345678901234567890)",
                               R"("a":-)"};
    for (const auto* members : bad) {
        CAPTURE(members);
        CHECK_FALSE(read_back(with_members(members)).ok());
    }
}

TEST_CASE("a process in foreign hands cannot tell what is the engine's to tell") {
    for (const auto* key : {"t", "lane", "kind", "payload", "payload_bytes", "\\u006bind"}) {
        CAPTURE(key);
        CHECK_FALSE(read_back(with_members("\"" + std::string(key) + "\":\"power\"")).ok());
        CHECK(read_back(with_members("\"a\":[\"" + std::string(key) + "\"]")).ok());
    }
    CHECK_FALSE(read_back(event_frame_head(Nanoseconds(0), "a\",\"lane\":\"power", {})).ok());
    CHECK_FALSE(read_back(event_frame_head(Nanoseconds(0), "", {})).ok());
    CHECK_FALSE(read_back("short").ok());
}
