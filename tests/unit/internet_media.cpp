#include "bench/internet/services/media/rtp_media.hpp"
#include "bench/internet/services/media/rtsp.hpp"
#include "bench/internet/world/dialogue.hpp"
#include "harness/wire/rtmp_message.hpp"
#include "harness/wire/rtsp_message.hpp"
#include "tests/catch.hpp"
#include "tests/unit/internet_support.hpp"

using namespace cambench;
using namespace cambench::internet;
using namespace std::string_literals;

namespace {

std::string command(const std::vector<Json>& values, std::uint32_t stream = 0) {
    std::string content;
    for (const auto& value : values) content += rtmp::amf0(value);
    return rtmp::chunks(rtmp::Kind::command0, 3, stream, content);
}

std::string handshake() { return "\3"s + std::string(rtmp::handshake_size, '\7'); }

std::string rtp(unsigned sequence, std::string_view payload, bool marker = false, unsigned type = 96) {
    ByteWriter writer;
    writer.u8(0x80)
        .u8(static_cast<std::uint8_t>(type | (marker ? 0x80U : 0U)))
        .u16(static_cast<std::uint16_t>(sequence))
        .u32(1)
        .u32(2)
        .text(payload);
    return std::string(as_text(writer.view()));
}

std::string framed(unsigned channel, const std::string& datagram) {
    ByteWriter writer;
    writer.u8('$')
        .u8(static_cast<std::uint8_t>(channel))
        .u16(static_cast<std::uint16_t>(datagram.size()))
        .text(datagram);
    return std::string(as_text(writer.view()));
}

const std::string sdp =
    "v=0\r\ns=x\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1; "
    "sprop-parameter-sets=Z0I=,aM4=\r\na=control:streamid=0\r\n";

std::string announce() {
    return "ANNOUNCE rtsp://m.example/live RTSP/1.0\r\nCSeq: 2\r\nContent-Type: "
           "application/sdp\r\nContent-Length: " +
           std::to_string(sdp.size()) + "\r\n\r\n" + sdp;
}

}  // namespace

TEST_CASE("what is published by RTMP is kept as an FLV file") {
    for (const std::size_t piece : {0, 1, 100}) {
        TestWorld test;
        auto conversation = make_conversation(test.world, test.flow("198.51.100.8", 1935, Transport::tcp));
        auto answer = say(*conversation, handshake() + std::string(rtmp::handshake_size, 'c'), piece);
        REQUIRE(answer.size() == 1 + 2 * rtmp::handshake_size);
        CHECK(answer[0] == '\3');
        CHECK(answer.substr(1 + rtmp::handshake_size) == std::string(rtmp::handshake_size, '\7'));
        answer = say(*conversation,
                     command({"connect", 1.0, {{"app", "live"}, {"tcUrl", "rtmp://m.example/live"}}}), piece);
        CHECK(answer.find("NetConnection.Connect.Success") != std::string::npos);
        answer = say(*conversation, command({"createStream", 2.0, nullptr}), piece);
        CHECK(answer.find("_result") != std::string::npos);
        answer = say(*conversation, command({"publish", 3.0, nullptr, "key", "live"}, 1), piece);
        CHECK(answer.find("NetStream.Publish.Start") != std::string::npos);
        const auto picture = "\x17\1\0\0\0"s + std::string(300, 'v');
        (void)say(
            *conversation,
            rtmp::chunks(rtmp::Kind::data0, 4, 1, rtmp::amf0("@setDataFrame") + rtmp::amf0("onMetaData")),
            piece);
        (void)say(*conversation, rtmp::chunks(rtmp::Kind::video, 6, 1, picture), piece);
        (void)say(*conversation, rtmp::chunks(rtmp::Kind::audio, 5, 1, "\xaf\1snd"), piece);
        conversation->closed();
        const auto media = test.recorder.last("media");
        CHECK(media["url"] == "rtmp://m.example/live/key");
        CHECK(media["video_codec"] == "h264");
        CHECK(media["audio_codec"] == "aac");
        const auto file = media["payload"].get<std::string>();
        CHECK(file.starts_with("FLV\1\5\0\0\0\x09\0\0\0\0\x12"s));
        CHECK(file.find(picture) != std::string::npos);
        CHECK(file.find("@setDataFrame") == std::string::npos);
        CHECK(file.size() == 13 + (15 + 13) + (15 + picture.size()) + (15 + 5));
    }
}

TEST_CASE("RTMP chunks with short heads, a changed chunk size and extended times are followed") {
    std::vector<rtmp::Message> taken;
    rtmp::ChunkReader reader;
    const auto take = [&](rtmp::Message message) { taken.push_back(std::move(message)); };
    CHECK(reader.feed(as_bytes("\2\0\0\0\0\0\4\1\0\0\0\0\0\0\1\0"s), take).ok());  // chunk size 256
    CHECK(reader.feed(as_bytes("\4\0\0\x0a\0\0\xc8\x09\1\0\0\0"s + std::string(200, 'a')), take).ok());
    CHECK(reader.feed(as_bytes("\x84\0\0\5"s + std::string(200, 'b')), take).ok());
    CHECK(reader.feed(as_bytes("\4\xff\xff\xff\0\0\1\x09\1\0\0\0\1\0\0\0c"s), take).ok());
    REQUIRE(taken.size() == 4);
    CHECK(taken[1].timestamp == 10);
    CHECK(taken[2].timestamp == 15);
    CHECK(taken[2].content.size() == 200);
    CHECK(taken[3].timestamp == 0x01000000);
    CHECK_FALSE(rtmp::ChunkReader().feed(as_bytes("\xc5"s), take).ok());
    CHECK_FALSE(rtmp::ChunkReader().feed(as_bytes("\4\0\0\0\xff\xff\xff\x09\0\0\0\0"s), take).ok());
}

TEST_CASE("AMF values are read back, and broken ones end the list") {
    const Json object{{"a", 1.5}, {"b", true}, {"c", "x"}, {"d", nullptr}};
    CHECK(rtmp::parse_amf0(as_bytes(rtmp::amf0("name") + rtmp::amf0(object))) ==
          std::vector<Json>{"name", object});
    CHECK(rtmp::parse_amf0(as_bytes("\2\0\x09"
                                    "abc"s))
              .empty());
    CHECK(rtmp::parse_amf0(as_bytes("\x0a\xff\xff\xff\xff\5"s)).size() <= 1);
    CHECK(rtmp::parse_amf0(as_bytes(std::string(1000, '\3'))).empty());
}

TEST_CASE("what is recorded by RTSP inside its own connection is kept as a file that plays") {
    for (const std::size_t piece : {0, 1, 33}) {
        TestWorld test;
        auto conversation = make_conversation(test.world, test.flow("198.51.100.9", 8554, Transport::tcp));
        CHECK(say(*conversation, "OPTIONS rtsp://m.example/live RTSP/1.0\r\nCSeq: 1\r\n\r\n", piece)
                  .find("ANNOUNCE") != std::string::npos);
        CHECK(say(*conversation, announce(), piece).starts_with("RTSP/1.0 200 OK\r\nCSeq: 2\r\n"));
        const auto setup = say(*conversation,
                               "SETUP rtsp://m.example/live/streamid=0 RTSP/1.0\r\nCSeq: 3\r\nTransport: "
                               "RTP/AVP/TCP;unicast;interleaved=0-1;mode=record\r\n\r\n",
                               piece);
        CHECK(setup.find("interleaved=0-1") != std::string::npos);
        CHECK(say(*conversation, "RECORD rtsp://m.example/live RTSP/1.0\r\nCSeq: 4\r\n\r\n", piece)
                  .starts_with("RTSP/1.0 200"));
        (void)say(*conversation,
                  framed(0, rtp(1, "\x65whole")) +
                      framed(0, rtp(2,
                                    "\x7c\x85"
                                    "fra")) +
                      framed(1, "report") + framed(0, rtp(4, "\x7c\x45gment", true)),
                  piece);
        (void)say(*conversation, framed(0, rtp(5, "\x18\0\2ab\0\1c"s)), piece);
        (void)say(*conversation, "TEARDOWN rtsp://m.example/live RTSP/1.0\r\nCSeq: 5\r\n\r\n", piece);
        const auto media = test.recorder.last("media");
        CHECK(media["payload"] == "\0\0\0\1\x67\x42\0\0\0\1\x68\xce"s + "\0\0\0\1\x65whole"s +
                                      "\0\0\0\1\x65"
                                      "fragment"s +
                                      "\0\0\0\1ab\0\0\0\1c"s);
        CHECK(media["container"] == "h264");
        CHECK(media["packets"] == 4);
        CHECK(media["lost"] == 1);
        CHECK(media["reports"] == 1);
        CHECK(test.recorder.all("rtsp-request")[1]["payload"] == sdp);
        conversation->closed();
        CHECK(test.recorder.all("media").size() == 1);
    }
}

TEST_CASE("RTP over UDP belongs to the session that was told its port") {
    TestWorld test;
    auto conversation = make_rtsp_dialogue(test.world, test.flow("198.51.100.9", 554, Transport::tcp));
    (void)say(*conversation, announce());
    const auto setup = say(*conversation,
                           "SETUP rtsp://m.example/live/streamid=0 RTSP/1.0\r\nCSeq: 3\r\nTransport: "
                           "RTP/AVP/UDP;unicast;client_port=5000-5001\r\n\r\n");
    const auto at = setup.find("server_port=");
    REQUIRE(at != std::string::npos);
    const Endpoint server{ip("198.51.100.9"), static_cast<std::uint16_t>(std::stoi(setup.substr(at + 12)))};
    REQUIRE(test.world.datagram_takers.size() == 2);
    auto flow = test.flow("198.51.100.9", server.port, Transport::udp);
    test.world.datagram_takers.at(server)(flow, as_bytes(rtp(1,
                                                             "\x65"
                                                             "a")));
    conversation->closed();
    CHECK(test.recorder.last("media")["over"] == "udp");
    CHECK(test.world.datagram_takers.empty());
}

TEST_CASE("a JPEG is given back the head that RTP leaves out") {
    const auto first =
        "\0\0\0\0\1\x32\x28\x1e"
        "scan"s;
    const auto piece = parse_rtp_jpeg(as_bytes(first));
    REQUIRE(piece.ok());
    CHECK(hex(ByteView(piece->head).first(6)) == "ff d8 ff db 00 43");
    CHECK(as_text(piece->head).find("\xff\xc0\0\x11\x08\0\xf0\1\x40\3"s) !=
          std::string_view::npos);  // 320 x 240
    CHECK(as_text(piece->scan) == "scan");
    const auto second =
        "\0\0\0\5\1\x32\x28\x1e"
        "more"s;
    const auto later = parse_rtp_jpeg(as_bytes(second));
    REQUIRE(later.ok());
    CHECK(later->head.empty());
    CHECK_FALSE(parse_rtp_jpeg(as_bytes("\0\0\0"s)).ok());
    CHECK_FALSE(parse_rtp_jpeg(as_bytes("\0\0\0\0\1\xff\x28\x1e\0\0\xff\xff"s)).ok());
}

TEST_CASE("RTP packets lose their extension and padding, and broken ones are refused") {
    const auto datagram =
        "\xb1\x60\0\1\0\0\0\2\0\0\0\3"
        "csrc"
        "\xbe\xde\0\1"
        "extn"
        "body\0\2"s;
    const auto packet = parse_rtp(as_bytes(datagram));
    REQUIRE(packet.ok());
    CHECK(as_text(packet->payload) == "body");
    CHECK_FALSE(parse_rtp(as_bytes("\x40\x60\0\1\0\0\0\2\0\0\0\3"s)).ok());
    CHECK_FALSE(parse_rtp(as_bytes("\xa0\x60\0\1\0\0\0\2\0\0\0\3\x09"s)).ok());
    CHECK_FALSE(parse_rtp(as_bytes("\x8f\x60\0\1\0\0\0\2\0\0\0\3"s)).ok());
}
