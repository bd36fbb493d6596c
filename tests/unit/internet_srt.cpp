#include "bench/internet/dispatch/datagram.hpp"
#include "harness/wire/srt_message.hpp"
#include "tests/catch.hpp"
#include "tests/unit/internet_support.hpp"

using namespace cambench;
using namespace cambench::internet;

namespace {

constexpr std::uint32_t caller_socket = 0x11223344, first_sequence = 0x7ffffffe;

Bytes hello(std::uint32_t type, std::uint32_t cookie, std::vector<srt::Extension> extensions = {}) {
    srt::Handshake handshake{.version = type == srt::induction ? 4U : 5U,
                             .extension_field = 2,
                             .first_sequence = first_sequence,
                             .packet_size = 1500,
                             .window = 8192};
    handshake.type = type;
    handshake.socket = caller_socket;
    handshake.cookie = cookie;
    handshake.extensions = std::move(extensions);
    return srt::write_handshake(handshake, 0, 0);
}

Bytes data(std::uint32_t sequence, std::uint32_t to, std::string_view content,
           std::uint32_t second = 0xe0000001) {
    ByteWriter writer;
    return writer.u32(sequence).u32(second).u32(0).u32(to).text(content).take();
}

Bytes control(srt::Control type, std::uint32_t to) {
    ByteWriter writer;
    return writer.u32(0x80000000 | static_cast<std::uint32_t>(type) << 16)
        .u32(0)
        .u32(0)
        .u32(to)
        .u32(0)
        .take();
}

/// A caller that was taken.
struct Call {
    explicit Call(std::vector<srt::Extension> wishes = {})
        : flow(test.flow("198.51.100.7", 9000, Transport::udp)), service(test.world) {
        const auto first = service.received(flow, hello(srt::induction, 0));
        shown = srt::parse_handshake(ByteView(first).subspan(16)).value();
        reply = service.received(flow, hello(srt::conclusion, shown.cookie, std::move(wishes)));
        taken = srt::parse_handshake(ByteView(reply).subspan(16)).value();
    }
    TestWorld test;
    Flow flow;
    DatagramService service;
    Bytes reply;
    srt::Handshake shown, taken;
};

}  // namespace

TEST_CASE("a caller of SRT is shown a cookie, then taken with the wishes it has") {
    const auto wishes = to_bytes(std::string_view("\0\1\5\1\0\0\0\xbf\0\x78\0\x78", 12)),
               name = to_bytes("mac/1eil");
    Call call({{srt::request_extension, wishes}, {srt::stream_id, name}});
    CHECK(call.shown.version == 5);
    CHECK(call.shown.extension_field == 0x4a17);
    CHECK(call.shown.cookie != 0);
    CHECK(call.taken.type == srt::conclusion);
    CHECK(call.taken.socket != 0);
    REQUIRE(call.taken.extensions.size() == 1);
    CHECK(call.taken.extensions[0].type == srt::response_extension);
    CHECK(Bytes(call.taken.extensions[0].content.begin(), call.taken.extensions[0].content.end()) == wishes);
    (void)call.service.received(call.flow, control(srt::Control::shutdown, call.taken.socket));
    const auto event = call.test.recorder.last("media");
    CHECK(event["by"] == "srt");
    CHECK(event["url"] == "/camlie1");
}

TEST_CASE("the stream a caller sends is kept in order, acknowledged, and its gaps are counted") {
    Call call;
    const auto to = call.taken.socket;
    for (const auto& [sequence, content] : {std::pair{0x7ffffffeU, "G-one "},
                                            {0x7fffffffU, "two "},
                                            {0x7fffffffU, "two again "},
                                            {1U, "four "},
                                            {0U, "late "},
                                            {2U, "five"}})
        (void)call.service.received(call.flow, data(sequence, to, content));
    const auto acknowledged = [&](const Bytes& waited) {
        const auto answer = call.service.received(call.flow, waited);
        const auto packet = srt::parse_packet(answer).value();
        CHECK(packet.type == static_cast<std::uint16_t>(srt::Control::acknowledgement));
        CHECK(packet.socket == caller_socket);
        return ByteReader(packet.content).u32();
    };
    CHECK(acknowledged(data(2, to, "five again")) == 3);
    (void)call.service.received(call.flow, data(3, to, " six"));
    CHECK(acknowledged(control(srt::Control::keep_alive, to)) == 4);
    CHECK(srt::parse_packet(call.service.received(call.flow, control(srt::Control::keep_alive, to)))->type ==
          1);
    CHECK(call.service.received(call.flow, data(4, to + 1, "for somebody else")).empty());
    call.service.finish_flows(DatagramService::Which::all);
    const auto event = call.test.recorder.last("media");
    CHECK(event["payload"] == "G-one two four five six");
    CHECK(event["packets"] == 5);
    CHECK(event["lost"] == 1);
    CHECK(event["container"] == "mp2t");
}

TEST_CASE("a caller with a key is taken as well, and its stream kept as it came") {
    const auto key = to_bytes("0123456789abcdef");
    Call call({{srt::key_request, key}});
    REQUIRE(call.taken.extensions.size() == 1);
    CHECK(call.taken.extensions[0].type == srt::key_response);
    (void)call.service.received(call.flow, data(first_sequence, call.taken.socket, "sealed", 0xe8000001));
    call.service.finish_flows(DatagramService::Which::all);
    CHECK(call.test.recorder.last("media")["container"] == "encrypted");
}

TEST_CASE("what only looks like SRT is no call, and cut packets are told") {
    TestWorld test;
    DatagramService service(test.world);
    const auto flow = test.flow("198.51.100.7", 9000, Transport::udp);
    const auto whole = hello(srt::induction, 0);
    for (std::size_t size = 0; size < whole.size(); ++size)
        (void)service.received(flow, ByteView(whole).first(size));
    (void)service.received(flow, hello(srt::conclusion, 7));
    (void)service.received(flow, data(1, 2, "x"));
    service.finish_flows(DatagramService::Which::all);
    CHECK(test.recorder.all("media").empty());
    CHECK_FALSE(srt::parse_packet(ByteView(whole).first(15)).ok());
    CHECK_FALSE(srt::parse_handshake(ByteView(whole).subspan(16, 40)).ok());
}
