// What the probe makes of a camera's answers.

#include <fmt/format.h>

#include "bench/probe/camera_answers.hpp"
#include "bench/probe/camera_places.hpp"
#include "bench/probe/camera_upgrade.hpp"
#include "bench/probe/service_places.hpp"
#include "bench/probe/web_session.hpp"
#include "harness/core/text.hpp"
#include "harness/learned/login_template.hpp"
#include "tests/catch.hpp"

using namespace cambench::probe;
using cambench::filled_in;
using cambench::from_base64;
using cambench::IpAddress;
using cambench::Milliseconds;

namespace {

bool has(const std::vector<Fact>& facts, const Fact& fact) {
    return std::find(facts.begin(), facts.end(), fact) != facts.end();
}

}  // namespace

TEST_CASE("an answer's parts are found, and a broken one has none", "[probe]") {
    const std::string answer =
        "RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\nwww-authenticate: Digest realm=\"r\"\r\nContent-Length: "
        "2\r\n\r\nab";
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
    const auto text =
        authorization_for("Digest realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"",
                          "Mufasa", "Circle Of Life", "GET", "/dir/index.html");
    CHECK(text.find("response=\"670fd8c2df070c60b045671b8b24ff02\"") !=
          std::string::npos);  // without qop, as in RFC 2069
    CHECK(authorization_for("Basic realm=\"r\"", "user", "pass", "GET", "/") == "Basic dXNlcjpwYXNz");
    CHECK(authorization_for("Negotiate", "user", "pass", "GET", "/").empty());
}

TEST_CASE("the media of a stream are facts, sound among them", "[probe]") {
    const auto facts = facts_of_sdp(
        "v=0\r\nm=video 0 RTP/AVP 26\r\na=rtpmap:26 JPEG/90000\r\nm=audio 0 RTP/AVP 0\r\na=rtpmap:0 "
        "PCMU/8000\r\n");
    CHECK(facts.size() == 2);
    CHECK(has(facts, {"stream", "video", "RTP/AVP 26 JPEG/90000"}));
    CHECK(has(facts, {"stream", "audio", "RTP/AVP 0 PCMU/8000"}));
    CHECK(facts_of_sdp("a=rtpmap:0 nothing before it").empty());
}

TEST_CASE("ONVIF's services and what profiles hold are facts", "[probe]") {
    const auto facts = facts_of_onvif(
        "<tds:Model>HV-2100</tds:Model><tds:FirmwareVersion>1.4.2</tds:FirmwareVersion>",
        "<tds:Namespace>http://www.onvif.org/ver10/media/wsdl</tds:Namespace><tds:Namespace>http://"
        "www.onvif.org/ver20/analytics/wsdl</tds:Namespace>",
        "<trt:Profiles><tt:VideoEncoderConfiguration token=\"a\"/><tt:AudioEncoderConfiguration "
        "token=\"b\"></tt:AudioEncoderConfiguration></trt:Profiles>");
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

TEST_CASE("what a page shows and its cookies go back as they came, and hostile ones do not", "[probe]") {
    WebSession session;
    const auto cookies_after = [&](const char* head) {
        keep_cookies(session, head);
        return session.cookies;
    };
    CHECK(cookies_after("HTTP/1.1 303 See Other\r\nSet-Cookie: session=ab12; HttpOnly\r\nset-cookie: "
                        "lang=en\r\n\r\nSet-Cookie: no=1") == "session=ab12; lang=en");
    CHECK(cookies_after("HTTP/1.1 200 OK\r\nSet-Cookie: session=cd34\r\n\r\n") == "lang=en; session=cd34");
    CHECK(cookies_after(
              "HTTP/1.1 200 OK\r\nSet-Cookie: session=x; Path=/; Max-Age=0\r\nSet-Cookie: lang=\r\n\r\n")
              .empty());
    CHECK(cookies_after("HTTP/1.1 200 OK\r\nSet-Cookie: a b\r\nSet-Cookie: \r\nSet-Cookie: =1\r\nSet-Cookie: "
                        "none\r\n\r\n")
              .empty());
    CHECK(resources_of("<img src=\"/a.jpg\"><script src='/b.js'></script><img src=\"/a.jpg\"><img "
                       "src=\"http://else.example/c\"><img src=\"//else.example/d\">") ==
          std::vector<std::string>{"/a.jpg", "/b.js"});
    CHECK(resources_of("<img src=\"/a\r\nHost: x\">").empty());
    CHECK(resources_of("<img src=").empty());
    CHECK(resources_of("<img src=\"/unfinished") == std::vector<std::string>{"/unfinished"});
}

TEST_CASE("a login is filled in as its content type wants it", "[probe]") {
    CHECK(filled_in("user={user}&password={password}", "application/x-www-form-urlencoded", "admin",
                    "a&b=c d%") == "user=admin&password=a%26b%3Dc%20d%25");
    CHECK(filled_in("{\"p\":\"{password}\"}", "application/json", "u", "a\"b\\") == "{\"p\":\"a\\\"b\\\\\"}");
    CHECK(filled_in("{user}{user}", "text/plain", "{user}", "x") == "{user}{user}");
    CHECK(filled_in("{user}", "text/plain", "{password}", "x") == "{password}");
    CHECK(filled_in("<p>{password}</p>", "application/xml", "u", "<&>\"") == "<p>&lt;&amp;&gt;&quot;</p>");
    CHECK(filled_in("{password-md5} {password-base64}", "text/plain", "u", "secret") ==
          "5ebe2294ecd0e0f08eab7690d2a6ee69 c2VjcmV0");
    CHECK(filled_in("{\"a\": {\"b\": \"{password}\"}}", "application/json", "u", "x\n\x01") ==
          "{\"a\": {\"b\": \"x\\n\\u0001\"}}");
    CHECK(cambench::unknown_login_words("{\"user\": \"{user}\", \"p\": \"{passwd}\", {}") ==
          std::vector<std::string>{"{passwd}"});
    CHECK(cambench::holds_password("p={password-md5}"));
    CHECK_FALSE(cambench::holds_password("p={passwd}"));
}

TEST_CASE("a login's answer gives a session, or says why there is none", "[probe]") {
    const WebLogin form{.method = "POST", .path = "/login"};
    const auto redirect =
        judge_login(form, {"HTTP/1.1 303 See Other\r\nLocation: /\r\nSet-Cookie: s=1\r\n\r\n", ""});
    REQUIRE(redirect.session);
    CHECK(session_headers(form, *redirect.session) == "Cookie: s=1\r\n");
    CHECK_FALSE(
        judge_login(
            form,
            {"HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/doc/Login.asp?e=1\r\nSet-Cookie: s=1\r\n\r\n",
             ""})
            .session);
    CHECK(judge_login(form, {"HTTP/1.1 200 OK\r\n\r\n", "<html>"}).why.find("set no cookie") !=
          std::string::npos);
    CHECK(judge_login(form, {"HTTP/1.1 403 Forbidden\r\n\r\n", ""}).why.find("403") != std::string::npos);
    CHECK(judge_login(form, {"", ""}).why.find("did not answer") != std::string::npos);
}

TEST_CASE("a token is taken from where the declaration says, and from nowhere else", "[probe]") {
    const WebLogin json{.method = "POST",
                        .path = "/api/login",
                        .good = "\"code\": *0",
                        .token = "data.0.token",
                        .header = "X-Token: {token}"};
    const std::string head = "HTTP/1.1 200 OK\r\n\r\n";
    const auto good = judge_login(json, {head, R"({"code": 0, "data": [{"token": "t-1"}]})"});
    REQUIRE(good.session);
    CHECK(session_headers(json, *good.session) == "X-Token: t-1\r\n");
    CHECK(judge_login(json, {head, R"({"code": 1, "data": [{"token": "t-1"}]})"}).why.find("login-good") !=
          std::string::npos);
    CHECK(judge_login(json, {head, R"({"code": 0, "data": {"id": "secret"}})"}).why.find("there are 'id'") !=
          std::string::npos);
    CHECK(judge_login(json, {head, R"({"code": 0, "data": {"id": "secret"}})"}).why.find("secret") ==
          std::string::npos);
    for (const auto* hostile : {R"("a\r\nX: y")", R"("")", "[]", "1.5", R"("a b")"})
        CHECK_FALSE(
            judge_login(json, {head, fmt::format(R"({{"code": 0, "data": [{{"token": {}}}]}})", hostile)})
                .session);
    CHECK(judge_login(json, {head, R"("code": 0)"}).why.find("no JSON") != std::string::npos);
}

TEST_CASE("an answer that asks for a login again ends a session, and no other does", "[probe]") {
    const WebLogin login{.method = "POST", .path = "/RPC2_Login", .over = "Invalid session"};
    CHECK(is_over(login, {"HTTP/1.1 401 Unauthorized\r\n\r\n", ""}));
    CHECK(is_over(login, {"HTTP/1.1 403 Forbidden\r\n\r\n", ""}));
    CHECK(is_over(login, {"HTTP/1.1 302 Found\r\nLocation: /RPC2_Login\r\n\r\n", ""}));
    CHECK(is_over(login, {"HTTP/1.1 307 Temporary Redirect\r\nLocation: /signin\r\n\r\n", ""}));
    CHECK(is_over(login, {"HTTP/1.1 200 OK\r\n\r\n", "{\"error\": \"Invalid session in request data!\"}"}));
    CHECK_FALSE(is_over(login, {"HTTP/1.1 302 Found\r\nLocation: /done.html\r\n\r\n", ""}));
    CHECK_FALSE(is_over(login, {"HTTP/1.1 500 Oops\r\n\r\n", "login"}));
    CHECK_FALSE(is_over(login, {"", ""}));
}

TEST_CASE("secrets are taken out of what is shown, however they are written", "[probe]") {
    const WebSession session{"lang=en; sid=0123456789", "tok-1"};
    CHECK(without_secrets("en sid=0123456789 tok-1", session, "") == "en sid=*** ***");
    CHECK(without_secrets(R"({"p": "a\"b&"} a%22b%26 a"b&)", {}, "a\"b&") == R"({"p": "***"} *** ***)");
}

TEST_CASE("an answer in chunks is put together, and a broken one ends where it breaks", "[probe]") {
    const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    CHECK(content_of(head + "3\r\nabc\r\n2;x=1\r\nde\r\n0\r\n\r\n") == "abcde");
    for (const auto* broken : {"", "3", "3\r\n", "3\r\nab", "zz\r\nab", "ffffffffffffffff\r\nab", "3\r\nabc"})
        CHECK(content_of(head + broken).size() <= 3);
    CHECK(content_of("HTTP/1.1 200 OK\r\n\r\nabc") == "abc");
}

TEST_CASE("the first track and the media profiles are found", "[probe]") {
    CHECK(track_of("v=0\r\na=control:*\r\nm=video 0 RTP/AVP 26\r\na=control:track1\r\nm=audio 0 RTP/AVP "
                   "0\r\na=control:track2\r\n",
                   "rtsp://a/live/") == "rtsp://a/live/track1");
    CHECK(track_of("m=video 0 RTP/AVP 26\r\na=control:rtsp://b/x\r\n", "rtsp://a/live") == "rtsp://b/x");
    CHECK(track_of("m=video 0 RTP/AVP 26\r\n", "rtsp://a/live") == "rtsp://a/live");
    CHECK(track_of("m=video\r\na=control:tr ack\r\n", "rtsp://a") == "rtsp://a");
    CHECK(profile_tokens_of(
              "<trt:Profiles token=\"main\" fixed=\"true\"><tt:Name>x</tt:Name></trt:Profiles><trt:Profiles "
              "fixed=\"true\" token=\"sub\"/>") == std::vector<std::string>{"main", "sub"});
    CHECK(profile_tokens_of("<trt:Profiles token=\"").empty());
}

TEST_CASE("a UsernameToken is the digest of nonce, time and password", "[probe]") {
    // The example of ONVIF's Application Programmer's Guide, 6.1.1.3.
    const auto token = username_token({.user = "user", .password = "userpassword", .stream = "/"},
                                      *from_base64("LKqI6G/AikKCQrN0zqZFlg=="), "2010-09-16T07:50:45Z");
    CHECK(token.find(">tuOSpGlFlIXsozq4HFNeeGeFLEI=</Password>") != std::string::npos);
    CHECK(token.find("<Username>user</Username>") != std::string::npos);
}

TEST_CASE("firmware is brought to the camera itself and nowhere else", "[probe]") {
    const auto camera = *IpAddress::parse("192.0.2.5");
    const auto place = [&](const std::string& uri, const std::string& more = "") {
        return upload_place_of("<a:UploadUri>" + uri + "</a:UploadUri>" + more, camera);
    };
    REQUIRE(place("http://192.0.2.5/update/x"));
    CHECK(place("http://192.0.2.5/update/x")->path == "/update/x");
    CHECK(place("http://192.0.2.5:8080/y", "<UploadDelay>PT1M2.5S</UploadDelay>")->port == 8080);
    CHECK(place("http://192.0.2.5:8080/y", "<UploadDelay>PT1M2.5S</UploadDelay>")->delay ==
          Milliseconds(62'500));
    CHECK(place("http://192.0.2.5")->path == "/");
    REQUIRE(place("https://192.0.2.5/x"));
    CHECK(place("https://192.0.2.5/x")->port == 443);
    CHECK(place("https://192.0.2.5/x")->tls);
    for (const auto* wrong :
         {"http://192.0.2.6/x", "ftp://192.0.2.5/x", "http://192.0.2.5:0/x", "http://192.0.2.5:99999/x",
          "http://192.0.2.5:/x", "http:///x", "http://192.0.2.5/a b", "http://192.0.2.5@evil.example/", ""})
        CHECK_FALSE(place(wrong));
    CHECK_FALSE(upload_place_of("<x/>", camera));
    REQUIRE(upload_place_of("<UploadUri>http://[2001:db8::5]:81/u</UploadUri>",
                            *IpAddress::parse("2001:db8::5")));
    CHECK(
        upload_place_of("<UploadUri>http://[2001:db8::5]:81/u</UploadUri>", *IpAddress::parse("2001:db8::5"))
            ->port == 81);
    for (const auto* wrong : {"", "5", "P1D", "PT", "PT5", "PTS", "PT-1S", "PT1X", "PT9999999S", "PTnanS"})
        CHECK_FALSE(duration_of(wrong).value_or(Milliseconds(0)) > Milliseconds(0));
}

TEST_CASE("neighbours are read out of what ip says of them", "[probe]") {
    const auto table = parse_neighbours(
        R"([{"dst":"192.168.77.20","dev":"up0","lladdr":"02:4B:52:00:00:17","state":["REACHABLE"]},
        {"dst":"fe80::4b:52ff:fe00:17","dev":"up0","lladdr":"02:4b:52:00:00:17","state":["STALE"]},
        {"dst":"192.168.77.9","dev":"up0","state":["FAILED"]}, {"dst":"nonsense","lladdr":"02:00:00:00:00:01"}, 7, {"dst":[],"lladdr":{}}])");
    REQUIRE(table.size() == 2);
    CHECK(table[0].mac == table[1].mac);
    CHECK(table[1].address.to_string() == "fe80::4b:52ff:fe00:17");
    for (const auto* damaged : {"", "{", "[", "{\"dst\":1}", "[[[]]]"})
        CHECK(parse_neighbours(damaged).empty());
}

TEST_CASE("a MAC gives a link-local address", "[probe]") {
    CHECK(link_local_of("02:4b:52:00:00:17")->to_string() == "fe80::4b:52ff:fe00:17");
    CHECK(link_local_of("48:ea:63:12:34:56")->to_string() == "fe80::4aea:63ff:fe12:3456");
    for (const auto* none : {"", "02:4b:52:00:00", "02:4b:52:00:00:zz", "024b52000017", "2:4b:52:0:0:17"})
        CHECK_FALSE(link_local_of(none).has_value());
}

TEST_CASE("what a port speaks is told by its first words", "[probe]") {
    CHECK(speech_of("") == Speech::nothing);
    CHECK(speech_of("RTSP/1.0 200 OK\r\n") == Speech::rtsp);
    CHECK(speech_of("HTTP/1.1 400 Bad Request\r\n") == Speech::http);
    CHECK(speech_of("HTTP/1.1 400 Bad Request\r\n\r\n<center>The plain HTTP request was sent to HTTPS "
                    "port</center>") == Speech::tls);
    CHECK(speech_of(std::string_view("\x15\x03\x01\x00\x02\x02\x46", 7)) == Speech::tls);
    CHECK(speech_of("SSH-2.0-dropbear\r\n") == Speech::other);
    CHECK(speech_of("\x15") == Speech::other);
}

TEST_CASE("ONVIF is where XAddrs says, whatever host stands there", "[probe]") {
    const auto places = onvif_places_of(
        "<d:ProbeMatch><d:XAddrs>http://10.0.0.1:8000/onvif/device_service https://[fd00::5]/svc ftp://x/ "
        "http://:1/</d:XAddrs></d:ProbeMatch>");
    REQUIRE(places.size() == 2);
    CHECK(places[0] == OnvifPlace{{8000, false}, "/onvif/device_service"});
    CHECK(places[1] == OnvifPlace{{443, true}, "/svc"});
    CHECK(onvif_places_of("<d:XAddrs>").empty());
    CHECK(onvif_place_of("http://camera")->path == "/onvif/device_service");
    for (const auto* wrong :
         {"", "http://", "http://h:0/", "http://h:70000/", "http://h/a b", "camera/onvif"})
        CHECK_FALSE(onvif_place_of(wrong));
    constexpr auto services =
        "<Namespace>http://www.onvif.org/ver10/device/wsdl</Namespace><XAddr>http://h/dev</"
        "XAddr><Namespace>http://www.onvif.org/ver10/media/wsdl</Namespace><XAddr>http://h:8000/m</XAddr>";
    CHECK(service_path(services, "/media/wsdl") == "/m");
    CHECK(service_path(services, "/ptz/wsdl").empty());
    CHECK(
        service_path("<Namespace>http://www.onvif.org/ver10/media/wsdl</Namespace>", "/media/wsdl").empty());
}
