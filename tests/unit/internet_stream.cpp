#include "bench/internet/dispatch/conversation.hpp"
#include "bench/internet/dispatch/datagram.hpp"
#include "bench/internet/services/files/server_first.hpp"
#include "bench/internet/world/characterise.hpp"
#include "harness/wire/dns_message.hpp"
#include "tests/catch.hpp"
#include "tests/unit/internet_support.hpp"

using namespace cambench;
using namespace cambench::internet;
using namespace std::string_literals;

namespace {

Speech speech(std::string_view bytes, std::uint16_t port = 9443) {
    TestWorld test;
    return recognise(as_bytes(bytes), test.flow("198.51.100.77", port, Transport::tcp));
}

std::string dns_question() {
    ByteWriter writer;
    writer.u16(7).u16(0x0100).u16(1).u16(0).u16(0).u16(0).bytes(dns::encode_name("a.example")).u16(1).u16(1);
    return std::string(as_text(writer.view()));
}

std::string with_length(const std::string& message) {
    return std::string{'\0', static_cast<char>(message.size())} + message;
}

}  // namespace

TEST_CASE("the first bytes decide the protocol, on whatever port") {
    CHECK(speech("GET / HTTP/1.1\r\n") == Speech::http);
    CHECK(speech("DHGET /online/p2psrv/1 HTTP/1.1\r\n") == Speech::http);
    CHECK(speech("GET / HT") == Speech::undecided);
    CHECK(speech("G") == Speech::undecided);
    CHECK(speech("\x16\x03\x01\x02\x00\x01"s) == Speech::tls);
    CHECK(speech("\x16\x03\x01"s) == Speech::undecided);
    CHECK(speech("\x16\x03\x01\x02\x00\x02"s) == Speech::unknown);
    CHECK(speech("\x80\x2e\x01\x03\x01\x00"s) == Speech::tls);
    CHECK(speech(with_length(dns_question())) == Speech::dns);
    CHECK(speech(with_length(dns_question()).substr(0, 9)) == Speech::undecided);
    CHECK(speech("ANNOUNCE rtsp://1.2.3.4/live RTSP/1.0\r\n") == Speech::rtsp);
    CHECK(speech("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") == Speech::http2);
    CHECK(speech("\x10\x20\0\4MQTT"s) == Speech::mqtt);
    CHECK(speech("\3"s + std::string(1536, 'x')) == Speech::rtmp);
    CHECK(speech("\3\0\0\x0b\6\xe0\0\0\0\0\0"s) == Speech::unknown);
    CHECK(speech("ehlo cam\r\n") == Speech::smtp);
    CHECK(speech("AUTH TLS\r\n") == Speech::ftp);
    CHECK(speech("REGISTER sip:a SIP/2.0\r\n") == Speech::sip);
    CHECK(speech("hello planted") == Speech::unknown);
    CHECK(speech("\x20\0\0\0DHIP"s) == Speech::undecided);
    CHECK(speech("\x20\0\0\0DHIP"s + std::string(24, '\0')) == Speech::vendor);
    CHECK(speech("xx", 53) == Speech::dns);
    CHECK(speech("\x16\x03\x01\x02\x00\x01"s, 53) == Speech::tls);
}

TEST_CASE("a conversation goes on in the protocol it began in, however its bytes come") {
    for (const std::size_t piece : {0, 1, 5}) {
        TestWorld test;
        auto conversation = make_conversation(test.world, test.flow("198.51.100.77", 9443, Transport::tcp));
        CHECK(say(*conversation, "GET /a HTTP/1.1\r\nHost: b\r\n\r\n", piece)
                  .starts_with("HTTP/1.1 200 OK\r\n"));
        CHECK(test.recorder.last("http-request")["destination"] == "198.51.100.77:9443");
    }
}

TEST_CASE("what nobody understands is kept whole") {
    TestWorld test;
    auto conversation = make_conversation(test.world, test.flow("198.51.100.77", 9443, Transport::tcp));
    CHECK(say(*conversation, "beacon \x01\x02 of a planted server", 4).empty());
    CHECK(test.recorder.last("tcp-data")["first_bytes"].get<std::string>().starts_with("62 65 61 63"));
    conversation->closed();
    CHECK(test.recorder.last("tcp-payload")["payload"] == "beacon \x01\x02 of a planted server");
    CHECK(test.recorder.last("tcp-payload")["name"].is_null());
}

TEST_CASE("bytes that could still have become a request are kept as well") {
    TestWorld test;
    auto conversation = make_conversation(test.world, test.flow("198.51.100.77", 80, Transport::tcp));
    (void)say(*conversation, "GET /neverend");
    conversation->closed();
    CHECK(test.recorder.last("tcp-payload")["payload"] == "GET /neverend");
}

TEST_CASE("servers that speak first do so after a silence, and others keep silent") {
    const auto heard = [](std::uint16_t port, const char* inside = "") {
        TestWorld test;
        auto flow = test.flow("198.51.100.77", port, Transport::tcp);
        flow.inside = inside;
        auto conversation = make_conversation(test.world, flow);
        Output output;
        conversation->silence(output);
        return output.bytes;
    };
    CHECK(heard(21).starts_with("220 "));
    CHECK(heard(22).starts_with("SSH-2.0-"));
    CHECK(heard(25).starts_with("220 "));
    CHECK(heard(110).starts_with("+OK"));
    CHECK(heard(37).size() == 4);
    CHECK(heard(9443).empty());
    CHECK(heard(80).empty());
    for (const std::uint16_t port : {465, 990, 993, 995}) {
        CAPTURE(port);
        CHECK(heard(port).empty());
        CHECK_FALSE(heard(port, "tls").empty());
    }
}

TEST_CASE("streams and datagrams are characterised by what they begin with") {
    CHECK(characterise_stream(as_bytes("\xff\xd8\xff\xe0"s)) == "jpeg");
    CHECK(characterise_stream(as_bytes("\xf0\xde\xbc\x0a\x01"s)) == "reolink-baichuan");
    CHECK(characterise_stream(as_bytes("\xa0\x01\0\0"s)) == "dahua-dvrip");
    CHECK(characterise_stream(as_bytes("\x10\x10\0\x04MQTT\x04\x02"s)) == "mqtt");
    CHECK(characterise_stream(as_bytes("\0\0\0\x18"
                                       "ftypisom"s)) == "mp4");
    CHECK(characterise_stream(as_bytes("plain words\r\n"s)) == "text");
    CHECK(characterise_stream(as_bytes("\x01\x02"s)) == "binary");
    CHECK(characterise_stream({}) == "none");
    CHECK(characterise_datagram(as_bytes("\xf1\x30\0\0"s), 32108) == "pppp");
    CHECK(characterise_datagram(as_bytes("\xf1\x30\0\x09"s), 32108) == "binary");
    CHECK(characterise_datagram(as_bytes("M-SEARCH * HTTP/1.1\r\n"s), 1900) == "ssdp");
}

TEST_CASE("a hello of a rendezvous protocol is acknowledged with the camera's address") {
    TestWorld test;
    DatagramService service(test.world);
    auto flow = test.flow("47.90.240.160", 32100, Transport::udp);
    flow.camera = {ip("129.10.227.207"), 10000};
    CHECK(hex(service.received(flow, as_bytes("\xf1\0\0\0"s))) ==
          "f1 01 00 10 00 02 10 27 cf e3 0a 81 00 00 00 00 00 00 00 00");
    CHECK(hex(service.received(flow, as_bytes("\xf1\x14\0\x04"
                                              "abcd"s))) == "f1 15 00 04 00 19 00 00");
    CHECK(hex(service.received(flow, as_bytes("\xf1\xe0\0\0"s))) == "f1 e1 00 00");
    CHECK(service.received(flow, as_bytes("\xf1\0\0\x05"s)).empty());
    CHECK(test.recorder.all("udp").size() == 4);
}

TEST_CASE("STUN tells a camera its address, plain and masked") {
    TestWorld test;
    DatagramService service(test.world);
    auto flow = test.flow("74.125.1.1", 19302, Transport::udp);
    flow.camera = {ip("192.0.2.1"), 0x8055};
    ByteWriter request;
    const auto answer =
        service.received(flow, request.u16(1).u16(0).u32(0x2112a442).text("abcdefghijkl").view());
    // MAPPED-ADDRESS 192.0.2.1:32853, XOR-MAPPED-ADDRESS e112a643 and a147 (RFC 5769 gives these for this
    // address and cookie)
    CHECK(hex(answer).find("00 01 00 08 00 01 80 55 c0 00 02 01 00 20 00 08 00 01 a1 47 e1 12 a6 43") !=
          std::string::npos);
}

TEST_CASE("datagrams to any port are understood by what they are") {
    TestWorld test;
    DatagramService service(test.world);
    const auto question = to_bytes(dns_question());
    CHECK_FALSE(service.received(test.flow("1.2.3.4", 5300, Transport::udp), question).empty());
    CHECK(test.recorder.last("dns-query")["destination"] == "1.2.3.4:5300");
    CHECK(service.received(test.flow("1.2.3.4", 9443, Transport::udp), as_bytes("beacon")).empty());
    const auto event = test.recorder.last("udp");
    CHECK(event["payload"] == "beacon");
    CHECK(event["protocol"] == "text");
}

TEST_CASE("a flood of datagrams is kept whole as one stream") {
    TestWorld test;
    DatagramService service(test.world);
    const auto flow = test.flow("1.2.3.4", 5000, Transport::udp);
    for (int i = 0; i < 100; ++i) (void)service.received(flow, Bytes(100, std::byte{0xff}));
    CHECK(test.recorder.all("udp").size() == 16);
    service.finish_flows(DatagramService::Which::all);
    CHECK(test.recorder.last("udp-stream")["datagrams"] == 84);
    CHECK(test.recorder.last("udp-stream")["payload"].get<std::string>().size() == 8400);
}

TEST_CASE("blocked names and addresses are out of reach until they are not") {
    TestWorld test;
    const auto own = test.world.names.own("cloud.example").v4;
    REQUIRE(
        obey(test.world, {{"command", "block"}, {"name", "Cloud.example"}, {"address", "203.0.113.1"}}).ok());
    CHECK_FALSE(test.world.reachable(own));
    CHECK_FALSE(test.world.reachable(ip("203.0.113.1")));
    CHECK(test.world.reachable(ip("203.0.113.2")));
    REQUIRE(obey(test.world, {{"command", "unblock"}, {"name", "cloud.example"}}).ok());
    CHECK(test.world.reachable(own));
    REQUIRE(obey(test.world, {{"command", "internet"}, {"answers", "names-only"}}).ok());
    CHECK_FALSE(test.world.reachable(own));
    CHECK(test.world.resolver_reachable(ip("8.8.8.8")));
}
