#include "bench/internet/dispatch/datagram.hpp"
#include "bench/internet/world/dialogue.hpp"
#include "harness/wire/turn_message.hpp"
#include "tests/catch.hpp"
#include "tests/unit/internet_support.hpp"

using namespace cambench;
using namespace cambench::internet;
using namespace std::string_literals;

namespace {

const auto transaction = as_bytes("abcdefghijkl");

Bytes asked(std::uint16_t method, std::string_view user = "", std::string_view password = "",
            const std::vector<Endpoint>& peers = {}, std::optional<std::uint16_t> channel = {}) {
    TurnWriter writer(method, 0, transaction);
    for (const auto& peer : peers) writer.endpoint(TurnAttribute::peer, peer);
    if (channel) writer.number(TurnAttribute::channel, static_cast<std::uint32_t>(*channel) << 16);
    if (user.empty()) return writer.take({}, false);
    writer.text(TurnAttribute::user, user)
        .text(TurnAttribute::realm, "turn")
        .text(TurnAttribute::nonce, "5f1d3c2b9a");
    return writer.take(turn_key(user, "turn", password), true);
}

unsigned kind_of(ByteView answer) {
    const auto message = parse_turn(answer);
    return message ? message->kind : 99;
}

}  // namespace

TEST_CASE(
    "a TURN allocation is challenged, then granted, and signed where the password is one that every device "
    "has") {
    TestWorld test;
    DatagramService service(test.world);
    const auto flow = test.flow("198.51.100.3", 3478, Transport::udp);
    CHECK(kind_of(service.received(flow, asked(TurnMethod::allocate))) == 3);
    const auto granted = service.received(flow, asked(TurnMethod::allocate, "cam", "123456"));
    CHECK(kind_of(granted) == 2);
    CHECK(is_signed_with(granted, *parse_turn(granted), turn_key("cam", "turn", "123456")));
    CHECK(test.recorder.last("stun")["user"] == "cam");
    CHECK(test.recorder.last("stun")["password"] == "123456");
    const auto unsigned_one = service.received(test.flow("198.51.100.4", 3478, Transport::udp),
                                               asked(TurnMethod::allocate, "cam", "nobody knows it"));
    CHECK(kind_of(unsigned_one) == 2);
    CHECK(parse_turn(unsigned_one)->integrity.empty());
    CHECK(test.recorder.last("stun")["password_known"] == false);
}

TEST_CASE("whom a camera would reach through a relay is told, and what it sends them is kept") {
    TestWorld test;
    DatagramService service(test.world);
    for (const auto* server : {"198.51.100.3", "2001:db8::3"}) {
        const auto flow = test.flow(server, 3479, Transport::udp);
        const Endpoint peer{ip("203.0.113.50"), 4000}, six{ip("2001:db8::50"), 4001};
        CHECK(kind_of(service.received(flow, asked(TurnMethod::allocate, "cam", "cam"))) == 2);
        CHECK(kind_of(service.received(
                  flow, asked(TurnMethod::create_permission, "cam", "cam", {peer, six}))) == 2);
        CHECK(test.recorder.last("stun")["peers"] ==
              Json::array({"203.0.113.50:4000", "[2001:db8::50]:4001"}));
        CHECK(kind_of(service.received(
                  flow, asked(TurnMethod::channel_bind, "cam", "cam", {peer}, std::uint16_t{0x4001}))) == 2);
        CHECK(test.recorder.last("stun")["channel"] == 0x4001);
        for (int i = 0; i < 12; ++i)
            CHECK(service.received(flow, ByteWriter().u16(0x4001).u16(5).text("video").view()).empty());
        CHECK(test.recorder.last("stun")["method"] == "channel-data");
        CHECK(test.recorder.last("stun")["peer"] == "203.0.113.50:4000");
        CHECK(test.recorder.last("stun")["payload"] == "video");
        service.finish_flows(DatagramService::Which::all);
        CHECK(test.recorder.last("stun")["payload"] == "videovideovideovideo");
    }
}

TEST_CASE("TURN over a stream is the same, in pieces, with padding between") {
    for (const std::size_t piece : {0U, 1U, 9U}) {
        TestWorld test;
        auto conversation = make_conversation(test.world, test.flow("198.51.100.3", 3478, Transport::tcp));
        const auto text = [](const Bytes& bytes) { return std::string(as_text(bytes)); };
        CHECK(kind_of(as_bytes(say(*conversation, text(asked(TurnMethod::allocate)), piece))) == 3);
        CHECK(kind_of(as_bytes(say(*conversation,
                                   text(asked(TurnMethod::channel_bind, "cam", "x", {{ip("203.0.113.5"), 9}},
                                              std::uint16_t{0x4002})),
                                   piece))) == 2);
        CHECK(say(*conversation, "\x40\x02\0\5hello\0\0\0"s, piece).empty());
        CHECK(test.recorder.last("stun")["payload"] == "hello");
        CHECK(kind_of(as_bytes(say(*conversation, text(asked(TurnMethod::refresh, "cam", "x")), piece))) ==
              2);
        Output output;
        conversation->received(as_bytes("\xc0garbage"s), output);
        CHECK(output.close);
        conversation->closed();
    }
}

TEST_CASE("malformed TURN is no TURN") {
    for (const auto& text : {"\0\3\0\5\x21\x12\xa4\x42"
                             "abcdefghijkl12345"s,
                             "\0\3\0\x08\x21\x12\xa4\x42"
                             "abcdefghijkl"s,
                             "\0\3\0\4\x21\x12\xa4\x42"
                             "abcdefghijkl\0\6\0\x09"s})
        CHECK_FALSE(parse_turn(as_bytes(text)));
    CHECK_FALSE(next_turn_frame(as_bytes("\xc0\0\0\0"s)));
    CHECK(next_turn_frame(as_bytes("\0\3"s))->size == 0);
    CHECK(turn_likeness(as_bytes("\0\3\0\0\x21\x12\xa4\x43"s)) == Likeness::no);
}
