#include "harness/wire/protocol_words.hpp"
#include "tests/catch.hpp"
#include "tests/unit/judged.hpp"
#include "tests/unit/recorded_run.hpp"
#include "tests/unit/traffic_variations.hpp"

using namespace cambench;
using namespace cambench::packets;

namespace cambench::inside {
/// What stands inside of TLS, WebSockets and tunnels, against what is declared; over both families and
/// several ports.
namespace {

using namespace std::chrono_literals;

struct Place {
    std::string address;
    std::uint16_t port;
};
const std::vector<Place> places{
    {"203.0.113.9", 443}, {"203.0.113.9", 8443}, {"2001:db8:9::9", 443}, {"2001:db8:9::9", 20443}};

Declaration declared(std::uint16_t port, std::string protocol, std::string purpose) {
    Declaration declaration;
    declaration.destinations.push_back({.name = "api.vendor.example",
                                        .port = port,
                                        .transport = Transport::tcp,
                                        .protocol = std::move(protocol),
                                        .purpose = std::move(purpose)});
    return declaration;
}

std::string of_flow(const Place& place, const std::string& more) {
    const auto host =
        place.address.find(':') != std::string::npos ? "[" + place.address + "]" : place.address;
    return "\"destination\":\"" + host + ":" + std::to_string(place.port) +
           "\",\"name\":\"api.vendor.example\",\"transport\":\"tcp\"" + (more.empty() ? "" : "," + more);
}

/// One thing said inside, and what to think of it at a health report server.
struct Said {
    std::string what, kind, fields, content;
    std::string protocol;  ///< declared
    Verdict verdict;
};

const std::vector<Said>& said_inside() {
    const std::string tls = "\"inside\":\"tls\"", ssh = "SSH-2.0-dropbear_2022.83\r\n";
    static const std::vector<Said> all{
        {"ssh inside TLS", "tcp-payload", tls + ",\"protocol\":\"ssh\"", ssh, "tls", Verdict::fail},
        {"ssh inside TLS, declared as https", "tcp-payload", tls + ",\"protocol\":\"ssh\"", ssh, "https",
         Verdict::fail},
        {"a shell inside TLS", "tcp-payload", tls + ",\"protocol\":\"text\",\"heard\":\"id\\n\"",
         "/ # uid=0(root) gid=0(root)\n/ # ", "tls", Verdict::fail},
        {"telnet inside TLS", "tcp-payload", tls + ",\"protocol\":\"binary\"",
         "\xff\xfb\x01\xff\xfd\x03login: ", "tls", Verdict::fail},
        {"a chat of bots inside TLS", "tcp-payload", tls + ",\"protocol\":\"text\"",
         "NICK cam4711\r\nUSER a b c d\r\n", "tls", Verdict::fail},
        {"bittorrent inside TLS", "tcp-payload", tls + ",\"protocol\":\"binary\"",
         "\x13"
         "BitTorrent protocol"
         "12345678",
         "mqtts", Verdict::fail},
        {"TLS inside TLS", "tcp-payload", tls + ",\"protocol\":\"tls\"",
         std::string(as_text(client_hello("a.example"))), "tls", Verdict::inconclusive},
        {"mqtt inside what is declared as https", "mqtt",
         tls + ",\"protocol\":\"mqtts\",\"message\":\"connect\"", "", "https", Verdict::fail},
        {"http inside what is declared as mqtts", "http-request",
         tls + ",\"protocol\":\"https\",\"method\":\"GET\",\"target\":\"/\"", "", "mqtts", Verdict::fail},
        {"nobody knows what inside https", "tcp-payload", tls + ",\"protocol\":\"binary\"",
         "\x07\x09 not at all known", "https", Verdict::fail},
        {"nobody knows what inside mqtts", "tcp-payload", tls + ",\"protocol\":\"binary\"",
         "\x07\x09 not at all known", "mqtts", Verdict::inconclusive},
        {"ssh in a WebSocket inside TLS", "websocket",
         tls + ",\"protocol\":\"websocket\",\"message\":\"binary\"", ssh, "https", Verdict::fail},
        {"ssh behind CONNECT inside TLS", "tcp-payload",
         tls + ",\"layers\":\"tls/http/connect\",\"toward\":\"a.example:443\",\"protocol\":\"ssh\"", ssh,
         "https", Verdict::fail},
        {"ssh in the body of a request inside TLS", "http-request",
         tls + ",\"protocol\":\"https\",\"method\":\"POST\",\"target\":\"/\"", ssh, "https", Verdict::fail},
        {"a tunnel of HTTP inside TLS", "http-request",
         tls + ",\"protocol\":\"https\",\"method\":\"POST\",\"target\":\"/\"",
         std::string("\1\0\1*\2\0\2ab", 9), "https", Verdict::inconclusive},
        // Honest, with awkward habits.
        {"http inside TLS", "http-request",
         tls + ",\"protocol\":\"https\",\"method\":\"POST\",\"target\":\"/\"", "{\"health\":\"good\"}", "tls",
         Verdict::pass},
        {"http inside https", "http-request",
         tls + ",\"protocol\":\"https\",\"method\":\"POST\",\"target\":\"/\"", "a log: SSH-2.0 refused",
         "https", Verdict::pass},
        {"mqtt inside TLS", "mqtt", tls + ",\"protocol\":\"mqtts\",\"message\":\"connect\"", "", "tls",
         Verdict::pass},
        {"mqtt inside mqtts", "mqtt", tls + ",\"protocol\":\"mqtts\",\"message\":\"connect\"", "", "mqtts",
         Verdict::pass},
        {"mqtt in a WebSocket inside TLS", "mqtt",
         tls + ",\"layers\":\"tls/http/websocket\",\"protocol\":\"mqtts\",\"message\":\"connect\"", "", "wss",
         Verdict::pass},
        {"messages in a WebSocket inside TLS", "websocket",
         tls + ",\"protocol\":\"websocket\",\"message\":\"text\"", "{\"battery\": 97}", "wss", Verdict::pass},
        {"a maker's own protocol inside TLS", "tcp-payload", tls + ",\"protocol\":\"binary\"",
         std::string("\0\0\0\x20\1\2\3\4 status fine", 20), "tls", Verdict::pass},
        {"a maker's text ending in a mark, inside TLS", "tcp-payload", tls + ",\"protocol\":\"text\"",
         "*HQ,4711,V1,fine#", "tls", Verdict::pass},
        {"rtmp inside rtmps", "rtmp", tls + ",\"protocol\":\"rtmps\",\"command\":\"connect\"", "", "rtmps",
         Verdict::pass},
        {"a picture in the body of a request", "http-request",
         tls + ",\"protocol\":\"https\",\"method\":\"POST\",\"target\":\"/\"", "\xff\xd8\xff\xe0 picture",
         "https", Verdict::pass},
        {"TLS behind CONNECT inside TLS", "http-request",
         tls +
             ",\"layers\":\"tls/http/connect/"
             "tls\",\"toward\":\"a.example:443\",\"protocol\":\"https\",\"method\":\"GET\",\"target\":\"/\"",
         "", "https", Verdict::pass},
    };
    return all;
}

RecordedRun tls_run(const Place& place) {
    Wire wire;
    wire.lease().resolve("api.vendor.example", ip(place.address));
    wire.connect(ip(place.address), place.port, client_hello("api.vendor.example"));
    return RecordedRun(std::move(wire));
}

}  // namespace

TEST_CASE("what_is_inside_tls_is_held_against_what_is_declared_at_every_depth", "[checks][inside]") {
    for (const auto& place : places) {
        for (const auto& said : said_inside()) {
            auto run = tls_run(place);
            run.event(said.kind, of_flow(place, said.fields), said.content);
            const auto observations = run.observe();
            const auto declaration = declared(place.port, said.protocol, "health report");
            const auto result = judged("declared-protocols", observations, &declaration);
            INFO(said.what << " at " << place.address << " " << place.port << ": " << result.title << " | "
                           << result.seen);
            CHECK(result.verdict == said.verdict);
            if (!result.findings.empty()) CHECK(said.verdict != Verdict::pass);
            const auto destinations = judged("only-declared-destinations", observations, &declaration);
            INFO(destinations.title);
            CHECK((destinations.verdict == Verdict::fail) ==
                  (said.verdict == Verdict::fail && said.fields.find("toward") == std::string::npos));
        }
    }
}

TEST_CASE("a_way_in_that_is_declared_as_such_is_no_proof_against_the_camera", "[checks][inside]") {
    for (const auto* purpose : {"remote support tunnel", "VPN to the control centre"}) {
        auto run = tls_run(places.front());
        run.event("tcp-payload", of_flow(places.front(), "\"inside\":\"tls\",\"protocol\":\"ssh\""),
                  "SSH-2.0-dropbear\r\n");
        const auto declaration = declared(443, "tls", purpose);
        CHECK(judged("declared-protocols", run.observe(), &declaration).verdict == Verdict::inconclusive);
    }
}

TEST_CASE("a_shell_inside_tls_is_given_away_to_whomever_and_its_greeting_alone_is_doubtful",
          "[checks][inside]") {
    const auto declaration = declared(443, "tls", "health report");
    auto proven = tls_run(places.front());
    proven.event("tcp-payload", of_flow(places.front(), "\"inside\":\"tls\",\"heard\":\"id\\n\""),
                 "BusyBox v1.31.1 () built-in shell (ash)\n\n/ # id\r\nuid=0(root) gid=0(root)\r\n/ # ");
    CHECK(judged("no-code-arriving", proven.observe(), &declaration).verdict == Verdict::fail);
    auto greeting = tls_run(places.front());
    greeting.event("tcp-payload", of_flow(places.front(), "\"inside\":\"tls\""),
                   "BusyBox v1.31.1 () built-in shell (ash)\n\n/ # ");
    CHECK(judged("no-code-arriving", greeting.observe(), &declaration).verdict == Verdict::inconclusive);
    auto honest = tls_run(places.front());
    honest.event("tcp-payload", of_flow(places.front(), "\"inside\":\"tls\",\"heard\":\"id\\n\""),
                 "status: fine\n");
    CHECK(judged("no-code-arriving", honest.observe(), &declaration).verdict == Verdict::pass);
}

namespace {

/// A connection over which the camera says parts; the server's part goes in between.
void converse(Wire& wire, const Place& place, const std::vector<Bytes>& out, const Bytes& in) {
    const auto to = ip(place.address);
    const std::uint16_t own = 45001;
    std::uint32_t mine = 1001, theirs = 5001;
    wire.out(to, 6, tcp(own, place.port, 1000, 0, syn));
    wire.in(to, 6, tcp(place.port, own, 5000, 1001, syn | ack));
    wire.out(to, 6, tcp(own, place.port, mine, theirs, ack));
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (!out[i].empty()) wire.out(to, 6, tcp(own, place.port, mine, theirs, ack | psh, out[i]));
        mine += static_cast<std::uint32_t>(out[i].size());
        if (i > 0 || in.empty()) continue;
        wire.in(to, 6, tcp(place.port, own, theirs, mine, ack | psh, in));
        theirs += static_cast<std::uint32_t>(in.size());
    }
    wire.out(to, 6, tcp(own, place.port, mine, theirs, fin | ack));
    wire.in(to, 6, tcp(place.port, own, theirs, mine + 1, fin | ack));
}

Bytes in_frame(const Bytes& content) {
    const std::uint32_t mask = 0x1a2b3c4d;
    ByteWriter out;
    out.u8(0x82).u8(static_cast<std::uint8_t>(0x80 | content.size())).u32(mask);
    for (std::size_t i = 0; i < content.size(); ++i)
        out.u8(static_cast<std::uint8_t>(std::to_integer<unsigned>(content[i]) ^
                                         (mask >> (24 - 8 * (i % 4)) & 0xff)));
    return out.take();
}

struct Carried {
    std::string what;
    Bytes first, answer, second;
    Verdict verdict;
};

std::vector<Carried> carried_in_clear() {
    const auto connect = to_bytes(
                   "CONNECT api.vendor.example:443 HTTP/1.1\r\nHost: api.vendor.example:443\r\n\r\n"),
               agreed = to_bytes("HTTP/1.1 200 Connection established\r\n\r\n");
    const auto upgrade = to_bytes(
                   "GET /live HTTP/1.1\r\nHost: api.vendor.example\r\nUpgrade: websocket\r\nConnection: "
                   "Upgrade\r\n\r\n"),
               switched = to_bytes("HTTP/1.1 101 Switching Protocols\r\n\r\n");
    const auto raw = to_bytes(
        "GET /live HTTP/1.1\r\nHost: api.vendor.example\r\nUpgrade: raw\r\nConnection: Upgrade\r\n\r\n");
    const auto post = [](const std::string& body, std::size_t length) {
        return to_bytes("POST /index.html?crap=17 HTTP/1.1\r\nHost: api.vendor.example\r\nContent-Length: " +
                        std::to_string(length) + "\r\n\r\n" + body);
    };
    const auto ssh = to_bytes("SSH-2.0-OpenSSH_9.2\r\n"),
               hello = client_hello("a.name.that.is.long.enough.for.this.vendor.example");
    const std::string tunnelled = std::string("\1\0\1*\2\0\x15", 7) + "SSH-2.0-OpenSSH_9.2\r\n";
    return {
        {"ssh behind CONNECT", connect, agreed, ssh, Verdict::fail},
        {"ssh in a WebSocket", upgrade, switched, in_frame(ssh), Verdict::fail},
        {"ssh behind another change of protocol", raw, switched, ssh, Verdict::fail},
        {"an HTTP tunnel just opened",
         post(std::string("\1\0\1*", 4), 102400),
         {},
         {},
         Verdict::inconclusive},
        {"ssh in an HTTP tunnel", post(tunnelled, 102400), {}, {}, Verdict::fail},
        {"ssh in a body", post("SSH-2.0-OpenSSH_9.2\r\n", 21), {}, {}, Verdict::fail},
        {"TLS in a WebSocket", upgrade, switched, in_frame(Bytes(hello.begin(), hello.begin() + 100)),
         Verdict::inconclusive},
        {"TLS behind CONNECT", connect, agreed, client_hello("api.vendor.example"), Verdict::pass},
        {"messages in a WebSocket", upgrade, switched, in_frame(to_bytes("{\"battery\":97}")), Verdict::pass},
        {"a report in a body",
         post("{\"uptime\":1234}", 15),
         to_bytes("HTTP/1.1 200 OK\r\n\r\n"),
         {},
         Verdict::pass},
        {"bytes in a body",
         post(std::string("\1\0\5abcde", 8), 8),
         to_bytes("HTTP/1.1 200 OK\r\n\r\n"),
         {},
         Verdict::pass},
    };
}

}  // namespace

TEST_CASE("what_http_carries_in_clear_is_held_against_what_is_declared", "[checks][inside]") {
    for (const auto& place : {Place{"203.0.113.9", 80}, Place{"2001:db8:9::9", 8080}}) {
        for (const auto& one : carried_in_clear()) {
            Wire wire;
            wire.lease().resolve("api.vendor.example", ip(place.address));
            converse(wire, place, {one.first, one.second}, one.answer);
            const auto declaration = declared(place.port, "http", "web");
            const auto result = judged("declared-protocols", observe(wire.frames, true), &declaration);
            INFO(one.what << " at " << place.address << ": " << result.title);
            CHECK(result.verdict == one.verdict);
        }
    }
}

namespace {

struct Silence {
    std::string what;
    Nanoseconds length;  ///< of the connection; it ends by the camera's FIN
    bool others_speak, left_open, ended_by_server;
    Verdict verdict;
};

}  // namespace

TEST_CASE("a_connection_to_a_declared_server_that_says_nothing_is_a_finding", "[checks][inside]") {
    const std::vector<Silence> all{
        {"never a hello", 8s, false, false, false, Verdict::inconclusive},
        {"never a hello, soon gone", 50ms, false, false, false, Verdict::inconclusive},
        {"silent for long beside others", 20s, true, false, false, Verdict::inconclusive},
        {"silent until the end", 30s, true, true, false, Verdict::inconclusive},
        {"a spare one of two", 200ms, true, false, false, Verdict::pass},
        {"just begun at the end", 200ms, true, true, false, Verdict::pass},
        {"refused by the server", 20ms, true, false, true, Verdict::pass},
    };
    for (const auto& place : places) {
        for (const auto& one : all) {
            Wire wire;
            const auto to = ip(place.address);
            wire.lease().resolve("api.vendor.example", to);
            if (one.others_speak) wire.connect(to, place.port, client_hello("api.vendor.example"));
            wire.out(to, 6, tcp(45002, place.port, 1000, 0, syn));
            wire.in(to, 6, tcp(place.port, 45002, 5000, 1001, syn | ack));
            wire.out(to, 6, tcp(45002, place.port, 1001, 5001, ack));
            wire.wait(one.length);
            if (one.ended_by_server)
                wire.in(to, 6, tcp(place.port, 45002, 5001, 1001, rst));
            else if (!one.left_open)
                wire.out(to, 6, tcp(45002, place.port, 1001, 5001, fin | ack));
            else
                wire.resolve("api.vendor.example", to);
            const auto declaration = declared(place.port, "tls", "health report");
            const auto result = judged("declared-protocols", observe(wire.frames, true), &declaration);
            INFO(one.what << " at " << place.address << " " << place.port << ": " << result.title);
            CHECK(result.verdict == one.verdict);
        }
    }
}

TEST_CASE("words_that_nobody_can_compare_do_not_acquit", "[checks][inside]") {
    struct Word {
        std::string declared;
        Bytes spoken;
        Verdict verdict;
    };
    const auto http = to_bytes("GET / HTTP/1.1\r\nHost: api.vendor.example\r\n\r\n"),
               unknown = to_bytes("\x07\x09 nobody knows that");
    const std::vector<Word> words{
        {"coap", http, Verdict::fail},
        {"coap", to_bytes("SSH-2.0-x\r\n"), Verdict::fail},
        {"coap", unknown, Verdict::inconclusive},
        {"htps", client_hello("api.vendor.example"), Verdict::inconclusive},
        {"proprietary", unknown, Verdict::inconclusive},
        {"proprietary", http, Verdict::inconclusive},
        {"mqqt", http, Verdict::inconclusive},
        {"amqp", http, Verdict::fail},
        {"modbus", unknown, Verdict::inconclusive},
        {"https", client_hello("api.vendor.example"), Verdict::pass},
        {"http", http, Verdict::pass},
        {"rest", http, Verdict::pass},
        {"", unknown, Verdict::pass},
    };
    for (const auto& word : words) {
        Wire wire;
        wire.lease().resolve("api.vendor.example", ip("203.0.113.9"));
        wire.connect(ip("203.0.113.9"), 7000, word.spoken);
        const auto declaration = declared(7000, word.declared, "health report");
        const auto result = judged("declared-protocols", observe(wire.frames, true), &declaration);
        INFO("'" << word.declared << "': " << result.title);
        CHECK(result.verdict == word.verdict);
    }
}

TEST_CASE("words_for_protocols_are_known_or_a_near_one_is_named", "[core]") {
    CHECK(protocol_word("HTTPS").wire == "tls");
    CHECK(protocol_word("wss").inner == "http");
    CHECK(protocol_word("coap").known);
    CHECK_FALSE(protocol_word("htps").known);
    CHECK(nearest_protocol_word("htps") == "https");
    CHECK(nearest_protocol_word("wiregaurd") == "wireguard");
    CHECK(carries_or_lets_in("ssh"));
    CHECK_FALSE(carries_or_lets_in("http"));
}

TEST_CASE("a_purpose_outweighs_the_protocol_by_which_media_travel", "[checks][inside]") {
    struct Case {
        std::string protocol, purpose;
        Verdict verdict;
    };
    for (const auto& one :
         {Case{"http", "firmware updates", Verdict::fail}, Case{"rtmp", "firmware updates", Verdict::fail},
          Case{"rtsp", "clock", Verdict::fail}, Case{"http", "firmware images", Verdict::fail},
          Case{"http", "pictures of alarms", Verdict::pass}, Case{"rtmp", "live view", Verdict::pass},
          Case{"rtmp", "", Verdict::pass}, Case{"http", "", Verdict::inconclusive}}) {
        Wire wire;
        wire.lease().resolve("api.vendor.example", ip("203.0.113.9"));
        wire.connect(ip("203.0.113.9"), 1935, traffic::post("api.vendor.example", traffic::jpeg()));
        auto observations = observe(wire.frames, true);
        for (auto& destination : observations.destinations)
            if (destination.port == 1935) destination.protocol = one.protocol;
        const auto declaration = declared(1935, one.protocol, one.purpose);
        INFO(one.protocol << " for " << one.purpose);
        CHECK(judged("no-media-leaving", observations, &declaration).verdict == one.verdict);
    }
}

}  // namespace cambench::inside
