#include <unistd.h>
#include <filesystem>
#include <fstream>

#include "harness/analysis/learning/learn_dialogues.hpp"
#include "tests/catch.hpp"

using namespace cambench;
using namespace cambench::analysis;

namespace {

const WallTime morning = parse_timestamp("2026-11-21T09:00:00Z").value();

RecordedTalk talk(std::vector<std::pair<bool, std::string>> said, bool server_closed = false) {
    RecordedTalk made{{IpAddress::parse("192.168.1.9").value(), 40000},
                      {IpAddress::parse("203.0.113.7").value(), 9000},
                      "cloud.vendor.example",
                      Transport::tcp,
                      {}};
    for (auto& [by_client, bytes] : said)
        made.utterances.push_back({by_client, std::move(bytes), {}, morning});
    made.server_closed = server_closed;
    return made;
}

}  // namespace

TEST_CASE("dates and times near the recording's are left open") {
    const auto turn = learn_turn(
        "GET /time HTTP/1.1\r\n\r\n",
        {"HTTP/1.1 200 OK\r\nDate: Sat, 21 Nov 2026 08:59:58 GMT\r\nExpires: Thu, 01 Jan 1970 00:00:00 "
         "GMT\r\n\r\n{\"t\":1795251598,\"at\":\"2026-11-21T09:00:01Z\",\"n\":1234567890}"},
        morning);
    REQUIRE(turn.answers.size() == 1);
    CHECK(turn.answers[0].to_string() ==
          "HTTP/1.1 200 OK\\r\\nDate: \\(time.http)\\r\\nExpires: Thu, 01 Jan 1970 00:00:00 "
          "GMT\\r\\n\\r\\n{\"t\":\\(time.unix),\"at\":\"\\(time.iso)\",\"n\":1234567890}");
}

TEST_CASE("what the server repeats of a request is left open on both sides") {
    const auto text = learn_turn("GET /a HTTP/1.1\r\nCSeq: 837261\r\n\r\n",
                                 {"HTTP/1.1 200 OK\r\nCSeq: 837261\r\n\r\n"}, morning);
    CHECK(text.request->to_string() == "GET /a HTTP/1.1\\r\\nCSeq: \\(any)\\r\\n\\r\\n");
    CHECK(text.answers[0].to_string() == "HTTP/1.1 200 OK\\r\\nCSeq: \\(same 1)\\r\\n\\r\\n");
    const auto binary = learn_turn(std::string("\x01\x00\xde\xad\xbe\xef\x07", 7),
                                   {std::string("\x81\x00\xde\xad\xbe\xef\x09", 7)}, morning);
    CHECK(binary.request->to_string() == "\\x01\\(5)\\x07");
    CHECK(binary.answers[0].to_string() == "\\x81\\(same 1)\\t");
}

TEST_CASE("requests that differ in their numbers alone are one") {
    const auto servers = learn_dialogues({talk({{true, "poll id=1001 seq=17\n"}, {false, "nothing\n"}}),
                                          talk({{true, "poll id=1001 seq=18\n"}, {false, "nothing\n"}})});
    REQUIRE(servers.size() == 1);
    CHECK(servers[0].name == "cloud.vendor.example");
    CHECK_FALSE(servers[0].address.has_value());
    REQUIRE(servers[0].turns.size() >= 1);
    CHECK(servers[0].turns[0].request->to_string() == "poll id=1001 seq=\\(any)\\n");
}

TEST_CASE("a server that refuses first and accepts then keeps that order, and who speaks first does") {
    const auto servers = learn_dialogues({talk({{false, "220 ready\r\n"},
                                                {true, "AUTH a\r\n"},
                                                {false, "530 no\r\n"},
                                                {true, "AUTH a\r\n"},
                                                {false, "230 yes\r\n"}},
                                               true)});
    REQUIRE(servers.size() == 1);
    REQUIRE(servers[0].turns.size() == 3);
    CHECK_FALSE(servers[0].turns[0].request.has_value());
    CHECK(servers[0].turns[1].answers[0].to_string() == "530 no\\r\\n");
    CHECK(servers[0].turns[2].answers[0].to_string() == "230 yes\\r\\n");
    CHECK(servers[0].turns[2].closes);
    CHECK_FALSE(servers[0].turns[1].closes);
}

TEST_CASE("what was learned is read back from its file as it was") {
    const auto servers =
        learn_dialogues({talk({{true, std::string("\x00<&\"'$ \xff", 9)}, {false, "a ${b}\r\n"}})});
    const auto file =
        std::filesystem::temp_directory_path() / ("dialogues-" + std::to_string(::getpid()) + ".xml");
    std::ofstream(file) << to_xml(servers, "a \"title\" & more");
    markup::Problems problems;
    const auto read = load_dialogues(file, problems);
    std::filesystem::remove(file);
    INFO((read ? std::string() : read.error().message));
    REQUIRE(read.ok());
    REQUIRE(read->size() == 1);
    CHECK((*read)[0].turns[0].request == servers[0].turns[0].request);
    CHECK((*read)[0].turns[0].answers == servers[0].turns[0].answers);
}
