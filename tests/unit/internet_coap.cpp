#include "bench/internet/dispatch/datagram.hpp"
#include "bench/internet/services/media/transport_stream.hpp"
#include "bench/internet/world/dialogue.hpp"
#include "harness/wire/coap_message.hpp"
#include "harness/wire/syslog_message.hpp"
#include "tests/catch.hpp"
#include "tests/unit/internet_support.hpp"

using namespace cambench;
using namespace cambench::internet;
using namespace std::string_literals;
using Type = CoapMessage::Type;

namespace {

Bytes get(std::string_view path, std::uint16_t id = 7, std::optional<CoapBlock> block = {}) {
    CoapWriter writer(Type::confirmable, 1, id, as_bytes("tk"));
    writer.option(CoapOption::uri_host, as_bytes("iot.vendor.example"))
        .option(CoapOption::uri_path, as_bytes(path))
        .option(CoapOption::uri_query, as_bytes("ep=cam-1"));
    if (block) writer.option(CoapOption::block2, block->packed());
    return writer.take({});
}

Bytes put(std::uint32_t number, bool more, std::string_view part) {
    return CoapWriter(Type::confirmable, 3, static_cast<std::uint16_t>(100 + number), as_bytes("t"))
        .option(CoapOption::uri_path, as_bytes("snapshot"))
        .option(CoapOption::block1, CoapBlock{number, more, 0}.packed())
        .take(as_bytes(part));
}

}  // namespace

TEST_CASE("CoAP requests are answered in their own kind, at any port, and told in events") {
    TestWorld test;
    DatagramService service(test.world);
    for (const std::uint16_t port : {5683, 16000}) {
        const auto answer = service.received(test.flow("198.51.100.3", port, Transport::udp), get("status"));
        const auto said = parse_coap(answer);
        REQUIRE(said.ok());
        CHECK(said->type == Type::acknowledgement);
        CHECK(said->id == 7);
        CHECK(as_text(said->token) == "tk");
        CHECK(coap_code_name(said->code) == "2.05");
        const auto event = test.recorder.last("coap");
        CHECK(event["method"] == "GET");
        CHECK(event["path"] == "/status");
        CHECK(event["query"] == "ep=cam-1");
        CHECK(event["host"] == "iot.vendor.example");
        CHECK(event["status"] == "2.05");
    }
    const auto unconfirmed = parse_coap(service.received(
        test.flow("198.51.100.3", 5683, Transport::udp),
        CoapWriter(Type::non_confirmable, 2, 9, {}).option(CoapOption::uri_path, as_bytes("rd")).take({})));
    CHECK(unconfirmed->type == Type::non_confirmable);
    CHECK(coap_code_name(unconfirmed->code) == "2.01");
    CHECK(hex(service.received(test.flow("198.51.100.3", 5683, Transport::udp),
                               as_bytes("\x40\0\x12\x34"s))) == "70 00 12 34");  // a ping
}

TEST_CASE("what the web says of a path is given over CoAP too, in blocks where it is long") {
    Personality personality;
    personality.http_routes.push_back({.path = "/fw.bin", .answers = {{.body = std::string(1500, 'f')}}});
    personality.http_routes.push_back({.path = "/gone", .answers = {{.status = 404}}});
    TestWorld test(personality);
    DatagramService service(test.world);
    const auto flow = test.flow("198.51.100.3", 5683, Transport::udp);
    const auto first_bytes = service.received(flow, get("fw.bin"));
    const auto first = parse_coap(first_bytes);
    REQUIRE(first.ok());
    CHECK(first->payload.size() == 1024);
    CHECK(first->block(CoapOption::block2)->more);
    const auto second_bytes = service.received(flow, get("fw.bin", 8, CoapBlock{1, false, 6}));
    const auto second = parse_coap(second_bytes);
    REQUIRE(second.ok());
    CHECK(second->payload.size() == 476);
    CHECK_FALSE(second->block(CoapOption::block2)->more);
    CHECK(test.recorder.all("coap").size() == 1);
    CHECK(coap_code_name(parse_coap(service.received(flow, get("gone")))->code) == "4.04");
}

TEST_CASE("a body in blocks is kept whole; said again it is not kept twice; a missing one ends it") {
    TestWorld test;
    DatagramService service(test.world);
    const auto flow = test.flow("2001:db8::3", 5683, Transport::udp);
    CHECK(coap_code_name(parse_coap(service.received(flow, put(0, true, "0123456789abcdef")))->code) ==
          "2.31");
    CHECK(coap_code_name(parse_coap(service.received(flow, put(0, true, "0123456789abcdef")))->code) ==
          "2.31");
    CHECK(coap_code_name(parse_coap(service.received(flow, put(1, false, "end")))->code) == "2.04");
    CHECK(test.recorder.last("coap")["payload"] == "0123456789abcdefend");
    (void)service.received(flow, put(0, true, "0123456789abcdef"));
    CHECK(coap_code_name(parse_coap(service.received(flow, put(2, false, "end")))->code) == "4.08");
    CHECK(test.recorder.last("coap")["whole"] == false);
}

TEST_CASE("options that may be ignored keep a request from nothing, others do") {
    const auto with = [](std::uint16_t option) {
        return CoapWriter(Type::confirmable, 3, 1, {})
            .option(CoapOption::uri_path, as_bytes("snap"))
            .option(option, as_bytes("x"))
            .take({});
    };
    CHECK(is_surely_coap(with(292)));  // a tag of the request (RFC 9175)
    CHECK(is_surely_coap(with(60)));
    CHECK_FALSE(is_surely_coap(with(61)));
}

TEST_CASE("other datagrams are not taken for CoAP") {
    TestWorld test;
    DatagramService service(test.world);
    for (const auto& text : {"\x40\x01\x12\x34"s, "\x40\x01\x12\x34\xb4hide"s + "\xff"s,
                             "\x49\x01zzzzzzzzzz"s, "Hello, is anybody there?"s, "\x40\x01\x12\x34\xf0"s})
        CHECK(service.received(test.flow("198.51.100.3", 9999, Transport::udp), as_bytes(text)).empty());
    CHECK(test.recorder.all("coap").empty());
}

TEST_CASE("the time is told at any port to who asks for it, and to nobody else") {
    TestWorld test;
    DatagramService service(test.world);
    const auto flow = test.flow("198.51.100.3", 12300, Transport::udp);
    CHECK(service.received(flow, as_bytes("\x23"s + std::string(47, '\0'))).size() == 48);
    CHECK(
        service.received(flow, as_bytes("\xe3\x00\x06\x20"s + std::string(36, '\0') + "\1\2\3\4\5\6\7\x08"s))
            .size() == 48);
    CHECK(test.recorder.all("ntp").size() == 2);
    CHECK(service.received(flow, as_bytes("\x1b" + std::string(47, 'x'))).empty());    // letters
    CHECK(service.received(flow, as_bytes("\x24"s + std::string(47, '\0'))).empty());  // an answer
    CHECK(test.recorder.all("ntp").size() == 2);
}

TEST_CASE("log messages over a stream are told one by one, whatever parts them") {
    for (const std::size_t piece : {0U, 1U, 5U}) {
        TestWorld test;
        auto lines = make_conversation(test.world, test.flow("198.51.100.3", 601, Transport::tcp));
        CHECK(say(*lines, "<13>Nov 30 10:00:00 cam app: one\n<11>Nov 30 10:00:01 cam app: two\r\n<14>three",
                  piece)
                  .empty());
        lines->closed();
        auto counted = make_conversation(test.world, test.flow("198.51.100.3", 6514, Transport::tcp));
        CHECK(say(*counted, "14 <13>1 - - four9 <13>a\nbcd", piece).empty());
        counted->closed();
        const auto events = test.recorder.all("syslog");
        REQUIRE(events.size() == 5);
        CHECK(events[0]["text"] == "Nov 30 10:00:00 cam app: one");
        CHECK(events[1]["severity"] == 3);
        CHECK(events[2]["text"] == "three");
        CHECK(events[3]["text"] == "1 - - four");
        CHECK(events[4]["payload"] == "<13>a\nbcd");
    }
    CHECK(syslog_likeness(as_bytes("<?xml version")) == Likeness::no);
    CHECK(syslog_likeness(as_bytes("<999>x")) == Likeness::no);
    CHECK(syslog_likeness(as_bytes("220 ready")) == Likeness::no);
    CHECK(syslog_likeness(as_bytes("12")) == Likeness::perhaps);
}

TEST_CASE("a transport stream over TCP is kept as it came, and requests that begin with G are none") {
    TestWorld test;
    std::string packet = "\x47\x40\x00\x10"s + std::string(184, 'v');
    auto conversation = make_conversation(test.world, test.flow("198.51.100.3", 7777, Transport::tcp));
    CHECK(say(*conversation, packet + packet + packet, 100).empty());
    conversation->closed();
    const auto media = test.recorder.last("media");
    CHECK(media["by"] == "mpeg-ts");
    CHECK(media["container"] == "mp2t");
    CHECK(media["packets"] == 3);
    CHECK(media["payload"] == packet + packet + packet);
    CHECK(transport_stream_likeness(as_bytes("GET /" + std::string(400, 'G'))) == Likeness::no);
    CHECK(transport_stream_likeness(as_bytes(packet + "H")) == Likeness::no);
}
