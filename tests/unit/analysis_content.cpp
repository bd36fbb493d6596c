#include <zstd.h>

#include "harness/analysis/capture/capture_reader.hpp"
#include "harness/analysis/flows/content.hpp"
#include "harness/analysis/flows/ftp.hpp"
#include "harness/analysis/flows/protocol.hpp"
#include "harness/core/text.hpp"
#include "harness/wire/quic_initial.hpp"
#include "harness/wire/tls.hpp"
#include "tests/catch.hpp"
#include "tests/unit/gzip.hpp"
#include "tests/unit/packets.hpp"

using namespace cambench;
using namespace cambench::analysis;
using namespace cambench::packets;

namespace {

std::string_view mark_of(const Bytes& bytes, Position position = Position::middle) {
    const auto marks = find_marks(bytes, position);
    return marks.empty() ? std::string_view("none") : marks.front().what;
}

Bytes zstd(ByteView plain) {
    Bytes packed(ZSTD_compressBound(plain.size()));
    packed.resize(ZSTD_compress(packed.data(), packed.size(), plain.data(), plain.size(), 3));
    return packed;
}

struct Unpacked {
    std::uint64_t frames = 0;
    bool truncated = false;
};
Unpacked unpack(ByteView file) {
    auto reader = CaptureReader::open(memory_source(file));
    REQUIRE(reader.ok());
    Unpacked read;
    for (auto frame = reader->next(); frame.ok() && frame->has_value(); frame = reader->next()) ++read.frames;
    read.truncated = reader->truncated();
    return read;
}

Bytes some_capture() {
    Wire wire;
    wire.lease();
    for (int i = 0; i < 400; ++i)
        wire.connect(ip("203.0.113.2"), 443, client_hello("a.cloud.vendor.example"));
    return pcap(wire.frames);
}

}  // namespace

TEST_CASE("marks_of_media_and_programs_are_found_and_noise_has_none", "[analysis]") {
    CHECK(mark_of(ByteWriter().text("body").u32(0xffd8ffe0).u16(16).text("JFIF").u8(0).take()) ==
          "JPEG picture");
    CHECK(mark_of(ByteWriter().u32(1).u32(0x6764001e).u32(0xac000000).take()) == "H.264 video");
    CHECK(mark_of(ByteWriter().u32(1).u32(0x40010c01).take()) == "H.265 video");
    CHECK(mark_of(ByteWriter().u32(0x1ba).u32(0x44000401).u32(0x040189c3).u16(0xf800).u32(0x1bb).take()) ==
          "MPEG program stream");
    CHECK(mark_of(ByteWriter().text("FLV").u8(1).u8(5).u32(9).take()) == "FLV video");
    CHECK(mark_of(ByteWriter().u32(24).text("ftypisom").zeros(8).take()) == "MP4 video");
    ByteWriter transport;
    for (int i = 0; i < 7; ++i) transport.u32(0x47010010).zeros(184);
    CHECK(mark_of(transport.take()) == "MPEG transport stream");
    CHECK(mark_of(ByteWriter().u8(0x7f).text("ELF").u8(2).u8(1).u8(1).take()) == "ELF program");
    CHECK(mark_of(ByteWriter().text("MZ").zeros(58).u8(0x80).u24(0).zeros(64).text("PE").u16(0).take()) ==
          "Windows program");
    CHECK(mark_of(ByteWriter().text("MZ").zeros(58).u8(0x80).u24(0).zeros(64).text("NE").u16(0).take()) ==
          "none");
    CHECK(mark_of(ByteWriter().text("dex\n035").u8(0).take()) == "Android program");
    CHECK(mark_of(ByteWriter().text("dex\nabc").u8(0).take()) == "none");
    CHECK(mark_of(to_bytes("#!/bin/sh\nreboot\n"), Position::start) == "shell script");
    CHECK(mark_of(to_bytes("HTTP/1.1 200 OK\r\n\r\n#!/bin/sh\n")) == "shell script");
    CHECK(mark_of(to_bytes("see #!/bin/sh in the manual")) == "none");
    std::uint64_t state = 1;
    Bytes noise(4U << 20);
    for (auto& byte : noise)
        byte = static_cast<std::byte>((state = state * 6364136223846793005U + 1442695040888963407U) >> 56);
    CHECK(mark_of(noise) == "none");
    CHECK(mark_of(Bytes(4096)) == "none");
}

TEST_CASE("identifiers_are_found_in_every_writing", "[analysis]") {
    Identifiers identifiers;
    identifiers.add(mac("02:4b:52:aa:00:01"));
    identifiers.add("serial number", "AMC020SC43PJ749D66");
    identifiers.add("serial number", "12345");
    for (const std::string lead : {"", "x", "xy"}) {
        const auto found = identifiers.find(to_bytes("data=" + base64(lead + "AMC020SC43PJ749D66 and more")));
        REQUIRE(found.size() == 1);
        CHECK(found.front().what == "serial number in base64");
    }
    CHECK(identifiers.find(to_bytes("id=AMC020SC43PJ749D66")).front().what == "serial number in clear");
    CHECK(identifiers.find(to_bytes("024B52AA0001")).front().what == "MAC address in clear");
    CHECK(identifiers.find(ByteWriter().text("..").bytes(mac("02:4b:52:aa:00:01").bytes()).take())
              .front()
              .what == "MAC address in binary");
    CHECK(identifiers.find(to_bytes("12345 02:4b:52:aa:00:02")).empty());
}

TEST_CASE("passwords_in_clear_are_found_by_protocol", "[analysis]") {
    CHECK(find_credential(to_bytes("GET / HTTP/1.1\r\nAuthorization: Basic dTpw\r\n\r\n"), "http") ==
          "a password by Basic authentication");
    CHECK(find_credential(to_bytes("GET / HTTP/1.1\r\nAuthorization: Digest username=\"u\"\r\n\r\n"), "http")
              .empty());
    CHECK(find_credential(to_bytes("USER cam\r\nPASS secret\r\n"), "ftp") == "an FTP password");
    CHECK(find_credential(to_bytes("USER anonymous\r\nPASS x@\r\n"), "ftp").empty());
    CHECK(find_credential(
              ByteWriter().u8(0x10).u8(40).u16(4).text("MQTT").u8(4).u8(0xc2).u16(60).zeros(20).take(),
              "mqtt") == "an MQTT password");
    CHECK(
        find_credential(
            ByteWriter().u8(0x10).u8(40).u16(4).text("MQTT").u8(4).u8(0x02).u16(60).zeros(20).take(), "mqtt")
            .empty());
}

TEST_CASE("packed_captures_read_as_the_plain_ones_and_say_when_they_are_torn", "[analysis]") {
    const auto plain = some_capture();
    const auto whole = unpack(plain);
    REQUIRE(whole.frames > 2000);
    for (auto packed : {gzip(plain), zstd(plain)}) {
        const auto same = unpack(packed);
        CHECK(same.frames == whole.frames);
        CHECK_FALSE(same.truncated);
        packed.resize(packed.size() * 3 / 4);
        const auto torn = unpack(packed);
        CHECK(torn.frames < whole.frames);
        CHECK(torn.truncated);
    }
    const auto middle = static_cast<std::ptrdiff_t>(plain.size() / 2);
    const auto members = gzip({plain.data(), static_cast<std::size_t>(middle)}) +
                         gzip(ByteView(plain).subspan(static_cast<std::size_t>(middle)));
    CHECK(unpack(members).frames == whole.frames);
    const auto refused = CaptureReader::open(memory_source(ByteWriter().u32(0xfd377a58).u32(0).take()));
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().message.find("xz") != std::string::npos);
}

TEST_CASE("fingerprints_of_hellos_have_their_published_values", "[analysis]") {
    // The example of JA4's own description (a Chrome), from its lists.
    ClientHello hello;
    hello.legacy_version = 0x0303;
    hello.versions = {0x0304, 0x0303};
    hello.ciphers = {0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9,
                     0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035};
    hello.extensions = {0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d,
                        0x0005, 0x0023, 0x0012, 0x002b, 0xff01, 0x000b, 0x000a, 0x0015};
    hello.signature_algorithms = {0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601};
    hello.protocols = {"h2", "http/1.1"};
    CHECK(ja4(hello, 't') == "t13d1516h2_8daaf6152771_e5627efa2ab1");
    // The example of JA3's description.
    ClientHello old;
    old.legacy_version = 769;
    old.ciphers = {47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4};
    old.extensions = {0, 10, 11};
    old.groups = {23, 24, 25};
    old.point_formats = {0};
    CHECK(ja3(old) == "ada70206e40642a3e4461f35503241d5");
    CHECK(ja4({}, 'q').starts_with("q00i000000_000000000000_"));
}

TEST_CASE("passive_replies_name_the_port_of_the_data", "[analysis]") {
    const auto server = ip("192.0.2.9");
    CHECK(parse_passive_reply("227 Entering Passive Mode (192,0,2,1,19,137).\r\n", server) ==
          Endpoint{ip("192.0.2.1"), 5001});
    CHECK(parse_passive_reply("229 Entering Extended Passive Mode (|||6446|)\r\n", server) ==
          Endpoint{server, 6446});
    for (const auto* text :
         {"227 Entering (1,2,3)", "227", "229 (|||99999|)", "229 (|||1", "227 (300,1,1,1,1,1)", "230 done"})
        CHECK_FALSE(parse_passive_reply(text, server));
}

TEST_CASE("data_of_an_ftp_session_belongs_to_it", "[analysis]") {
    Wire wire;
    wire.lease().resolve("store.vendor.example", ip("203.0.113.21"));
    wire.connect(ip("203.0.113.21"), 21, to_bytes("USER cam\r\n"), to_bytes("220 ready\r\n"));
    // The reply stands in a session of its own so that the banner comes first.
    const std::uint16_t port = 48111;
    const auto peer = ip("203.0.113.21");
    wire.out(peer, 6, tcp(port, 21, 1, 0, syn));
    wire.in(peer, 6, tcp(21, port, 9, 2, syn | ack));
    wire.in(peer, 6, tcp(21, port, 10, 2, ack, to_bytes("220 ready\r\n")));
    wire.out(peer, 6, tcp(port, 21, 2, 21, ack, to_bytes("EPSV\r\n")));
    wire.in(peer, 6, tcp(21, port, 21, 8, ack, to_bytes("229 Extended (|||50001|)\r\n")));
    wire.connect(peer, 50001, to_bytes("a picture"), {});
    const auto observations = observe(wire.frames, true);
    const auto* data = find(observations, "store.vendor.example", 50001);
    REQUIRE(data != nullptr);
    CHECK(data->control_port == 21);
    CHECK(data->protocol == "ftp-data");
}

TEST_CASE("protocols_of_cameras_are_recognised_on_any_port", "[analysis]") {
    const auto by_udp = [](const Bytes& out) {
        return detect_protocol({out, {}, Transport::udp, 23456, 40000, false});
    };
    const auto by_tcp = [](const Bytes& out) {
        return detect_protocol({out, {}, Transport::tcp, 23456, 40000, false});
    };
    CHECK(by_udp(ByteWriter().u8(0).u8(1).text("digicap.dav").u8(0).text("octet").u8(0).take()) == "tftp");
    CHECK(by_udp(ByteWriter().u32(0x80000000).zeros(12).u32(4).zeros(44).take()) == "srt");
    CHECK(by_udp(ByteWriter().u16(1).u16(0).u32(0x2112a442).zeros(12).take()) == "stun");
    CHECK(by_udp(ByteWriter().u16(1).u16(8).zeros(16).u16(3).u16(4).u32(0).take()) == "stun");
    CHECK(by_udp(ByteWriter().u16(0xfffe).u16(0).u32(0x2112a442).zeros(12).take()) == "stun");
    CHECK(by_tcp(ByteWriter().u8(3).u32(1234).u32(0).zeros(1528).take()) == "rtmp");
    CHECK(by_tcp(ByteWriter().u32(0xf6000000).zeros(28).text("{\"method\":\"x\"}").take()) == "dvrip");
    CHECK(by_tcp(to_bytes("\x13"
                          "BitTorrent protocol and more")) == "bittorrent");
    CHECK(by_udp(to_bytes("d1:ad2:id20:abcdefghij01234567896:target20:mnopqrstuvwxyz123456e1:q9:find_node1:"
                          "t2:aa1:y1:qe")) == "bittorrent");
    CHECK(by_udp(to_bytes("anything else, quite plain")).empty());
}

TEST_CASE("the_first_datagram_of_quic_names_whom_the_camera_wants", "[analysis]") {
    for (const std::uint32_t version : {QuicVersion::v1, QuicVersion::v2}) {
        const auto record = client_hello("push.cloud.vendor.example");
        const auto hello = ByteView(record).subspan(5);  // without the record's header
        ByteWriter frames;
        frames.u8(6)
            .u8(0)
            .u16(static_cast<std::uint16_t>(0x4000 | hello.size()))
            .bytes(hello)
            .zeros(1100 - hello.size());
        const auto target = to_bytes("12345678");
        const std::uint8_t first = version == QuicVersion::v1 ? 0xc0 : 0xd0;
        auto head = ByteWriter().u8(first).u32(version).u8(8).bytes(target).u8(0).u8(0).take();
        const auto keys = quic_initial_keys(version, target, QuicSide::client);
        REQUIRE(keys);
        Wire wire;
        wire.lease();
        wire.datagram(ip("203.0.113.40"), 443, seal_quic_initial(std::move(head), frames.view(), *keys));
        const auto observations = observe(wire.frames);
        const auto* found = find(observations, "push.cloud.vendor.example", 443);
        INFO(version);
        REQUIRE(found != nullptr);
        CHECK(found->resolution == Resolution::sni);
        CHECK(found->protocol == "quic");
    }
}

TEST_CASE("a_run_of_counted_datagrams_is_rtp_and_other_series_are_not", "[analysis]") {
    RtpSense media, other;
    for (std::uint16_t i = 0; i < 20; ++i) {
        if (i % 7 != 3)
            media.add(ByteWriter()
                          .u8(0x80)
                          .u8(96)
                          .u16(static_cast<std::uint16_t>(65530 + i))
                          .u32(i * 3600U)
                          .u32(0x12345678)
                          .zeros(40)
                          .take());
        other.add(ByteWriter()
                      .u8(0x80)
                      .u8(96)
                      .u16(static_cast<std::uint16_t>(i * 977))
                      .u32(i)
                      .u32(i * 31U)
                      .zeros(40)
                      .take());
    }
    CHECK(media.is_rtp());
    CHECK_FALSE(other.is_rtp());
}

TEST_CASE("frames_cut_before_the_names_are_read_make_literals_uncertain", "[analysis]") {
    Wire wire;
    wire.lease().resolve("a.cloud.vendor.example", ip("203.0.113.2"));
    for (auto& one : wire.frames) one.frame.resize(std::min<std::size_t>(one.frame.size(), 1500));
    auto file = pcap(wire.frames);
    ByteWriter cut;
    cut.bytes(ByteView(file).first(24));
    for (const auto& [time, frame] : wire.frames) {
        const auto kept = std::min<std::size_t>(frame.size(), 64);
        cut.u32_le(static_cast<std::uint32_t>(time.count() / 1'000'000'000))
            .u32_le(static_cast<std::uint32_t>(time.count() % 1'000'000'000))
            .u32_le(static_cast<std::uint32_t>(kept))
            .u32_le(static_cast<std::uint32_t>(frame.size()))
            .bytes(ByteView(frame).first(kept));
    }
    const TemporaryFile short_file(cut.view());
    analysis::Inputs inputs;
    inputs.captures = {{short_file.path(), "cut.pcap"}};
    const auto observations = analyze(inputs);
    REQUIRE(observations.ok());
    CHECK(observations->cut_answers > 0);
}
