#include "bench/internet/dispatch/datagram.hpp"
#include "bench/internet/services/media/sip.hpp"
#include "bench/internet/world/dialogue.hpp"
#include "tests/catch.hpp"
#include "tests/unit/internet_support.hpp"

using namespace cambench;
using namespace cambench::internet;
using namespace std::string_literals;

namespace {

const std::string device = "34020000001320000001";

std::string request(const std::string& method, const std::string& uri, const std::string& more = "",
                    const std::string& body = "") {
    return method + " " + uri +
           " SIP/2.0\r\nVia: SIP/2.0/UDP 192.168.77.100:5060;rport;branch=z9hG4bK1\r\nFrom: <sip:" + device +
           "@3402000000>;tag=a\r\nTo: <sip:" + device + "@3402000000>\r\nCall-ID: 1@cam\r\nCSeq: 1 " +
           method + "\r\nContact: <sip:" + device + "@192.168.77.100:5060>\r\nMax-Forwards: 70\r\n" + more +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

const std::string platform = "sip:34020000002000000001@3402000000";
const std::string login =
    "Authorization: Digest username=\"" + device +
    "\", realm=\"3402000000\", nonce=\"n\", uri=\"x\", response=\"0123\"\r\nExpires: 86400\r\n";

}  // namespace

TEST_CASE("a device of GB/T 28181 is challenged, registered with the time, and asked for its catalogue") {
    Personality personality;
    personality.clock = at("2026-11-21T09:00:00Z");
    TestWorld test(personality);
    DatagramService service(test.world);
    const auto flow = test.flow("198.51.100.5", 5060, Transport::udp);
    const auto challenged = service.received(flow, as_bytes(request("REGISTER", platform)));
    CHECK(as_text(challenged)
              .starts_with("SIP/2.0 401 Unauthorized\r\nVia: SIP/2.0/UDP "
                           "192.168.77.100:5060;rport=40000;branch=z9hG4bK1;received=192.168.77.100\r\n"));
    CHECK(as_text(challenged).find("WWW-Authenticate: Digest realm=\"3402000000\"") !=
          std::string_view::npos);
    CHECK(test.world.further_answers.empty());
    const auto granted = service.received(flow, as_bytes(request("REGISTER", platform, login)));
    CHECK(as_text(granted).starts_with("SIP/2.0 200 OK"));
    CHECK(as_text(granted).find("Date: 2026-11-21T17:00:0") !=
          std::string_view::npos);  // China's time, as that standard has it
    CHECK(as_text(granted).find("Expires: 86400\r\n") != std::string_view::npos);
    REQUIRE(test.world.further_answers.size() == 2);
    CHECK(as_text(test.world.further_answers[0])
              .starts_with("MESSAGE sip:" + device +
                           "@192.168.77.100:40000 SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.5:5060"));
    CHECK(as_text(test.world.further_answers[0]).find("<CmdType>Catalog</CmdType>") !=
          std::string_view::npos);
    const auto event = test.recorder.last("sip");
    CHECK(event["device_id"] == device);
    CHECK(event["login"] == device);
    CHECK(event["status"] == 200);
    CHECK(event["peers"][0] == "192.168.77.100:5060");
    test.world.further_answers.clear();
    const std::string alive =
        "<?xml version=\"1.0\"?><Notify><CmdType>Keepalive</CmdType><SN>1</SN><DeviceID>" + device +
        "</DeviceID><Status>OK</Status></Notify>";
    CHECK(
        as_text(service.received(flow, as_bytes(request("MESSAGE", platform,
                                                        "Content-Type: Application/MANSCDP+xml\r\n", alive))))
            .starts_with("SIP/2.0 200 OK"));
    CHECK(test.recorder.last("sip")["command"] == "Keepalive");
    CHECK(test.recorder.last("sip")["payload"] == alive);
    CHECK(test.world.further_answers.empty());  // it was asked once
    CHECK(
        service
            .received(
                flow,
                as_bytes("SIP/2.0 200 OK\r\nCSeq: 1 MESSAGE\r\nFrom: <sip:a@b>\r\nContent-Length: 0\r\n\r\n"))
            .empty());
    CHECK(test.recorder.last("sip")["message"] == "response");
    CHECK(service.received(flow, as_bytes("\r\n\r\n")).empty());
    CHECK(test.recorder.all("udp").empty());
}

TEST_CASE(
    "a telephone registers over a stream, in pieces, with compact names and old clocks, and is asked "
    "nothing") {
    for (const std::size_t piece : {0U, 1U, 7U}) {
        TestWorld test;
        auto conversation = make_conversation(test.world, test.flow("198.51.100.6", 15060, Transport::tcp));
        const std::string head =
            "REGISTER sip:pbx.vendor.example SIP/2.0\r\nv: SIP/2.0/TCP 10.0.0.1;branch=z\r\nf: \"Door\" "
            "<sip:door@pbx.vendor.example>\r\nt: <sip:door@pbx.vendor.example>\r\n"
            "i: 7\r\nCSeq: 2 REGISTER\r\nm: <sip:door@10.0.0.1;transport=tcp>;expires=600\r\n";
        const auto first = say(*conversation, head + "l: 0\r\n\r\n", piece);
        CHECK(first.starts_with("SIP/2.0 401"));
        CHECK(first.find("realm=\"pbx.vendor.example\"") != std::string::npos);
        const auto second =
            say(*conversation,
                head +
                    "Authorization: Digest "
                    "username=\"door\",realm=\"pbx.vendor.example\",response=\"1\"\r\nl: 0\r\n\r\n",
                piece);
        CHECK(second.starts_with("SIP/2.0 200"));
        CHECK(second.find("MESSAGE") == std::string::npos);
        CHECK(second.find("Expires: 600\r\n") != std::string::npos);
        CHECK(second.find(" GMT\r\n") != std::string::npos);
        CHECK(say(*conversation, "\r\n\r\n", piece) == "\r\n");
        CHECK(say(*conversation, "OPTIONS sip:x SIP/2.0\r\nCSeq: 3 OPTIONS\r\n\r\n", piece).find("Allow: ") !=
              std::string::npos);
    }
}

TEST_CASE("a call is taken, what it sends is kept, and where it wants media is on record") {
    TestWorld test;
    DatagramService service(test.world);
    const auto flow = test.flow("198.51.100.7", 5060, Transport::udp);
    const std::string offer =
        "v=0\r\no=- 1 1 IN IP4 203.0.113.99\r\ns=-\r\nc=IN IP4 203.0.113.99\r\nt=0 0\r\nm=audio 4000 RTP/AVP "
        "8 101\r\nm=video 4002 RTP/SAVP 96\r\n";
    CHECK(as_text(service.received(flow, as_bytes(request("INVITE", "sip:viewer@vendor.example",
                                                          "Content-Type: application/sdp\r\n", offer))))
              .starts_with("SIP/2.0 100 Trying"));
    REQUIRE(test.world.further_answers.size() == 1);
    const std::string taken(as_text(test.world.further_answers[0]));
    test.world.further_answers.clear();
    CHECK(taken.find("c=IN IP4 198.51.100.7") != std::string::npos);
    CHECK(taken.find("m=audio 40000 RTP/AVP 8\r\na=rtpmap:8 pcma/8000") != std::string::npos);
    CHECK(taken.find("m=video 0 ") != std::string::npos);  // under a key of its own: not to be read
    CHECK(test.recorder.last("sip")["peers"] ==
          Json::array({"192.168.77.100:5060", "203.0.113.99:4000", "203.0.113.99:4002"}));
    for (std::uint16_t i = 0; i < 3; ++i)
        (void)service.received(test.flow("198.51.100.7", 40000, Transport::udp),
                               ByteWriter().u8(0x80).u8(8).u16(i).u32(i * 160U).u32(7).text("abcd").view());
    CHECK(as_text(service.received(flow, as_bytes(request("BYE", "sip:viewer@vendor.example"))))
              .starts_with("SIP/2.0 200"));
    CHECK(test.recorder.last("media")["by"] == "sip");
    CHECK(test.recorder.last("media")["payload"] == "abcdabcdabcd");
    CHECK(test.world.datagram_takers.empty());
}

TEST_CASE("what is no SIP, or contradicts itself, is answered safely") {
    TestWorld test;
    for (const auto& text : {"REGISTER sip:a SIP/2.0\r\nno colon\r\n\r\n"s,
                             "REGISTER sip:a SIP/2.0\r\nContent-Length: 99999999999\r\n\r\n"s,
                             "REGISTER sip:a b SIP/2.0\r\n\r\n"s}) {
        auto conversation = make_conversation(test.world, test.flow("198.51.100.8", 5060, Transport::tcp));
        Output output;
        conversation->received(as_bytes(text), output);
        conversation->closed();
    }
    CHECK(sip_likeness(as_bytes("REGISTER / HTTP/1.1\r\n")) == Likeness::no);
    CHECK(sip_likeness(as_bytes("OPTIONS rtsp://a RTSP/1.0\r\n")) == Likeness::no);
    CHECK(sip_likeness(as_bytes("REG")) == Likeness::perhaps);
    CHECK(sip_address_in("<sips:cam@[2001:db8::1]:5061;x>").port == 5061);
    CHECK(sip_address_in("<sips:cam@[2001:db8::1]:5061;x>").host == "2001:db8::1");
    CHECK(sip_address_in("tel:+1").host.empty());
    CHECK(parameter_in("Digest xrealm=\"no\", realm=\"a, b\",username=c", "realm") == "a, b");
    CHECK(parameter_in("realm=\"open", "realm") == "open");
    CHECK(sdp_targets(as_bytes("m=video\r\nc=\r\nm=audio 7 RTP/AVP 0\r\nc=IN IP6 2001:db8::1/127\r\n"))
              .at(0)
              .address == "2001:db8::1");
}
