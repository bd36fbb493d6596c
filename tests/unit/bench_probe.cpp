// What the probe makes of a camera's answers.

#include "bench/probe/camera_answers.hpp"
#include "tests/catch.hpp"

using namespace cambench::probe;

namespace {

bool has(const std::vector<Fact>& facts, const Fact& fact) { return std::find(facts.begin(), facts.end(), fact) != facts.end(); }

}  // namespace

TEST_CASE("an answer's parts are found, and a broken one has none", "[probe]") {
    const std::string answer = "RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\nwww-authenticate: Digest realm=\"r\"\r\nContent-Length: 2\r\n\r\nab";
    CHECK(status_of(answer) == 401);
    CHECK(header_of(answer, "WWW-Authenticate") == "Digest realm=\"r\"");
    CHECK(body_of(answer) == "ab");
    CHECK(is_whole(answer));
    CHECK_FALSE(is_whole(answer.substr(0, answer.size() - 1)));
    CHECK(status_of("nonsense") == 0);
    CHECK(status_of("HTTP/1.1 ") == 0);
    CHECK(body_of("no end").empty());
}

TEST_CASE("a digest login is that of RFC 2617, 3.5", "[probe]") {
    const auto text = authorization_for("Digest realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"", "Mufasa", "Circle Of Life", "GET", "/dir/index.html");
    CHECK(text.find("response=\"670fd8c2df070c60b045671b8b24ff02\"") != std::string::npos);  // without qop, as in RFC 2069
    CHECK(authorization_for("Basic realm=\"r\"", "user", "pass", "GET", "/") == "Basic dXNlcjpwYXNz");
    CHECK(authorization_for("Negotiate", "user", "pass", "GET", "/").empty());
}

TEST_CASE("the media of a stream are facts, sound among them", "[probe]") {
    const auto facts = facts_of_sdp("v=0\r\nm=video 0 RTP/AVP 26\r\na=rtpmap:26 JPEG/90000\r\nm=audio 0 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n");
    CHECK(facts.size() == 2);
    CHECK(has(facts, {"stream", "video", "RTP/AVP 26 JPEG/90000"}));
    CHECK(has(facts, {"stream", "audio", "RTP/AVP 0 PCMU/8000"}));
    CHECK(facts_of_sdp("a=rtpmap:0 nothing before it").empty());
}

TEST_CASE("ONVIF's services and what profiles hold are facts", "[probe]") {
    const auto facts = facts_of_onvif("<tds:Model>HV-2100</tds:Model><tds:FirmwareVersion>1.4.2</tds:FirmwareVersion>",
                                      "<tds:Namespace>http://www.onvif.org/ver10/media/wsdl</tds:Namespace><tds:Namespace>http://www.onvif.org/ver20/analytics/wsdl</tds:Namespace>",
                                      "<trt:Profiles><tt:VideoEncoderConfiguration token=\"a\"/><tt:AudioEncoderConfiguration token=\"b\"></tt:AudioEncoderConfiguration></trt:Profiles>");
    CHECK(has(facts, {"onvif information", "Model", "HV-2100"}));
    CHECK(has(facts, {"onvif service", "http://www.onvif.org/ver20/analytics/wsdl", ""}));
    CHECK(has(facts, {"onvif profile", "AudioEncoderConfiguration", ""}));
    CHECK_FALSE(has(facts, {"onvif profile", "PTZConfiguration", ""}));
}

TEST_CASE("broken XML gives no facts and reads nothing behind its end", "[probe]") {
    for (const auto* text : {"<", "<a", "</", "<a:", "<>", "<a/>", "<a>", "<!--", "<Namespace>"}) {
        (void)element_texts(text, "Namespace");
        (void)element_names(text);
    }
    CHECK(element_texts("<Namespace/>", "Namespace").empty());
    CHECK(element_texts("<x:Namespace a='1'>v</x:Namespace>", "Namespace") == std::vector<std::string>{"v"});
}
