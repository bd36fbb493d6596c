#include "harness/wire/websocket.hpp"
#include "tests/catch.hpp"
#include "tests/unit/packets.hpp"

using namespace cambench;
using namespace cambench::packets;
using analysis::ContentKind;

namespace cambench::edges {
/// Contents that segments, chunks, masks and ports of the server's choice keep apart from their marks.
namespace {

const auto server = ip("203.0.113.9");

/// One connection over which each side says its parts one after another, a segment each.
class Talk {
public:
    Talk() {
        wire_.lease().out(server, 6, tcp(40900, 80, 999, 0, syn));
        wire_.in(server, 6, tcp(80, 40900, 1999, 1000, syn | ack));
    }
    Talk& out(const Bytes& part) {
        wire_.out(server, 6, tcp(40900, 80, mine_, theirs_, ack | psh, part));
        mine_ += static_cast<std::uint32_t>(part.size());
        return *this;
    }
    Talk& in(const Bytes& part) {
        wire_.in(server, 6, tcp(80, 40900, theirs_, mine_, ack | psh, part));
        theirs_ += static_cast<std::uint32_t>(part.size());
        return *this;
    }
    Talk& again(const Bytes& part) {
        wire_.out(server, 6,
                  tcp(40900, 80, mine_ - static_cast<std::uint32_t>(part.size()), theirs_, ack | psh, part));
        return *this;
    }
    [[nodiscard]] bool has(ContentKind kind, bool certain = true) const {
        const auto seen = observe(wire_.frames);
        for (const auto& destination : seen.destinations)
            for (const auto& fact : destination.contents)
                if (fact.kind == kind && fact.certain == certain) return true;
        return false;
    }

private:
    Wire wire_;
    std::uint32_t mine_ = 1000, theirs_ = 2000;
};

Bytes part(const Bytes& whole, std::size_t begin, std::size_t end) {
    return {whole.begin() + static_cast<std::ptrdiff_t>(begin),
            whole.begin() + static_cast<std::ptrdiff_t>(end)};
}

Bytes elf() { return ByteWriter().u8(0x7f).text("ELF").u8(1).u8(1).u8(1).zeros(60).take(); }
Bytes jpeg() { return ByteWriter().u16(0xffd8).u16(0xffe0).u16(16).text("JFIF").zeros(80).take(); }

Bytes masked(const Bytes& content, std::uint32_t mask) {
    ByteWriter out;
    out.u8(0x82).u8(0x80 | 126).u16(static_cast<std::uint16_t>(content.size())).u32(mask);
    for (std::size_t i = 0; i < content.size(); ++i)
        out.u8(static_cast<std::uint8_t>(std::to_integer<unsigned>(content[i]) ^
                                         (mask >> (24 - 8 * (i % 4)) & 0xff)));
    return out.take();
}

const std::string get = "GET /x HTTP/1.1\r\nHost: a.example\r\n\r\n",
                  ok = "HTTP/1.1 200 OK\r\nContent-Length: 67\r\n\r\n";
const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                  script = "#!/bin/sh\nnc 198.51.100.9 4444\n";

/// A parameter set behind its length in four bytes.
Bytes behind_length(const Bytes& set) {
    return ByteWriter().u32(static_cast<std::uint32_t>(set.size())).bytes(set).take();
}

}  // namespace

TEST_CASE("parameter_sets_of_video_are_known_behind_their_lengths", "[analysis]") {
    const auto sequence = ByteWriter().u32(0x674d001f).u32(0x9a6602d0).u32(0x1f3a5014).take(),
               picture = ByteWriter().u32(0x68ee3c80).take();
    CHECK(Talk()
              .out(to_bytes("hello"))
              .out(behind_length(sequence) + behind_length(picture) + to_bytes("and a picture"))
              .has(ContentKind::media));
    CHECK(Talk()
              .out(to_bytes("hello") + behind_length(sequence) + behind_length(picture))
              .has(ContentKind::media));
    const auto whole = ByteWriter().u32(0x40010c01).u32(0xffff0160).u32(0x00000300).take(),
               behind = ByteWriter().u32(0x42010101).u32(0x60000003).take();
    CHECK(Talk().out(behind_length(whole) + behind_length(behind)).has(ContentKind::media));
    CHECK_FALSE(Talk().out(sequence + picture).has(ContentKind::media));  // no lengths
    CHECK_FALSE(Talk().out(behind_length(sequence) + to_bytes("gM is a text")).has(ContentKind::media));
}

TEST_CASE("a_shell_given_to_a_peer_is_known_by_both_sides_of_the_talk", "[analysis]") {
    const auto greeting =
        to_bytes("\nBusyBox v1.26.2 (2019-05-01 10:00:00 CST) built-in shell (ash)\n\n/ # ");
    CHECK(Talk()
              .out(greeting)
              .in(to_bytes("cat /etc/passwd\n"))
              .out(to_bytes("root:x:0:0\n/ # "))
              .has(ContentKind::command));
    CHECK(Talk()
              .out(to_bytes("# "))
              .in(to_bytes("/bin/ls /mnt\n"))
              .out(to_bytes("config\n# "))
              .has(ContentKind::command));
    CHECK(Talk().in(to_bytes("id\n")).out(to_bytes("uid=0(root) gid=0(root)\n")).has(ContentKind::command));
    // Its log, its settings: texts that look alike, which nobody asked for by a command.
    CHECK_FALSE(Talk().out(greeting).in(to_bytes("OK\n")).has(ContentKind::command));
    CHECK(Talk().out(greeting).in(to_bytes("OK\n")).has(ContentKind::command, false));
    CHECK(Talk().out(to_bytes("$ ")).has(ContentKind::command, false));
    CHECK(Talk()
              .in(to_bytes("220 ready\r\n"))
              .out(to_bytes("sh: 1: 220: not found\n"))
              .has(ContentKind::command));
    CHECK_FALSE(Talk()
                    .out(to_bytes("# network\nip=dhcp\n# time\nserver=ntp\n"))
                    .in(to_bytes("identified\n"))
                    .has(ContentKind::command));
    CHECK_FALSE(Talk().out(to_bytes("status fine\n")).in(to_bytes("ls 5\n")).has(ContentKind::command));
}

TEST_CASE("a_datagram_that_a_mirror_gives_twice_counts_once", "[analysis]") {
    const auto to = ip("198.51.100.77");
    const auto datagram = [&](std::uint16_t id, std::string_view text) {
        return ipv4(Wire().camera, to, 17, udp(40001, 9000, to_bytes(text)), id);
    };
    Wire wire;
    const auto put = [&](const Bytes& frame) {
        wire.put(ethernet(wire.router_mac, wire.camera_mac, 0x0800, frame));
    };
    for (const auto* text : {"first", "other", "third"}) {
        put(datagram(7, text));
        wire.wait(-std::chrono::microseconds(950));
        put(datagram(7, text));  // 50 microseconds later
    }
    CHECK(observe(wire.frames).destinations.at(0).bytes_out == 15);
    wire.wait(-std::chrono::microseconds(950));
    put(datagram(8, "third"));  // the camera's next
    put(datagram(8, "third"));  // too late for a mirror
    CHECK(observe(wire.frames).destinations.at(0).bytes_out == 25);
}

TEST_CASE("a_mark_that_two_segments_share_is_found", "[analysis]") {
    for (std::size_t cut = 1; cut < 7; ++cut) {
        CHECK(Talk()
                  .out(to_bytes(get))
                  .in(to_bytes(ok) + part(elf(), 0, cut))
                  .in(part(elf(), cut, elf().size()))
                  .has(ContentKind::code));
        CHECK(Talk()
                  .out(to_bytes("POST /x HTTP/1.1\r\n\r\n") + part(jpeg(), 0, cut))
                  .out(part(jpeg(), cut, jpeg().size()))
                  .has(ContentKind::media));
    }
    Talk bytewise;
    bytewise.out(to_bytes(get)).in(to_bytes(ok));
    for (std::size_t i = 0; i < elf().size(); ++i) bytewise.in(part(elf(), i, i + 1));
    CHECK(bytewise.has(ContentKind::code));
}

TEST_CASE("a_script_is_known_where_a_body_begins_and_not_amid_a_page", "[analysis]") {
    CHECK(Talk().out(to_bytes(get)).in(to_bytes(ok)).in(to_bytes(script)).has(ContentKind::code));
    CHECK(Talk().out(to_bytes(get)).in(to_bytes(ok + script)).has(ContentKind::code));
    CHECK(Talk().out(to_bytes(get)).in(to_bytes(chunked + "1f\r\n" + script)).has(ContentKind::code));
    CHECK(Talk()
              .out(to_bytes(get))
              .in(to_bytes(chunked))
              .in(to_bytes("1f\r\n"))
              .in(to_bytes(script))
              .has(ContentKind::code));
    CHECK_FALSE(Talk().out(to_bytes(get)).in(to_bytes(ok + "<p>a line\r\n" + script)).has(ContentKind::code));
    CHECK_FALSE(Talk()
                    .out(to_bytes(get))
                    .in(to_bytes(ok))
                    .in(to_bytes("<p>of "))
                    .in(to_bytes(script))
                    .has(ContentKind::code));
}

TEST_CASE("pictures_under_the_mask_of_websocket_are_found", "[analysis]") {
    const auto upgrade =
        to_bytes("GET /ws HTTP/1.1\r\nHost: a.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
    const auto agreed = to_bytes("HTTP/1.1 101 Switching Protocols\r\n\r\n");
    const auto text = masked(to_bytes("{\"state\":\"fine\"}"), 0x11223344),
               picture = masked(jpeg(), 0xa1b2c3d4);
    CHECK(Talk().out(upgrade).in(agreed).out(text).out(picture).has(ContentKind::media));
    CHECK(Talk()
              .out(upgrade)
              .in(agreed)
              .out(text)
              .again(text)
              .out(part(picture, 0, 5))
              .out(part(picture, 5, picture.size()))
              .has(ContentKind::media));
    CHECK_FALSE(Talk().out(upgrade).in(agreed).out(text).out(text).has(ContentKind::media));
    CHECK_FALSE(Talk().out(to_bytes(get)).in(agreed).out(picture).has(ContentKind::media));
}

TEST_CASE("masks_come_off_whatever_the_frames_lengths_and_cuts", "[analysis]") {
    for (const std::size_t size : {0U, 5U, 125U, 126U, 65535U, 65536U, 70000U}) {
        const Bytes content(size, std::byte{0x5a});
        ByteWriter frame;
        frame.u8(0x82);
        if (size < 126)
            frame.u8(static_cast<std::uint8_t>(0x80 | size));
        else if (size < 65536)
            frame.u8(0x80 | 126).u16(static_cast<std::uint16_t>(size));
        else
            frame.u8(0x80 | 127).u32(0).u32(static_cast<std::uint32_t>(size));
        frame.u32(0x01020304);
        for (std::size_t i = 0; i < size; ++i) frame.u8(static_cast<std::uint8_t>(0x5a ^ (1 + i % 4)));
        const auto bytes = frame.take() + masked(to_bytes("next"), 0xdeadbeef);
        for (const std::size_t step : {1U, 3U, 1400U}) {
            analysis::WebSocketUnmasker unmasker;
            Bytes plain;
            for (std::size_t i = 0; i < bytes.size(); i += step)
                plain = plain + unmasker.take(part(bytes, i, std::min(i + step, bytes.size())));
            CHECK(plain == content + to_bytes("next"));
            if (size > 1000) break;  // joining byte by byte is slow
        }
    }
}

TEST_CASE("a_tftp_server_answers_from_a_port_of_its_choice_and_belongs_to_the_request", "[analysis]") {
    Wire wire;
    wire.lease();
    const auto request = to_bytes(std::string("\0\1a.out\0octet\0", 15));
    wire.datagram(server, 69, request);
    wire.in(server, 17, udp(50001, wire.last_port(), ByteWriter().u16(3).u16(1).bytes(elf()).take()));
    const auto seen = observe(wire.frames);
    const auto* data = find(seen, server.to_string(), 50001);
    REQUIRE(data != nullptr);
    CHECK(data->protocol == "tftp");
    CHECK(data->control_port == 69);
    REQUIRE(data->contents.size() == 1);
    CHECK(data->contents.front().kind == ContentKind::code);
    CHECK(seen.visitors.empty());
}

TEST_CASE("field_names_and_json_are_read_whatever_their_letters_and_spaces", "[analysis]") {
    CHECK(Talk()
              .out(to_bytes("GET /x HTTP/1.1\r\nhost: a.example\r\nauthorization: basic YTpi\r\n\r\n"))
              .has(ContentKind::credential));
    CHECK(Talk()
              .out(to_bytes(
                  "POST /x HTTP/1.1\r\nHost: a.example\r\n\r\n{\"user\":\"a\", \"password\" : \"b77\"}"))
              .has(ContentKind::credential));
    CHECK_FALSE(Talk()
                    .out(to_bytes("POST /x HTTP/1.1\r\nHost: a.example\r\n\r\n{\"password\" : \"\", "
                                  "\"password_set\": \"yes\"}"))
                    .has(ContentKind::credential));
}

TEST_CASE("a_mac_address_is_known_in_the_writings_of_urls_and_switches", "[analysis]") {
    for (const std::string mac : {"02%3A4B%3A52%3A00%3A00%3A01", "02%3A4b%3A52%3A00%3A00%3A01",
                                  "024b.5200.0001", "024B.5200.0001", "30323A34623A35323A30303A30303A3031"})
        CHECK(Talk()
                  .out(to_bytes("GET /r?id=" + mac + " HTTP/1.1\r\nHost: a.example\r\n\r\n"))
                  .has(ContentKind::identifier));
}

TEST_CASE("frames_of_a_link_that_is_not_read_are_called_by_name", "[analysis]") {
    const TemporaryFile file(pcap({{std::chrono::seconds(1), Bytes(60)}}, 127));
    analysis::Inputs inputs;
    inputs.captures = {{file.path(), "capture.pcap"}};
    const auto seen = analysis::analyze(inputs);
    REQUIRE(seen);
    REQUIRE(seen->captures.front().notes.size() == 1);
    CHECK(seen->captures.front().notes.front().find(
              "link type 127 is not read: frames of the air (802.11)") == 0);
}

TEST_CASE("machines_of_a_site_with_addresses_of_the_internet_are_neighbours", "[analysis]") {
    Wire wire;
    wire.camera = ip("129.94.5.20"), wire.camera6 = ip("2600:1f00:7::20");
    const auto all = mac("ff:ff:ff:ff:ff:ff");
    ByteWriter question;
    question.u16(1)
        .u16(0x0800)
        .u8(6)
        .u8(4)
        .u16(1)
        .bytes(wire.camera_mac.bytes())
        .bytes(wire.camera.bytes())
        .zeros(6)
        .bytes(ip("129.94.5.9").bytes());
    wire.put(ethernet(all, wire.camera_mac, 0x0806, question.take()));
    wire.connect(ip("129.94.5.9"), 8085, to_bytes("a"));
    wire.connect(ip("129.94.5.10"), 8085, to_bytes("nobody was asked for"));
    wire.connect(ip("129.94.6.9"), 8085, to_bytes("b"));
    wire.connect(ip("2600:1f00:7::9"), 8085, to_bytes("c"));
    wire.connect(ip("2600:1f00:8::9"), 8085, to_bytes("d"));
    const auto seen = observe(wire.frames);
    const auto is_lan = [&](std::string_view address) {
        return find(seen, address, 8085)->resolution == analysis::Resolution::lan;
    };
    CHECK(is_lan("129.94.5.9"));
    CHECK(is_lan("2600:1f00:7::9"));
    CHECK_FALSE(is_lan("129.94.5.10"));
    CHECK_FALSE(is_lan("129.94.6.9"));
    CHECK_FALSE(is_lan("2600:1f00:8::9"));
}

TEST_CASE("video_is_known_in_what_a_mirror_port_gives_twice", "[analysis]") {
    Wire wire;
    wire.lease();
    for (std::uint16_t i = 0; i < 40; ++i)
        wire.out(
            server, 17,
            udp(6970, 5004, ByteWriter().u8(0x80).u8(96).u16(i / 2).u32(i / 2).u32(7).zeros(600).take()));
    const auto seen = observe(wire.frames);
    REQUIRE(find(seen, server.to_string(), 5004) != nullptr);
    CHECK(find(seen, server.to_string(), 5004)->protocol == "rtp");
}

}  // namespace cambench::edges
