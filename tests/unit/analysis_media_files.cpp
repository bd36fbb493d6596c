#include "harness/analysis/contents/media_files.hpp"

#include "harness/core/text.hpp"
#include "tests/catch.hpp"
#include "tests/unit/packets.hpp"

using namespace cambench;
using namespace cambench::packets;

namespace {

const auto viewer = ip("203.0.113.9");

std::vector<analysis::MediaFile> media_in(const Wire& wire) {
    const TemporaryFile capture(pcap(wire.frames));
    const std::vector<analysis::Recording> recordings{{capture.path(), ""}};
    const auto seen = analysis::analyze({.captures = recordings});
    REQUIRE(seen);
    auto files = analysis::take_media(recordings, *seen);
    REQUIRE(files);
    return std::move(files).value();
}

/// With a thumbnail that ends inside it, as cameras make them.
Bytes picture() {
    ByteWriter out;
    out.u16(0xffd8).u16(0xffe0).u16(16).text("JFIF").zeros(10);
    out.u16(0xffe1).u16(8).u16(0xffd8).u16(0xffd9).u16(0);
    out.u16(0xffda).u16(4).u16(0);
    for (int i = 0; i < 2000; ++i) out.u8(static_cast<std::uint8_t>(i % 200));
    return out.u16(0xffd9).take();
}

}  // namespace

TEST_CASE("a_picture_that_was_sent_in_clear_comes_out_whole", "[analysis]") {
    const auto sent =
        to_bytes("POST /p HTTP/1.1\r\nHost: a.example\r\n\r\n") + picture() + to_bytes("--boundary and more");
    Wire wire;
    wire.lease().out(viewer, 6, tcp(40900, 80, 999, 0, syn));
    wire.in(viewer, 6, tcp(80, 40900, 1999, 1000, syn | ack));
    constexpr std::size_t segment = 500;
    std::vector<std::pair<std::uint32_t, Bytes>> segments;
    for (std::size_t at = 0; at < sent.size(); at += segment)
        segments.emplace_back(
            1000 + at,
            Bytes(sent.begin() + static_cast<std::ptrdiff_t>(at),
                  sent.begin() + static_cast<std::ptrdiff_t>(std::min(sent.size(), at + segment))));
    std::swap(segments[1], segments[2]);  // out of order
    segments.push_back(segments[1]);      // and one again
    for (const auto& [sequence, content] : segments)
        wire.out(viewer, 6, tcp(40900, 80, sequence, 2000, ack | psh, content));
    const auto files = media_in(wire);
    REQUIRE(files.size() == 1);
    CHECK(files[0].name == "001-203.0.113.9-80.jpg");
    CHECK((files[0].bytes == picture()));
}

TEST_CASE("a_picture_late_in_a_long_connection_comes_out_too", "[analysis]") {
    const auto before = ByteWriter().zeros(1400).take();
    constexpr std::uint32_t segments = 1000;
    Wire wire;
    wire.lease().out(viewer, 6, tcp(40900, 80, 999, 0, syn));
    wire.in(viewer, 6, tcp(80, 40900, 1999, 1000, syn | ack));
    for (std::uint32_t i = 0; i < segments; ++i)
        wire.out(viewer, 6, tcp(40900, 80, 1000 + 1400 * i, 2000, ack | psh, before));
    wire.out(viewer, 6, tcp(40900, 80, 1000 + 1400 * segments, 2000, ack | psh, picture()));
    const auto files = media_in(wire);
    REQUIRE(files.size() == 1);
    CHECK((files[0].bytes == picture()));
}

TEST_CASE("a_picture_in_base64_comes_out_as_the_picture", "[analysis]") {
    const auto digits = base64(as_text(picture()));
    Wire wire;
    wire.lease().connect(viewer, 80,
                         to_bytes("POST /p HTTP/1.1\r\nHost: a.example\r\n\r\n{\"p\":\"" + digits + "\"}"));
    const auto files = media_in(wire);
    REQUIRE(files.size() == 1);
    CHECK(files[0].name == "001-203.0.113.9-80.jpg");
    CHECK((files[0].bytes == picture()));
}

TEST_CASE("video_in_rtp_comes_out_with_start_codes", "[analysis]") {
    const auto sequence = ByteWriter().u32(0x6742c01e).u32(0xd9008000).take(),
               slice = ByteWriter().u8(0x65).zeros(40).take();
    Wire wire;
    wire.lease();
    Bytes expected;
    for (std::uint16_t i = 0; i < 12; ++i) {
        const auto head = ByteWriter().u8(0x80).u8(96).u16(i).u32(i * 3600U).u32(0x51515151).take();
        if (i == 3) {  // one unit in two pieces
            const auto rest = Bytes(slice.begin() + 1, slice.end());
            wire.out(viewer, 17, udp(7000, 6000, head + ByteWriter().u8(0x7c).u8(0x85).bytes(rest).take()));
            expected = expected + ByteWriter().u32(1).bytes(slice).take();
            continue;
        }
        const auto& unit = i % 4 == 0 ? sequence : slice;
        wire.out(viewer, 17, udp(7000, 6000, head + unit));
        expected = expected + ByteWriter().u32(1).bytes(unit).take();
    }
    const auto files = media_in(wire);
    REQUIRE(files.size() == 1);
    CHECK(files[0].name == "001-203.0.113.9-6000.h264");
    CHECK((files[0].bytes == expected));
}

TEST_CASE("where_no_media_were_sent_none_are_taken_out", "[analysis]") {
    Wire wire;
    wire.lease().connect(viewer, 80, to_bytes("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"),
                         to_bytes("HTTP/1.1 200 OK\r\n\r\n") + picture());
    CHECK(media_in(wire).empty());
}
