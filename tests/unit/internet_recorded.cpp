#include "bench/internet/world/dialogue_book.hpp"

#include "bench/internet/dispatch/datagram.hpp"
#include "bench/internet/world/dialogue.hpp"
#include "tests/catch.hpp"
#include "tests/unit/internet_support.hpp"

using namespace cambench;
using namespace cambench::internet;

namespace {

DialogueTemplate written(std::string_view text) { return DialogueTemplate::parse(text).value(); }

DialogueTurn turn(std::string_view camera, std::initializer_list<std::string_view> answers,
                  bool closes = false) {
    DialogueTurn made{.request = {}, .answers = {}, .closes = closes};
    if (!camera.empty()) made.request = written(camera);
    for (const auto answer : answers) made.answers.push_back(written(answer));
    return made;
}

Personality with(DialogueServer server) {
    Personality personality;
    personality.clock = at("2026-11-21T09:00:00Z");
    personality.dialogues.push_back(std::move(server));
    return personality;
}

}  // namespace

TEST_CASE("a template is read as it was written") {
    for (const auto* text :
         {"", "plain", "a\\r\\nb\\t\\\\", "\\xf1\\x00\\(4)\\xff", "GET /\\(any) HTTP/1.1\\r\\n",
          "Date: \\(time.http) \\(time.iso) \\(time.unix) \\(same 2)"})
        CHECK(written(text).to_string() == text);
    for (const auto* wrong : {"\\", "\\q", "\\x4", "\\xzz", "\\(", "\\(0)", "\\(same)", "\\(same 0)",
                              "\\(always)", "\\(99999999)"})
        CHECK_FALSE(DialogueTemplate::parse(wrong).ok());
}

TEST_CASE("open parts match what stands there and come back in the answer") {
    const auto request = written("GET /\\(any)?n=\\(any) HTTP/1.1\\r\\n\\r\\n");
    const auto found = match(request, "GET /a/b?n=42 HTTP/1.1\r\n\r\nGET /next");
    REQUIRE(found);
    CHECK(found->open == std::vector<std::string>{"a/b", "42"});
    CHECK(found->size == 26);
    CHECK(found->certain);
    CHECK(fill_in(written("\\(same 2)/\\(same 1)/\\(same 3) \\(time.http) \\(time.iso) \\(time.unix)"),
                  *found, at("2026-11-21T09:00:00Z")) ==
          "42/a/b/ Sat, 21 Nov 2026 09:00:00 GMT 2026-11-21T09:00:00Z 1795251600");
    CHECK_FALSE(match(request, "GET /a/b?n=42 HTTP/1.1\r\n"));
    CHECK_FALSE(match(request, "POST /a/b?n=42 HTTP/1.1\r\n\r\n"));
    const auto binary = match(written("\\xf1\\(4)\\x00"), std::string_view("\xf1wxyz\0", 6));
    REQUIRE(binary);
    CHECK(binary->open == std::vector<std::string>{"wxyz"});
    CHECK_FALSE(match(written("\\xf1\\(4)"), "\xf1wxy"));
    CHECK_FALSE(match(written("hello \\(any)"), "hello world")->certain);
}

TEST_CASE("a recorded stream is said again turn by turn, whatever the pieces") {
    TestWorld test(with(
        {.name = "",
         .address = ip("203.0.113.7"),
         .port = 9000,
         .turns = {turn("", {"HELLO 1\\r\\n"}), turn("LOGIN \\(any)\\r\\n", {"DENIED \\(time.iso)\\r\\n"}),
                   turn("LOGIN \\(any)\\r\\n", {"OK \\(same 1)\\r\\n"}),
                   turn("QUIT\\r\\n", {"BYE\\r\\n"}, true)}}));
    for (const std::size_t piece : {0, 1, 3}) {
        const auto dialogue = make_conversation(test.world, test.flow("203.0.113.7", 9000, Transport::tcp));
        Output opening;
        dialogue->opened(opening);
        CHECK(opening.bytes == "HELLO 1\r\n");
        const auto first = say(*dialogue, "LOGIN cam-1\r\n", piece);
        CHECK(first.starts_with(piece == 0 ? "DENIED 2026-11-21T09:00:0" : "OK cam-1"));
        CHECK(say(*dialogue, "LOGIN cam-2\r\n", piece) == "OK cam-2\r\n");
        Output end;
        dialogue->received(as_bytes("QUIT\r\n"), end);
        CHECK(end.bytes == "BYE\r\n");
        CHECK(end.close);
        dialogue->closed();
    }
    const auto turns = test.recorder.all("recorded-turn");
    REQUIRE(turns.size() == 9);
    CHECK(turns[0]["turn"] == 2);
    CHECK(turns[0]["exact"] == true);
    CHECK(turns[0]["payload"] == "LOGIN cam-1\r\n");
}

TEST_CASE("a message the recording does not have gets the answer of the one most like it, after a silence") {
    TestWorld test(with({.name = "",
                         .address = ip("203.0.113.7"),
                         .port = 9000,
                         .turns = {turn("register model=HV serial=17 token=aaa\\n", {"welcome"}),
                                   turn("alive model=HV serial=17\\n", {"go on"})}}));
    const auto dialogue = make_conversation(test.world, test.flow("203.0.113.7", 9000, Transport::tcp));
    CHECK(say(*dialogue, "alive model=HV serial=18\n").empty());
    Output output;
    dialogue->silence(output);
    CHECK(output.bytes == "go on");
    CHECK(test.recorder.last("recorded-turn")["exact"] == false);
    dialogue->closed();
}

TEST_CASE("who begins otherwise than the recording is served as ever") {
    TestWorld test(with(
        {.name = "", .address = ip("203.0.113.7"), .port = 9000, .turns = {turn("LOGIN\\r\\n", {"OK"})}}));
    const auto dialogue = make_conversation(test.world, test.flow("203.0.113.7", 9000, Transport::tcp));
    CHECK(say(*dialogue, "GET /x HTTP/1.1\r\nHost: a.example\r\n\r\n").empty());
    Output output;
    dialogue->silence(output);
    CHECK(output.bytes.starts_with("HTTP/1.1 200"));
    dialogue->closed();
    CHECK(test.recorder.all("http-request").size() == 1);
    const auto other = make_conversation(test.world, test.flow("203.0.113.8", 9000, Transport::tcp));
    CHECK(say(*other, "GET /x HTTP/1.1\r\nHost: a.example\r\n\r\n").starts_with("HTTP/1.1 200"));
    other->closed();
}

TEST_CASE("recorded datagrams are answered, every one of several") {
    TestWorld test(with({.name = "",
                         .address = ip("203.0.113.7"),
                         .port = 32100,
                         .transport = Transport::udp,
                         .turns = {turn("\\x01\\(4)\\x02", {"\\x81\\(same 1)", "\\x82"})}}));
    DatagramService service(test.world);
    const auto answer = service.received(test.flow("203.0.113.7", 32100, Transport::udp),
                                         as_bytes(std::string_view("\x01wxyz\x02", 6)));
    CHECK(as_text(answer) == "\x81wxyz");
    REQUIRE(test.world.further_answers.size() == 1);
    CHECK(as_text(test.world.further_answers[0]) == "\x82");
    CHECK(test.recorder.last("recorded-turn")["protocol"] == "binary");
    service.finish_flows(DatagramService::Which::all);
}

TEST_CASE("dialogues survive the border to the sandbox's process") {
    DialogueServer server{.name = "a.example",
                          .address = {},
                          .port = 8443,
                          .turns = {turn("x\\(any)\\n", {"\\xff\\(same 1)"}, true)}};
    server.inside_tls = true;
    const auto back = personality_from_json(to_json(with(server)));
    REQUIRE(back.ok());
    REQUIRE(back->dialogues.size() == 1);
    const auto& read = back->dialogues[0];
    CHECK(read.name == "a.example");
    CHECK(read.inside_tls);
    CHECK(read.turns[0].request == server.turns[0].request);
    CHECK(read.turns[0].answers == server.turns[0].answers);
    CHECK(read.turns[0].closes);
}
