#include "harness/analysis/flows/protocol.hpp"
#include "harness/wire/coap_message.hpp"
#include "harness/wire/tunnel_protocols.hpp"
#include "tests/catch.hpp"

using namespace cambench;
using namespace cambench::analysis;
using namespace std::string_literals;

namespace {

std::string over_udp(ByteView out, std::uint16_t port = 23456) {
    return detect_protocol({out, {}, Transport::udp, port, 40000, false});
}
std::string over_tcp(ByteView out, std::uint16_t port = 23456) {
    return detect_protocol({out, {}, Transport::tcp, port, 40000, false});
}

const std::string session = "\x12\x34\x56\x78\x9a\xbc\xde\xf0"s;

}  // namespace

TEST_CASE("what joins networks is named by its first bytes, on any port", "[analysis]") {
    CHECK(over_udp(as_bytes("\1\0\0\0"s + session + std::string(136, 'k'))) == "wireguard");
    CHECK(over_udp(as_bytes("\4\0\0\0"s + session + std::string(36, 'k')), 51820) == "wireguard");
    const auto reset = "\x38" + session;
    CHECK(over_udp(as_bytes(reset + "\0\0\0\0\0"s)) == "openvpn");
    CHECK(over_udp(as_bytes(reset + std::string(20, 'h') + "\0\0\0\1\x66\x11\x22\x33\0\0\0\0\0"s)) ==
          "openvpn");  // signed
    CHECK(over_udp(as_bytes(reset + "\0\0\0\1\x66\x11\x22\x33"s + std::string(37, 'h'))) ==
          "openvpn");  // encrypted
    CHECK(over_udp(as_bytes("\x50" + session + "\0\0\0\1\x66\x11\x22\x33"s + std::string(300, 'h'))) ==
          "openvpn");  // with the client's own key
    CHECK(over_tcp(as_bytes("\0\x0e"s + reset + "\0\0\0\0\0"s)) == "openvpn");
    const auto second = session +
                        "\0\0\0\0\0\0\0\0\x21\x20\x22\x08\0\0\0\0\0\0\0\x20"
                        "ABCD"s;
    CHECK(over_udp(as_bytes(second), 500) == "ike");
    CHECK(over_udp(as_bytes("\0\0\0\0"s + second), 4500) == "ike");
    CHECK(over_udp(as_bytes(session + "\0\0\0\0\0\0\0\0\1\x10\2\0\0\0\0\0\0\0\0\x20"
                                      "ABCD"s)) == "ike");
    CHECK(over_udp(as_bytes("\x12\x34\x56\x78\0\0\0\1"s + std::string(40, 'e')), 4500).empty() == false);
    CHECK(over_udp(as_bytes("\xc8\2\0\x14\0\0\0\0\0\0\0\0\x80\x08\0\0\0\0\0\1"s)) == "l2tp");
    CHECK(over_tcp(as_bytes("0 camera 17\n"s)) == "tinc");
    CHECK(over_tcp(as_bytes("0 camera 17.7\n1 x"s)) == "tinc");
    CHECK(over_udp(as_bytes("\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1"s + std::string(90, 'n'))) == "nebula");
    CHECK(over_udp(as_bytes("TS\xf0\x9f\x92\xac" + std::string(60, 't'))) == "tailscale");
    CHECK(
        over_tcp(as_bytes(
            "<?xml version='1.0'?><stream:stream to='x.example' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"s)) ==
        "xmpp");
    CHECK(over_tcp(as_bytes("\x50\xe1\x23\4\x80\0\x20"s).first(0)).empty());
    CHECK(over_tcp(as_bytes("\x40\xe1\x53\4\x80\0\0"s)).empty());
    CHECK(over_tcp(as_bytes("\x30\xe1\x22\4\x80"s)) == "coap+tcp");
    CHECK(over_tcp(as_bytes("\0\xe1"s)) == "coap+tcp");
}

TEST_CASE("Teredo is told by its addresses, with and without what tells who asks", "[analysis]") {
    ByteWriter packet;
    packet.u32(0x60000000)
        .u16(8)
        .u8(58)
        .u8(255)
        .text("\xfe\x80\0\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xfd"s)
        .text("\xff\2\0\0\0\0\0\0\0\0\0\0\0\0\0\2"s)
        .text("\x85\0\0\0\0\0\0\0"s);
    const auto solicitation = packet.take();
    ByteWriter asked;
    asked.u16(1).u8(0).u8(0).zeros(8).u8(0).bytes(solicitation);
    CHECK(over_udp(asked.view(), 3544) == "teredo");
    CHECK(over_udp(asked.view(), 3999).empty());
    auto data = solicitation;
    data[8] = std::byte{0x20}, data[9] = std::byte{1};
    data[10] = data[11] = std::byte{};
    CHECK(over_udp(data, 3999) == "teredo");
    CHECK(over_udp(ByteView(data).first(44), 3544).empty());
}

TEST_CASE("RIST is told by its tunnel's numbers and by its own reports", "[analysis]") {
    CHECK(over_udp(ByteWriter().u16(0x3000).u16(0xcce0).u32(1).zeros(20).view()) == "rist");
    CHECK(over_udp(ByteWriter().u16(0x0000).u16(0x88b5).zeros(8).view()) == "rist");
    ByteWriter reports;
    reports.u8(0x80).u8(200).u16(6).zeros(24).u8(0x82).u8(204).u16(5).u32(9).text("RIST").zeros(12);
    CHECK(over_udp(reports.view()) == "rist");
    reports.u8(0x80);
    CHECK(over_udp(ByteWriter().u8(0x80).u8(200).u16(6).zeros(24).view()) != "rist");
}

TEST_CASE("logs, transport streams, CoAP and TURN are named over streams and on other ports", "[analysis]") {
    CHECK(over_tcp(as_bytes("<13>Nov 30 10:00:00 cam app: one\n"s)) == "syslog");
    CHECK(over_tcp(as_bytes("34 <13>1 2026-11-30T10:00:00Z cam a - - x"s)) == "syslog");
    CHECK(over_udp(as_bytes("<13>1 2026-11-30T10:00:00Z cam a - - x"s)) == "syslog");
    CHECK(over_tcp(as_bytes("<13>x"s)).empty());
    const auto packet = "\x47\x40\0\x10"s + std::string(184, 'v');
    CHECK(over_tcp(as_bytes(packet + packet)) == "mpeg-ts");
    CHECK(over_tcp(as_bytes(packet)).empty());
    CHECK(over_tcp(as_bytes("\0\3\0\0\x21\x12\xa4\x42"s + std::string(12, 't'))) == "stun");
    const auto asked = CoapWriter(CoapMessage::Type::confirmable, 1, 3, {})
                           .option(CoapOption::uri_path, as_bytes("x"))
                           .take({});
    CHECK(over_udp(asked) == "coap");
    CHECK(over_udp(as_bytes("\x40\0\x12\x34"s), 5683) == "coap");
    CHECK(over_udp(as_bytes("\x40\0\x12\x34"s)).empty());
}

TEST_CASE("bytes that only resemble what joins networks keep no name", "[analysis]") {
    for (const auto& text :
         {"\1\0\0\0"s + std::string(144, '\0'), "\1\0\0\0"s + session + std::string(135, 'k'),
          "\4\0\0\0"s + session + std::string(36, 'k'), "\x38" + session + "\0\0\0\0\1"s,
          "\x38" + session + std::string(20, 'h') + "\xff\0\0\1\x66\x11\x22\x33\0\0\0\0\0"s,
          session + "\0\0\0\0\0\0\0\0\x21\x20\x22\x08\0\0\0\0\0\0\0\x21"
                    "ABCD"s,
          "\xc8\2\0\x15\0\0\0\0\0\0\0\0\x80\x08\0\0\0\0\0\1"s,
          "\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\2"s + std::string(90, 'n')})
        CHECK(over_udp(as_bytes(text)).empty());
    for (const auto& text : {"0 camera\n"s, "0 camera 17 GET / HTTP\n"s, "0 17.7\n"s,
                             "<stream>xmpp</stream>"s, "\0\x0e\x38short"s, "\x30\xe1\x52\4\x80"s})
        CHECK(over_tcp(as_bytes(text)).empty());
}
