// Resolvers and time servers that fail, refuse and drift; the gate of a hotel; searches on the local network.

#include <cstring>

#include "bench/internet/dispatch/datagram.hpp"
#include "bench/internet/services/names/dns.hpp"
#include "bench/internet/services/time/ntp.hpp"
#include "bench/internet/world/dialogue.hpp"
#include "harness/core/text.hpp"
#include "tests/catch.hpp"
#include "tests/unit/internet_support.hpp"

using namespace cambench;
using namespace cambench::internet;
using namespace std::string_view_literals;

namespace {

Personality read_open(std::string_view xml) {
    markup::Problems problems;
    const auto node = markup::read_text(xml, "test.xml", internet_element(), problems);
    REQUIRE(node.ok());
    auto personality = make_personality(*node);
    REQUIRE(personality.ok());
    return personality_from_json(to_json(*personality)).value();  // as the sandbox's process gets it
}

Bytes question(std::string_view name, std::uint16_t type) {
    ByteWriter writer;
    writer.u16(7).u16(0x0100).u16(1).u16(0).u16(0).u16(0);
    for (const auto& label : split(name, '.')) writer.u8(static_cast<std::uint8_t>(label.size())).text(label);
    return writer.u8(0).u16(type).u16(1).take();
}

Bytes time_question() {
    ByteWriter writer;
    return writer.u8(0x23).zeros(39).u64(42).take();
}

unsigned code_of(const Bytes& answer) {
    return answer.size() < 4 ? 99 : std::to_integer<unsigned>(answer[3]) & 15;
}
std::uint64_t time_in(const Bytes& answer) { return ByteReader(ByteView(answer).subspan(40)).u64() >> 32; }

}  // namespace

TEST_CASE("a resolver may fail the first questions and answer then") {
    TestWorld test(read_open(
        R"(<internet><dns name="late.example" fails-first="2" failure="servfail"/><dns name="mute.example" fails-first="1"/></internet>)"));
    const auto flow = test.flow("192.168.77.1", 53, Transport::udp);
    CHECK(code_of(answer_dns(test.world, flow, question("late.example", 1))) == 2);
    CHECK(code_of(answer_dns(test.world, flow, question("late.example", 1))) == 2);
    CHECK(code_of(answer_dns(test.world, flow, question("late.example", 1))) == 0);
    CHECK(test.recorder.last("dns-query")["answers"].size() == 1);
    CHECK(answer_dns(test.world, flow, question("mute.example", 1)).empty());
    CHECK(code_of(answer_dns(test.world, flow, question("mute.example", 1))) == 0);
}

TEST_CASE("HTTPS, SVCB, SRV and TXT records say what the scenario says") {
    TestWorld test(read_open(
        R"(<internet><dns name="_mqtt._tcp.v.example" service="broker.v.example:8884"/><dns name="key.v.example" text="k=v"/></internet>)"));
    const auto flow = test.flow("192.168.77.1", 53, Transport::udp);
    const auto answer_to = [&](std::string_view name, std::uint16_t type) {
        (void)answer_dns(test.world, flow, question(name, type));
        return test.recorder.last("dns-query")["answers"].at(0).get<std::string>();
    };
    CHECK(answer_to("_mqtt._tcp.v.example", 33) == "0 0 8884 broker.v.example");
    CHECK(answer_to("_mqtt._tcp.v.example", 64) == "1 broker.v.example port=8884");
    CHECK(answer_to("key.v.example", 16) == "k=v");
    CHECK(answer_to("www.v.example", 65) == "1 . alpn=h2,http/1.1");
    const auto wire = answer_dns(test.world, flow, question("www.v.example", 65));
    const auto text = as_text(wire);
    CHECK(text.find("\0\1\0\0\1\0\x0c\2h2\x08http/1.1\0\4\0\4\xc6\x12"sv) != std::string_view::npos);
}

TEST_CASE("each question for the time may get an answer of its own") {
    TestWorld test(read_open(
        R"(<internet clock="2026-11-21T09:00:00Z"><ntp leap="insert" stratum="3"><answer time="2001-02-24T00:00:00Z"/><answer says="rate"/>
      <answer says="nothing"/><answer ahead="1h"/></ntp></internet>)"));
    const auto flow = test.flow("192.168.77.1", 123, Transport::udp);
    const auto first = answer_ntp(test.world, flow, time_question());
    REQUIRE(first.size() == 48);
    CHECK(std::to_integer<unsigned>(first[0]) == 0x64);
    CHECK(std::to_integer<unsigned>(first[1]) == 3);
    CHECK(time_in(first) == 2'208'988'800 + 982'972'800);
    const auto kiss = answer_ntp(test.world, flow, time_question());
    REQUIRE(kiss.size() == 48);
    CHECK(std::to_integer<unsigned>(kiss[1]) == 0);
    CHECK(as_text(ByteView(kiss).subspan(12, 4)) == "RATE");
    CHECK(test.recorder.last("ntp")["refused"] == "rate");
    CHECK(answer_ntp(test.world, flow, time_question()).empty());
    for (int i = 0; i < 2; ++i) {
        const auto seconds = time_in(answer_ntp(test.world, flow, time_question())) - 2'208'988'800;
        CHECK(seconds >= 1'795'251'600 + 3600);
        CHECK(seconds < 1'795'251'600 + 3660);
    }
}

TEST_CASE("a clock that gains is told ahead of the true one, ever more") {
    const auto personality = read_open(R"(<internet><ntp gains="36s"/></internet>)");
    CHECK(personality.time_telling.drift == Approx(0.01));
    CHECK(read_open(R"(<internet><ntp loses="3600s"/></internet>)").time_telling.drift == Approx(-1.0));
}

TEST_CASE("behind a captive portal plain HTTP leads to its page") {
    TestWorld test(read_open(R"(<internet captive-portal="yes"/>)"));
    const auto ask = [&](std::string_view request) {
        const auto dialogue = make_conversation(test.world, test.flow("198.18.0.9", 80, Transport::tcp));
        const auto answer = say(*dialogue, request);
        dialogue->closed();
        return answer;
    };
    const auto sent = ask("GET /generate_204 HTTP/1.1\r\nHost: connectivitycheck.gstatic.com\r\n\r\n");
    CHECK(sent.starts_with("HTTP/1.1 302"));
    CHECK(sent.find("Location: http://portal.lan/login\r\n") != std::string::npos);
    CHECK(ask("GET /login HTTP/1.1\r\nHost: portal.lan\r\n\r\n").find("<form") != std::string::npos);
    CHECK(test.recorder.last("http-request")["answered_by"] == "captive-portal");
}

TEST_CASE("lost packets cost a stream repetitions") {
    TestWorld test;
    CHECK(test.world.repetitions(100'000) == Nanoseconds::zero());
    test.world.conditions.loss = 1;
    CHECK(test.world.repetitions(1) >= Milliseconds(200));
    CHECK(test.world.repetitions(0) == Nanoseconds::zero());
}

TEST_CASE("searches for devices and announcements of them are understood") {
    TestWorld test;
    DatagramService service(test.world);
    const auto received = [&](std::uint16_t port, std::string_view bytes) {
        CHECK(service.received(test.flow("239.255.255.250", port, Transport::udp), as_bytes(bytes)).empty());
        return test.recorder.last("discovery");
    };
    auto seen = received(
        3702,
        R"(<e:Envelope xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><e:Body><d:Hello><d:Types>dn:NetworkVideoTransmitter</d:Types>)"
        R"(<d:Scopes>onvif://www.onvif.org/name/Brand onvif://www.onvif.org/hardware/IPC-7 onvif://www.onvif.org/location/country/china</d:Scopes>)"
        R"(<d:XAddrs>http://192.168.77.100/onvif/device_service</d:XAddrs></d:Hello></e:Body></e:Envelope>)");
    CHECK(seen["by"] == "ws-discovery");
    CHECK(seen["message"] == "Hello");
    CHECK(seen["device_name"] == "Brand");
    CHECK(seen["hardware"] == "IPC-7");
    CHECK(seen["country"] == "china");
    CHECK(seen["scopes"].size() == 3);
    seen = received(
        37020,
        R"(<?xml version="1.0" encoding="utf-8"?><Probe><Uuid>13A888A9</Uuid><Types>inquiry</Types></Probe>)");
    CHECK(seen["by"] == "sadp");
    CHECK(seen["message"] == "inquiry");
    CHECK(seen["id"] == "13A888A9");
    seen = received(
        37810,
        "\x20\0\0\0DHIP\0\0\0\0\0\0\0\0\x1e\0\0\0\0\0\0\0\x1e\0\0\0\0\0\0\0{\"method\":\"DHDiscover.search\"}"sv);
    CHECK(seen["message"] == "DHDiscover.search");
    seen = received(34569, "\xff\0\0\0\0\0\0\0\0\0\0\0\0\0\xfa\x05\0\0\0\0"sv);
    CHECK(seen["by"] == "xiongmai");
    CHECK(test.recorder.all("discovery").size() == 4);
    service.finish_flows(DatagramService::Which::all);
}
