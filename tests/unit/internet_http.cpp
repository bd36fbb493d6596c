#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <random>

#include "bench/internet/services/web/http.hpp"
#include "harness/wire/http_message.hpp"
#include "tests/catch.hpp"
#include "tests/unit/internet_support.hpp"

using namespace cambench;
using namespace cambench::internet;
using namespace std::string_literals;

namespace {

namespace http = boost::beast::http;
using Response = http::response<http::string_body>;

/// As another library reads what we say: all responses in `text`, which must be nothing else.
std::vector<Response> responses(std::string_view text, bool head = false) {
    std::vector<Response> found;
    while (!text.empty()) {
        http::response_parser<http::string_body> parser;
        parser.skip(head);
        parser.eager(true);
        boost::system::error_code code;
        const auto used = parser.put(boost::asio::buffer(text.data(), text.size()), code);
        REQUIRE_FALSE(code);
        REQUIRE(parser.is_done());
        text.remove_prefix(used);
        found.push_back(parser.release());
    }
    return found;
}

struct Talk {
    explicit Talk(Personality personality = {}, std::string_view destination = "203.0.113.80")
        : test(std::move(personality)),
          dialogue(make_http_dialogue(test.world, test.flow(destination, 80, Transport::tcp))) {}
    std::string ask(std::string_view text, std::size_t piece = 0) { return say(*dialogue, text, piece); }
    TestWorld test;
    std::unique_ptr<StreamDialogue> dialogue;
};

Personality with_route(std::string host, std::string path, std::string method,
                       std::vector<HttpAnswer> answers) {
    Personality personality;
    personality.http_routes.push_back(
        {std::move(host), std::move(path), std::move(method), std::move(answers)});
    return personality;
}

}  // namespace

TEST_CASE("a request is answered and becomes an event") {
    Personality personality;
    personality.clock = at("2027-03-01T00:00:00Z");
    Talk talk(personality);
    const auto found =
        responses(talk.ask("GET /status?sn=7 HTTP/1.1\r\nHost: Cloud.Vendor.example:8080\r\nUser-Agent: "
                           "cam/1 <script>\r\n\r\n"));
    REQUIRE(found.size() == 1);
    CHECK(found[0].result_int() == 200);
    CHECK(found[0][http::field::date].starts_with("Mon, 01 Mar 2027 00:00:0"));
    const auto event = talk.test.recorder.last("http-request");
    CHECK(event["method"] == "GET");
    CHECK(event["target"] == "/status?sn=7");
    CHECK(event["host"] == "cloud.vendor.example");
    CHECK(event["user_agent"] == "cam/1 <script>");
    CHECK(event["status"] == 200);
    CHECK(event["answered"] == true);
    CHECK(event["headers"][0] == Json({"Host", "Cloud.Vendor.example:8080"}));
}

TEST_CASE("pipelined requests are answered in order, however they are cut") {
    const std::string three =
        "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: "
        "5\r\n\r\nhello\r\nGET /3 HTTP/1.1\nHost: a\n\n";
    for (const std::size_t piece : {0, 1, 2, 7}) {
        Talk talk;
        CHECK(responses(talk.ask(three, piece)).size() == 3);
        const auto events = talk.test.recorder.all("http-request");
        REQUIRE(events.size() == 3);
        CHECK(events[1]["payload"] == "hello");
        CHECK(events[2]["target"] == "/3");
        CHECK_FALSE(events[2].contains("payload"));
    }
}

TEST_CASE("a chunked body is kept whole without its framing") {
    for (const std::size_t piece : {0, 1, 3}) {
        Talk talk;
        const auto answer = talk.ask(
            "PUT /clip HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
            "chunked\r\n\r\n4;x=1\r\nabcd\r\n10\r\n0123456789abcdef\r\n0\r\nTrailer: 1\r\n\r\n",
            piece);
        CHECK(responses(answer).size() == 1);
        CHECK(talk.test.recorder.last("http-request")["payload"] == "abcd0123456789abcdef");
    }
}

TEST_CASE("nobody is told 200 before the whole body came") {
    Talk talk;
    CHECK(talk.ask("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n123456789").empty());
    CHECK(talk.test.recorder.all("http-request").empty());
    talk.dialogue->closed();
    const auto event = talk.test.recorder.last("http-request");
    CHECK(event["answered"] == false);
    CHECK(event["payload"] == "123456789");
    CHECK_FALSE(event.contains("status"));
}

TEST_CASE("a client that waits for 100 gets it and then its answer") {
    Talk talk;
    CHECK(talk.ask("PUT /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n") ==
          "HTTP/1.1 100 Continue\r\n\r\n");
    CHECK(responses(talk.ask("ok")).size() == 1);
}

TEST_CASE("HEAD gets the length and no body") {
    Talk talk;
    const auto text = talk.ask("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(text.ends_with("\r\n\r\n"));
    CHECK(text.find("Content-Length: 0") == std::string::npos);
    CHECK(responses(text, true).size() == 1);
}

TEST_CASE("connections are kept or closed as the client and its version say") {
    const auto closes = [](std::string_view request) {
        Talk talk;
        Output output;
        talk.dialogue->received(as_bytes(request), output);
        return output.close;
    };
    CHECK_FALSE(closes("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    CHECK(closes("GET / HTTP/1.1\r\nHost: a\r\nConnection: Close\r\n\r\n"));
    CHECK(closes("GET / HTTP/1.0\r\n\r\n"));
    CHECK_FALSE(closes("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
}

TEST_CASE("routes give their answers in order, the last repeats") {
    Talk talk(with_route("cloud.vendor.example", "/v*/status", "*",
                         {{503, {{"Retry-After", "1"}}, ""},
                          {200,
                           {{"Content-Type", "application/json"}},
                           "{\"host\":\"${host}\",\"p\":\"${path}\",\"x\":\"${nothing}\"}"}}));
    const std::string request = "GET /v1/status HTTP/1.1\r\nHost: cloud.vendor.example\r\n\r\n";
    const auto found = responses(talk.ask(request + request + request));
    REQUIRE(found.size() == 3);
    CHECK(found[0].result_int() == 503);
    CHECK(found[0]["Retry-After"] == "1");
    CHECK(found[1].body() == "{\"host\":\"cloud.vendor.example\",\"p\":\"/v1/status\",\"x\":\"${nothing}\"}");
    CHECK(found[2].body() == found[1].body());
    CHECK(talk.test.recorder.last("http-request")["answered_by"] == "route");
    CHECK(responses(talk.ask("GET /other HTTP/1.1\r\nHost: cloud.vendor.example\r\n\r\n"))[0].result_int() ==
          200);
    CHECK(talk.test.recorder.last("http-request")["answered_by"] == "default");
}

TEST_CASE("a route fits by pattern, by address and by method") {
    Talk talk(with_route("203.0.113.80", "*", "POST", {{201, {}, ""}}));
    CHECK(responses(talk.ask("POST / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"))[0].result_int() == 201);
    CHECK(responses(talk.ask("GET / HTTP/1.1\r\n\r\n"))[0].result_int() == 200);
    Talk wide(with_route("*.vendor.example", "*", "*", {{418, {}, ""}}));
    CHECK(responses(wide.ask("GET / HTTP/1.1\r\nHost: a.b.vendor.example\r\n\r\n"))[0].result_int() == 418);
    CHECK(responses(wide.ask("GET / HTTP/1.1\r\nHost: vendor.example\r\n\r\n"))[0].result_int() == 200);
}

TEST_CASE("a header value with a line break cannot make another header") {
    Talk talk(with_route("*", "*", "*", {{200, {{"X-Note", "a\r\nSet-Cookie: b"}}, ""}}));
    const auto found = responses(talk.ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    CHECK(found[0]["X-Note"] == "a");
    CHECK(found[0]["Set-Cookie"].empty());
}

TEST_CASE("connectivity checks hear what they compare with") {
    Talk talk;
    const auto body = [&](std::string path) {
        return responses(talk.ask("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n"))[0];
    };
    CHECK(body("/generate_204").result_int() == 204);
    CHECK(body("/hotspot-detect.html").body() ==
          "<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>");
    CHECK(body("/ncsi.txt").body() == "Microsoft NCSI");
    CHECK(body("/connecttest.txt").body() == "Microsoft Connect Test");
}

TEST_CASE("the registration dialogue refuses once with the date and then gives ports") {
    Talk talk;
    const std::string request =
        "DHGET /online/p2psrv/SN001 HTTP/1.1\r\nCSeq: -1015686675\r\nX-WSSE: UsernameToken "
        "Username=\"SN001\"\r\n\r\n";
    const auto found =
        responses(talk.ask(request + request + "GET /heartbeat/device/SN001 HTTP/1.1\r\n\r\n"));
    REQUIRE(found.size() == 3);
    CHECK(found[0].result_int() == 401);
    CHECK_FALSE(found[0][http::field::date].empty());
    CHECK(found[0][http::field::www_authenticate].starts_with("WSSE"));
    CHECK(found[0]["CSeq"] == "-1015686675");
    CHECK(found[1].result_int() == 200);
    CHECK(found[1].body() == "<body><DS>:8802</DS><US>:8803</US></body>");
    CHECK(found[2].result_int() == 200);
}

TEST_CASE("the same dialogue runs in datagrams") {
    TestWorld test;
    const auto flow = test.flow("52.42.224.222", 8800, Transport::udp);
    const auto request = to_bytes("DHGET /online/p2psrv/SN002 HTTP/1.1\r\nCSeq: 5\r\n\r\n");
    CHECK(as_text(answer_http_datagram(test.world, flow, request)).starts_with("HTTP/1.1 401"));
    CHECK(as_text(answer_http_datagram(test.world, flow, request)).starts_with("HTTP/1.1 200"));
    CHECK(answer_http_datagram(test.world, flow, to_bytes("hello")).empty());
    CHECK(test.recorder.last("http-request")["transport"] == "udp");
}

TEST_CASE("a WebSocket is opened and what follows is kept") {
    Talk talk;
    const auto text = talk.ask(
        "GET /ws HTTP/1.1\r\nHost: 50.226.99.164\r\nUpgrade: websocket\r\nConnection: "
        "Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    CHECK(text.starts_with("HTTP/1.1 101 Switching Protocols\r\n"));
    CHECK(text.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n") !=
          std::string::npos);  // RFC 6455, 1.3
    const auto masked = [](unsigned char first, std::string content) {
        for (std::size_t i = 0; i < content.size(); ++i)
            content[i] = static_cast<char>(content[i] ^ "key!"[i % 4]);
        return std::string(1, static_cast<char>(first)) + static_cast<char>(0x80 | content.size()) + "key!" +
               content;
    };
    CHECK(talk.ask(masked(0x01, "sta") + masked(0x89, "hey")) ==
          "\x8a\x03hey");  // a ping between the parts of a message
    CHECK(talk.ask(masked(0x80, "tus")).empty());
    CHECK(talk.test.recorder.last("websocket")["payload"] == "status");
    CHECK(talk.test.recorder.last("websocket")["message"] == "text");
    for (int i = 0; i < 20; ++i) (void)talk.ask(masked(0x82, "picture"));
    CHECK(talk.ask(masked(0x88, "\x03\xe8")) == "\x88\x02\x03\xe8");
    talk.dialogue->closed();
    CHECK(talk.test.recorder.all("websocket").size() == 17);
    CHECK(talk.test.recorder.last("websocket")["messages"] == 5);
    CHECK(talk.test.recorder.last("websocket")["payload"] == "picturepicturepicturepicturepicture");
}

TEST_CASE("MQTT in a WebSocket finds its broker, and a stream that is no WebSocket is kept") {
    const std::string opening =
        "GET /mqtt HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: "
        "Upgrade\r\nSec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    Personality personality;
    personality.mqtt_retained.push_back({.topic = "cam/cmd", .content = "go"});
    Talk talk(personality);
    CHECK(talk.ask(opening).find("Sec-WebSocket-Protocol: mqtt") != std::string::npos);
    CHECK(talk.ask("\x82\x0f\x10\x0d\0\4MQTT\4\2\0\x3c\0\1c"s) == "\x82\4\x20\2\0\0"s);
    CHECK(talk.ask("\x82\x0e\x82\x0c\0\1\0\7cam/cmd\0"s).find("cam/cmdgo") != std::string::npos);
    Talk stray;
    (void)stray.ask(opening);
    CHECK(stray.ask("\x93 no frame").empty());
    stray.dialogue->closed();
    CHECK(stray.test.recorder.last("tcp-payload")["payload"] == "\x93 no frame");
}

TEST_CASE("who takes a server for a proxy is heard behind it") {
    Talk talk;
    const auto opened = talk.ask("CONNECT far.example:80 HTTP/1.1\r\nHost: far.example:80\r\n\r\n");
    CHECK(opened.starts_with("HTTP/1.1 200 "));
    CHECK(opened.find("Content-Length") == std::string::npos);
    CHECK(talk.ask("GET /inside HTTP/1.1\r\nHost: far.example\r\n\r\n").starts_with("HTTP/1.1 200 "));
    CHECK(talk.test.recorder.last("http-request")["target"] == "/inside");
}

TEST_CASE("what is no request is refused and kept") {
    for (const std::string_view bad : {"GET / HTTP/1.1\r\nno colon\r\n\r\n", "GET HTTP/1.1\r\n\r\n",
                                       "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                                       "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
                                       "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n"}) {
        Talk talk;
        Output output;
        talk.dialogue->received(as_bytes(bad), output);
        CHECK(output.bytes.starts_with("HTTP/1.1 400"));
        CHECK(output.close);
        CHECK(talk.test.recorder.last("http-request").contains("malformed"));
    }
    Talk talk;
    Output output;
    talk.dialogue->received(as_bytes("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), output);
    CHECK(output.bytes.starts_with("HTTP/1.1 400"));
}

TEST_CASE("a head without end is refused before it fills the memory") {
    Talk talk;
    Output output;
    for (int i = 0; i < 100 && !output.close; ++i)
        talk.dialogue->received(as_bytes("GET /" + std::string(4096, 'a')), output);
    CHECK(output.close);
    CHECK(output.bytes.starts_with("HTTP/1.1 400"));
}

TEST_CASE("random bytes harm neither the head's parser nor the body's") {
    std::minstd_rand random(2);
    const std::string base =
        "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nGET / "
        "HTTP/1.0\r\n\r\n";
    for (int i = 0; i < 3000; ++i) {
        auto bent = base;
        for (int k = 0; k < 4; ++k) bent[random() % bent.size()] = static_cast<char>(random());
        Talk talk;
        const auto answer = talk.ask(bent, 1 + random() % 40);
        talk.dialogue->closed();
        CHECK((answer.empty() || answer.starts_with("HTTP/1.")));
    }
}

TEST_CASE("patterns with stars fit what they should") {
    CHECK(fits("*", ""));
    CHECK(fits("/a/*", "/a/b/c"));
    CHECK(fits("/*/c", "/a/b/c"));
    CHECK_FALSE(fits("/*/c", "/a/b/cd"));
    CHECK(fits("a*b*c", "aXbYbZc"));
    CHECK_FALSE(fits("abc", "abcd"));
    CHECK_FALSE(fits("", "a"));
}
