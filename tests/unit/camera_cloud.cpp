// The emulated camera's cloud clients: what they send and what they make of answers, without a network.

#include <deque>
#include <fstream>
#include <string>

#include "fixtures/camera/firmware/cloud/ftp.hpp"
#include "fixtures/camera/firmware/cloud/h264.hpp"
#include "fixtures/camera/firmware/cloud/mqtt.hpp"
#include "fixtures/camera/firmware/cloud/p2p.hpp"
#include "fixtures/camera/firmware/cloud/pppp.hpp"
#include "fixtures/camera/firmware/cloud/rtmp.hpp"
#include "tests/catch.hpp"

using namespace camera;

namespace {

/// Gives what a server says, piece by piece, and keeps what the camera says.
class Script : public Channel {
public:
    explicit Script(std::deque<std::string> pieces) : pieces_(std::move(pieces)) {}

    Bytes read(std::size_t, Deadline) override {
        if (pieces_.empty()) {
            return {};
        }
        const auto piece = as_bytes(pieces_.front());
        Bytes bytes(piece.begin(), piece.end());
        pieces_.pop_front();
        return bytes;
    }
    bool write(ByteView bytes, Deadline) override {
        said += as_text(bytes);
        return true;
    }

    std::string said;

private:
    std::deque<std::string> pieces_;
};

const Deadline soon = after(std::chrono::seconds(5));

}  // namespace

TEST_CASE("a PPPP message keeps its kind and its bytes", "[unit][camera]") {
    CHECK(as_text(encode_pppp({PpppMessage::Kind::hello, {}})) == std::string("\xf1\0\0\0", 4));
    const auto login = encode_pppp(pppp_login("HV2100A0000017", "192.168.10.220", 21098));
    CHECK(login.size() == 108);
    CHECK(as_text(ByteView(login).first(4)) == std::string("\xf1\x14\0\x68", 4));
    CHECK(as_text(ByteView(login).subspan(28, 8)) == std::string("\0\x02\x6a\x52\xdc\x0a\xa8\xc0", 8));
    const auto read = parse_pppp(login);
    REQUIRE(read);
    CHECK(read->kind == PpppMessage::Kind::login);
    CHECK_FALSE(parse_pppp(ByteView(login).first(107)));
    CHECK(pppp_identity("HV2100A0000017") != pppp_identity("HV2100A0000018"));
}

TEST_CASE("a rendezvous request begins with the verb its maker uses", "[unit][camera]") {
    RendezvousRequest request;
    request.path = "/online/p2psrv/1";
    CHECK(encode_rendezvous_request(request).starts_with("GET /online/p2psrv/1 HTTP/1.1\r\n"));
    request.verb = "DHGET";
    CHECK(encode_rendezvous_request(request).starts_with("DHGET /online/p2psrv/1 HTTP/1.1\r\n"));
}

TEST_CASE("the camera takes a command from a broker once it is subscribed", "[unit][camera]") {
    Script broker({std::string("\x20\x02\0\0", 4), std::string("\x90\x03\0\x01\x01", 5),
                   std::string("\x32\x09\0\x03", 4), std::string("a/b\0\x07hi", 7)});
    bool connected = false;
    const auto message = await_mqtt_message(broker, {"id", "user", "pw"}, "a/#", soon, connected);
    REQUIRE(message);
    CHECK(connected);
    CHECK(message->topic == "a/b");
    CHECK(message->content == "hi");
    CHECK(broker.said.ends_with(std::string("\x40\x02\0\x07\xe0\0", 6)));

    Script refusing({std::string("\x20\x02\0\x05", 4)});
    CHECK_FALSE(await_mqtt_message(refusing, {"id", "user", "pw"}, "a/#", soon, connected));
    CHECK_FALSE(connected);
    Script endless({std::string("\x20\xff\xff\xff\xff", 5)});
    CHECK_FALSE(await_mqtt_message(endless, {"id", "user", "pw"}, "a/#", soon, connected));
}

TEST_CASE("the camera obeys upload commands and no others", "[unit][camera]") {
    const auto upload = parse_upload_command(R"({"do":"upload","to":"http://drop.example:8081/a/b"})");
    REQUIRE(upload);
    CHECK(upload->host == "drop.example");
    CHECK(upload->port == 8081);
    CHECK(upload->path == "/a/b");
    CHECK(parse_upload_command(R"({"do":"upload","to":"http://drop.example"})")->path == "/");
    for (const auto* wrong :
         {"", "{}", "[1]", R"({"do":"reboot","to":"http://a/"})", R"({"do":"upload","to":"ftp://a/"})",
          R"({"do":"upload","to":"http://a:0/"})", R"({"do":"upload","to":"http://a:99999/"})",
          R"({"do":"upload","to":7})", R"({"do":"upload","to":"http:///x"})"}) {
        CHECK_FALSE(parse_upload_command(wrong));
    }
}

TEST_CASE("replies of FTP servers may take several lines", "[unit][camera]") {
    const auto reply = parse_ftp_reply("220-Welcome\r\n 220 not yet\r\n220 ready\r\n331 ");
    REQUIRE(reply);
    CHECK(reply->first.code == 220);
    CHECK(reply->first.text == "ready");
    CHECK_FALSE(parse_ftp_reply("220-Welcome\r\n"));
    CHECK(parse_ftp_reply("hello\r\n")->first.code == 0);
    CHECK(passive_port({227, "Entering passive mode (10,0,0,1,195,80)"}) == 50000);
    CHECK_FALSE(passive_port({227, "Entering passive mode (10,0,0,1,195"}));
    CHECK_FALSE(passive_port({227, "(10,0,0,1,256,80)"}));
    CHECK_FALSE(passive_port({425, "(10,0,0,1,195,80)"}));
}

TEST_CASE("messages of RTMP are put together from chunks of any size", "[unit][camera]") {
    std::string content(300, 'x');
    std::string chunks = std::string("\x03\0\0\0\0\x01\x2c\x14\0\0\0\0", 12) + content.substr(0, 128) +
                         "\xc3" + content.substr(128, 128) + "\xc3" + content.substr(256);
    for (std::size_t piece : {1, 7, 1000}) {
        RtmpReader reader;
        std::optional<RtmpMessage> found;
        for (std::size_t at = 0; at < chunks.size(); at += piece) {
            CHECK_FALSE(found);
            reader.feed(as_bytes(std::string_view(chunks).substr(at, piece)));
            found = reader.next();
        }
        REQUIRE(found);
        CHECK(found->kind == RtmpMessage::Kind::command);
        CHECK(as_text(found->content) == content);
        CHECK_FALSE(reader.broken());
    }
    RtmpReader reader;
    reader.feed(as_bytes(std::string_view("\x01\x02\x03", 3)));
    CHECK_FALSE(reader.next());
    CHECK(reader.broken());
}

TEST_CASE("nothing is published where the server does not agree", "[unit][camera]") {
    Script silent({});
    CHECK_FALSE(publish_by_rtmp(silent, {"a.example", "live", "key"}, "x", std::chrono::milliseconds(0)));
    CHECK(silent.said.size() == 1537);
    Script deaf({"\3" + std::string(3072, 's')});
    CHECK_FALSE(publish_by_rtmp(deaf, {"a.example", "live", "key"}, "x", std::chrono::milliseconds(0)));
    CHECK(deaf.said.find("connect") != std::string::npos);
    CHECK(deaf.said.find("publish") == std::string::npos);
}

TEST_CASE("pictures as plain samples have the size of their planes and no start codes inside",
          "[unit][camera]") {
    Scene scene(160, 96, "HV");
    const auto& picture = scene.at(0, "2026");
    const auto slice = h264_picture(picture, 1);
    CHECK(slice.size() >= 160U * 96 * 3 / 2 + 60);
    CHECK(slice.size() < 160U * 96 * 3 / 2 + 400);
    CHECK(as_text(slice).find(std::string_view("\0\0\1", 3)) == std::string_view::npos);
    const auto parameters = h264_parameters(picture);
    CHECK(parameters.sequence[1] == 66);
    CHECK(parameters.picture[0] == 0x68);
}
