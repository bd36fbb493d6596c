#include "harness/analysis/capture/tunnels.hpp"
#include "tests/catch.hpp"
#include "tests/unit/judged.hpp"
#include "tests/unit/packets.hpp"

using namespace cambench;
using namespace cambench::packets;

namespace cambench::recorded_hosts {
/// Which host of a recording is the camera: mirrors in tunnels, recorders on the device, recordings of a
/// local network alone.
namespace {

const auto stranger = ip("198.51.100.66"), stranger6 = ip("2001:db8:66::66"), cloud = ip("203.0.113.2");
const auto switch_mac = mac("02:00:00:00:00:51"), collector_mac = mac("02:00:00:00:00:c0");

Declaration declared() {
    Declaration declaration;
    declaration.identity.mac_prefixes = {"02:4b:52"};
    declaration.destinations = {{.name = "cloud.vendor.example",
                                 .port = 443,
                                 .transport = Transport::tcp,
                                 .protocol = "tls",
                                 .purpose = "cloud"}};
    return declaration;
}

/// A camera from its lease on, that reaches its declared server by name, and a stranger by address if it is
/// not honest.
Wire camera_life(bool honest, bool v6 = false) {
    Wire wire;
    wire.lease().resolve("cloud.vendor.example", cloud);
    wire.connect(cloud, 443, client_hello("cloud.vendor.example"));
    if (!honest) wire.connect(v6 ? stranger6 : stranger, 9443, to_bytes("hello"));
    return wire;
}

analysis::Observations watch(const std::vector<Stamped>& frames, std::uint32_t link = 1,
                             const Declaration* declaration = nullptr) {
    const TemporaryFile file(pcap(frames, link));
    analysis::Inputs inputs;
    inputs.captures = {{file.path(), "capture.pcap"}};
    if (declaration != nullptr) inputs.mac_prefixes = declaration->identity.mac_prefixes;
    auto seen = analysis::analyze(inputs);
    if (!seen) throw std::runtime_error(seen.error().message);
    return std::move(seen).value();
}

Judgement judge_recording(const std::vector<Stamped>& frames, const Declaration* declaration,
                          std::uint32_t link = 1) {
    return judge(watch(frames, link, declaration), declaration, {}, Scope::captures);
}

struct Tunnel {
    std::string kind;
    std::uint8_t protocol;  ///< of IP
    std::uint16_t port;     ///< of UDP
    Bytes header;
};

Bytes bytes_of(std::initializer_list<unsigned> values) {
    Bytes bytes;
    for (const auto value : values) bytes.push_back(static_cast<std::byte>(value));
    return bytes;
}

const std::vector<Tunnel>& tunnels() {
    static const std::vector<Tunnel> all{
        {"VXLAN", 17, 4789, bytes_of({8, 0, 0, 0, 0, 1, 2, 0})},
        {"VXLAN", 17, 8472, bytes_of({8, 0, 0, 0, 0, 0, 42, 0})},
        {"VXLAN", 17, 50123, bytes_of({8, 0, 0, 0, 0, 0, 9, 0})},
        {"VXLAN", 17, 4789, bytes_of({0x88, 0x08, 0, 5, 0, 0, 9, 0})},
        {"GENEVE", 17, 6081, bytes_of({0, 0, 0x65, 0x58, 0, 0, 7, 0})},
        {"GENEVE", 17, 6081, bytes_of({2, 0, 0x65, 0x58, 0, 0, 7, 0, 1, 2, 3, 1, 0, 0, 0, 9})},
        {"GENEVE", 17, 7777, bytes_of({0, 0, 0x65, 0x58, 0, 0, 7, 0})},
        {"TZSP", 17, 37008, bytes_of({1, 0, 0, 1, 1})},
        {"TZSP", 17, 37008, bytes_of({1, 0, 0, 1, 0, 41, 2, 5, 6, 1})},
        {"TZSP", 17, 5555, bytes_of({1, 1, 0, 1, 1})},
        {"GRE", 47, 0, bytes_of({0, 0, 0x65, 0x58})},
        {"GRE", 47, 0, bytes_of({0x30, 0, 0x65, 0x58, 0, 0, 0, 1, 0, 0, 0, 2})},
        {"GRE", 47, 0, bytes_of({0x80, 0, 0x65, 0x58, 1, 2, 0, 0})},
        {"ERSPAN", 47, 0, bytes_of({0, 0, 0x88, 0xbe})},
        {"ERSPAN", 47, 0, bytes_of({0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 1, 0, 1, 0, 0, 0, 0})},
        {"ERSPAN", 47, 0, bytes_of({0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0})},
        {"ERSPAN", 47, 0, bytes_of({0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 1, 0, 1, 0, 0,
                                    0,    0, 0,    0,    0, 1, 9, 9, 9,    9, 9, 9, 9, 9})},
    };
    return all;
}

Bytes wrap(const Tunnel& tunnel, const Bytes& frame, const IpAddress& from, const IpAddress& to) {
    const auto content = tunnel.header + frame;
    const auto payload = tunnel.protocol == 17 ? udp(49152, tunnel.port, content) : content;
    return ethernet(collector_mac, switch_mac, from.is_v4() ? 0x0800 : 0x86dd,
                    ip_datagram(from, to, tunnel.protocol, payload));
}

std::vector<Stamped> mirrored(const Tunnel& tunnel, const Wire& wire, bool v6) {
    std::vector<Stamped> frames;
    for (const auto& [time, frame] : wire.frames)
        frames.push_back({time, wrap(tunnel, frame, v6 ? ip("fd00::1") : ip("10.9.9.1"),
                                     v6 ? ip("fd00::2") : ip("10.9.9.2"))});
    return frames;
}

bool says(const Judgement& judgement, std::string_view text) {
    return std::any_of(judgement.results.begin(), judgement.results.end(), [&](const CheckResult& one) {
        return one.title.find(text) != std::string::npos || one.seen.find(text) != std::string::npos;
    });
}

}  // namespace

TEST_CASE("a mirror in a tunnel is judged as if it had been recorded where it was taken",
          "[checks][family]") {
    const auto declaration = declared();
    unsigned recordings = 0;
    for (const auto& tunnel : tunnels()) {
        for (const bool honest : {true, false}) {
            for (const bool v6 : {false, true}) {
                const auto frames = mirrored(tunnel, camera_life(honest, v6), v6);
                const auto seen = watch(frames);
                ++recordings;
                INFO(tunnel.kind << " at " << tunnel.port << (honest ? ", honest" : ", dishonest")
                                 << (v6 ? ", v6" : "") << ", header of " << tunnel.header.size());
                REQUIRE(seen.camera.mac.has_value());
                CHECK(seen.camera.mac->to_string() == "02:4b:52:00:00:01");
                REQUIRE(seen.wrapped.size() == 1);
                CHECK(seen.wrapped.front().kind == tunnel.kind);
                CHECK(seen.wrapped.front().opened);
                const auto judgement = judge_recording(frames, &declaration);
                INFO(judgement.reason);
                CHECK(judgement.verdict == (honest ? Verdict::pass : Verdict::fail));
            }
        }
    }
    CHECK(recordings == tunnels().size() * 4);
}

TEST_CASE("what cannot be told from a tunnel between two hosts is named, and nobody is cleared",
          "[checks][family]") {
    for (const auto& tunnel : tunnels()) {
        if (tunnel.kind == "ERSPAN" || tunnel.kind == "TZSP") continue;  // nothing but mirrors speak those
        const auto life = camera_life(true);
        std::vector<Stamped> one_way, both_ways;
        for (const auto& [time, frame] : life.frames) {
            const bool from_camera =
                std::equal(frame.begin() + 6, frame.begin() + 12, life.camera_mac.bytes().begin());
            if (from_camera) one_way.push_back({time, wrap(tunnel, frame, ip("10.9.9.1"), ip("10.9.9.2"))});
            both_ways.push_back({time, from_camera ? wrap(tunnel, frame, ip("10.9.9.1"), ip("10.9.9.2"))
                                                   : wrap(tunnel, frame, ip("10.9.9.2"), ip("10.9.9.1"))});
        }
        for (const auto& frames : {one_way, both_ways}) {
            const auto judgement = judge_recording(frames, nullptr);
            INFO(tunnel.kind << " " << frames.size() << ": " << judgement.reason);
            CHECK(judgement.verdict == Verdict::inconclusive);
            CHECK(says(judgement, tunnel.kind));
        }
    }
}

TEST_CASE("what the camera itself wraps is a destination of its own and hides nothing", "[checks][family]") {
    for (const auto& tunnel : tunnels()) {
        auto wire = camera_life(true);
        const auto inside =
            ethernet(mac("02:00:00:00:00:99"), mac("02:00:00:00:00:98"), 0x0800,
                     ipv4(ip("10.1.1.1"), ip("10.1.1.2"), 17, udp(5000, 6000, to_bytes("what it saw"))));
        for (int i = 0; i < 5; ++i)
            wire.out(stranger, tunnel.protocol,
                     tunnel.protocol == 17 ? udp(49152, tunnel.port, tunnel.header + inside)
                                           : tunnel.header + inside);
        const auto declaration = declared();
        const auto judgement = judge_recording(wire.frames, &declaration);
        INFO(tunnel.kind << " at " << tunnel.port << ": " << judgement.reason);
        CHECK(judgement.verdict == Verdict::fail);
    }
}

TEST_CASE("wrapped frames that were sent in fragments are put together first", "[analysis]") {
    const auto& tunnel = tunnels().front();
    std::vector<Stamped> frames;
    std::uint16_t id = 1;
    for (const auto& [time, frame] : camera_life(false).frames) {
        const auto payload = udp(49152, tunnel.port, tunnel.header + frame);
        const std::size_t cut = payload.size() / 16 * 8;
        const Bytes first(payload.begin(), payload.begin() + static_cast<std::ptrdiff_t>(cut)),
            rest(payload.begin() + static_cast<std::ptrdiff_t>(cut), payload.end());
        ++id;
        frames.push_back({time, ethernet(collector_mac, switch_mac, 0x0800,
                                         ipv4(ip("10.9.9.1"), ip("10.9.9.2"), 17, first, id, 0x2000))});
        frames.push_back({time, ethernet(collector_mac, switch_mac, 0x0800,
                                         ipv4(ip("10.9.9.1"), ip("10.9.9.2"), 17, rest, id,
                                              static_cast<std::uint16_t>(cut / 8)))});
    }
    const auto seen = watch(frames);
    CHECK(find(seen, stranger.to_string(), 9443) != nullptr);
}

namespace {

/// Recordings by which every frame's sender is told only by its addresses.
std::vector<Stamped> with_macs(const Wire& wire, const MacAddress& every) {
    std::vector<Stamped> frames;
    for (const auto& [time, frame] : wire.frames) {
        auto changed = frame;
        for (std::size_t i = 0; i < 6; ++i) changed[i] = changed[6 + i] = every.bytes()[i];
        frames.push_back({time, changed});
    }
    return frames;
}

std::vector<Stamped> cooked(const Wire& wire, const MacAddress& every) {
    std::vector<Stamped> frames;
    for (const auto& [time, frame] : wire.frames) {
        const Bytes rest(frame.begin() + 12, frame.end());
        frames.push_back(
            {time, ByteWriter().u16(0).u16(1).u16(6).bytes(every.bytes()).u16(0).bytes(rest).take()});
    }
    return frames;
}

std::vector<Stamped> bare(const Wire& wire) {
    std::vector<Stamped> frames;
    for (const auto& [time, frame] : wire.frames)
        frames.push_back({time, Bytes(frame.begin() + 14, frame.end())});
    return frames;
}

}  // namespace

TEST_CASE(
    "a recorder on the device that puts one MAC address into every frame accuses nobody, and clears nobody "
    "of what was done",
    "[checks][family]") {
    const auto declaration = declared();
    unsigned recordings = 0;
    for (const auto* every : {"02:4b:52:00:00:01", "00:00:00:00:00:00", "02:00:00:00:00:02"}) {
        for (const std::uint32_t link : {1U, 113U, 101U}) {
            for (const bool honest : {true, false}) {
                Wire wire;  // no lease on record: it was running before
                wire.resolve("cloud.vendor.example", cloud);
                wire.connect(cloud, 443, client_hello("cloud.vendor.example"));
                for (int i = 0; i < 3; ++i)
                    wire.wait(std::chrono::seconds(1)).in(cloud, 17, udp(5000, 6000, to_bytes("unasked")));
                if (!honest) wire.connect(stranger, 9443, to_bytes("hello"));
                const auto frames = link == 1     ? with_macs(wire, mac(every))
                                    : link == 113 ? cooked(wire, mac(every))
                                                  : bare(wire);
                const auto seen = watch(frames, link);
                ++recordings;
                INFO(every << ", link type " << link << (honest ? ", honest" : ", dishonest"));
                REQUIRE_FALSE(seen.camera.addresses.empty());
                CHECK(seen.camera.addresses.front() == wire.camera);
                CHECK(find(seen, wire.camera.to_string(), 6000) == nullptr);
                const auto literal = judged("no-literal-addresses", seen);
                INFO(literal.title);
                CHECK((literal.verdict == Verdict::pass) == honest);
            }
        }
    }
    CHECK(recordings == 18);
}

namespace {

/// A client of the local network at a camera's port: who begins, and what both say first.
struct Call {
    std::string what;
    std::uint16_t port;
    Bytes request, answer;
    bool told_apart;  ///< what is said or where shows which of the two is the camera
};

const std::vector<Call>& calls() {
    static const auto baichuan = ByteWriter().u32(0xf0debc0a).u32(0x01000000).zeros(40).take();
    static const auto dahua = ByteWriter().u32(0xa0000000).zeros(20).u32(0x05020101).u32(0x0000a1aa).take();
    static const auto dhip = ByteWriter().u32(0x20000000).text("DHIP").zeros(24).take();
    static const auto xiongmai = ByteWriter().u32(0xff000000).zeros(20).take();
    static const std::vector<Call> all{
        {"Baichuan", 9000, baichuan, baichuan, true},
        {"Baichuan at an odd port", 51234, baichuan, baichuan, true},
        {"Dahua", 37777, dahua, dahua, true},
        {"DHIP", 5000, dhip, dhip, true},
        {"Xiongmai", 34567, xiongmai, xiongmai, true},
        {"RTSP", 554, to_bytes("DESCRIBE rtsp://c/1 RTSP/1.0\r\nCSeq: 1\r\n\r\n"),
         to_bytes("RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n"), true},
        {"RTSP at an odd port", 8555, to_bytes("PLAY rtsp://c/1 RTSP/1.0\r\nCSeq: 1\r\n\r\n"),
         to_bytes("RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n"), true},
        {"ONVIF", 8899,
         to_bytes("POST /onvif/device_service HTTP/1.1\r\nHost: c\r\nContent-Length: 0\r\n\r\n"),
         to_bytes("HTTP/1.1 200 OK\r\n\r\n"), true},
        {"an unknown protocol", 7071, to_bytes("\x01\x02\x03\x04"), to_bytes("\x04\x03\x02\x01"), false},
        {"a page", 80, to_bytes("GET / HTTP/1.1\r\nHost: c\r\n\r\n"), to_bytes("HTTP/1.1 200 OK\r\n\r\n"),
         false},
    };
    return all;
}

}  // namespace

TEST_CASE("in a recording of a local network who serves at a camera's port is the camera, not who calls it",
          "[checks][family]") {
    unsigned recordings = 0;
    const auto client_mac = mac("02:00:00:00:00:cc"), camera_mac = mac("02:4b:52:00:00:01");
    for (const auto& call : calls()) {
        for (const auto& ends :
             {std::pair{ip("10.0.0.5"), ip("10.0.0.9")}, std::pair{ip("fe80::5"), ip("fe80::9")},
              std::pair{ip("192.168.1.9"), ip("192.168.1.5")}}) {
            const auto client = ends.first, camera = ends.second;
            for (const std::size_t repeats : {1U, 6U}) {
                Wire wire;
                const auto type = static_cast<std::uint16_t>(client.is_v4() ? 0x0800 : 0x86dd);
                const auto to_camera = [&](const Bytes& segment) {
                    wire.put(ethernet(camera_mac, client_mac, type, ip_datagram(client, camera, 6, segment)));
                };
                const auto to_client = [&](const Bytes& segment) {
                    wire.put(ethernet(client_mac, camera_mac, type, ip_datagram(camera, client, 6, segment)));
                };
                for (std::uint16_t i = 0; i < repeats; ++i) {
                    const auto from = static_cast<std::uint16_t>(55000 + i);
                    to_camera(tcp(from, call.port, 100, 0, syn)),
                        to_client(tcp(call.port, from, 500, 101, syn | ack));
                    to_camera(tcp(from, call.port, 101, 501, ack | psh, call.request)),
                        to_client(tcp(call.port, from, 501,
                                      101 + static_cast<std::uint32_t>(call.request.size()), ack | psh,
                                      call.answer));
                    to_camera(tcp(from, call.port, 101 + static_cast<std::uint32_t>(call.request.size()),
                                  501 + static_cast<std::uint32_t>(call.answer.size()), ack));
                }
                ++recordings;
                const auto seen = watch(wire.frames);
                const auto judgement = judge(seen, nullptr, {}, Scope::captures);
                INFO(call.what << ", " << camera.to_string() << ", " << repeats
                               << " times: " << judgement.reason);
                REQUIRE(seen.camera.mac.has_value());
                CHECK((judgement.verdict == Verdict::inconclusive || *seen.camera.mac == camera_mac));
                if (call.told_apart) CHECK(*seen.camera.mac == camera_mac);
                if (!call.told_apart) CHECK_FALSE(seen.camera.rivals.empty());
                CHECK(judgement.verdict != Verdict::fail);
            }
        }
    }
    CHECK(recordings == 60);
}

namespace {

/// A camera with its factory address, leases of before and a new one; `others`: how many old ones.
Wire many_addresses(unsigned others) {
    Wire wire;
    const auto from = [&](const std::string& source, const IpAddress& to, std::uint8_t protocol,
                          const Bytes& payload) {
        wire.put(ethernet(wire.router_mac, wire.camera_mac, 0x0800, ipv4(ip(source), to, protocol, payload)));
    };
    from("192.168.1.108", ip("203.0.113.9"), 17, udp(7000, 9999, to_bytes("hello")));
    for (unsigned i = 0; i < others; ++i)
        from("10.0.0." + std::to_string(8 - i), cloud, 6,
             tcp(static_cast<std::uint16_t>(5555 + i), 80, 1, 0, syn));
    wire.lease().resolve("cloud.vendor.example", cloud);
    wire.connect(cloud, 443, client_hello("cloud.vendor.example"));
    return wire;
}

}  // namespace

TEST_CASE(
    "addresses a camera had one after the other make no gateway of it, and a neighbour with a frame is not "
    "the camera",
    "[checks][family]") {
    const auto announcement = to_bytes(
        "<?xml?><e "
        "xmlns:dn=\"http://www.onvif.org/ver10/network/"
        "wsdl\"><ProbeMatches><Types>dn:NetworkVideoTransmitter</Types></ProbeMatches></e>");
    const auto declaration = declared();
    for (unsigned others = 0; others < 6; ++others) {
        for (const bool neighbour : {false, true}) {
            auto wire = many_addresses(others);
            if (neighbour)
                wire.put(ethernet(wire.camera_mac, mac("02:00:00:00:00:cc"), 0x0800,
                                  ipv4(ip("192.168.7.77"), wire.camera, 17, udp(3702, 6000, announcement))));
            const auto seen = watch(wire.frames, 1, &declaration);
            INFO(others << " old addresses" << (neighbour ? ", a neighbour" : ""));
            REQUIRE(seen.camera.mac.has_value());
            CHECK(*seen.camera.mac == wire.camera_mac);
            CHECK(seen.camera.rivals.empty());
            const auto undeclared = watch(wire.frames);
            CHECK((*undeclared.camera.mac == wire.camera_mac || !undeclared.camera.rivals.empty()));
        }
    }
}

TEST_CASE("a machine that is not the declared product is not judged in its place", "[checks]") {
    auto declaration = declared();
    declaration.identity.mac_prefixes = {"0a:0b:0c"};
    const auto judgement = judge_recording(camera_life(true).frames, &declaration);
    CHECK(judgement.verdict == Verdict::inconclusive);
    CHECK(says(judgement, "no machine on record has a MAC address of the declaration"));
}

TEST_CASE("a router that carries others is none of them", "[analysis]") {
    auto wire = camera_life(true);
    for (const auto* source : {"192.168.8.2", "192.168.8.3", "192.168.8.4", "192.168.8.2", "192.168.8.3",
                               "192.168.8.4", "192.168.8.2"})
        wire.put(ethernet(mac("02:00:00:00:00:dd"), mac("02:00:00:00:00:ee"), 0x0800,
                          ipv4(ip(source), ip("192.168.9.9"), 17, udp(1000, 2000, to_bytes("x")))));
    CHECK(watch(wire.frames).camera.mac->to_string() == "02:4b:52:00:00:01");
}

TEST_CASE("frames that are neither IP nor ARP leave a trace", "[checks][family]") {
    struct Odd {
        std::uint16_t type;
        Bytes content;
        std::string to;
        Verdict verdict;
    };
    const std::vector<Odd> odd{
        {0x1234, to_bytes("what it saw"), "02:00:00:00:00:77", Verdict::inconclusive},
        {0xfffe, Bytes(200), "02:00:00:00:00:78", Verdict::inconclusive},
        {0x88b5, Bytes(60), "01:00:00:00:00:01", Verdict::inconclusive},
        {0x8137, Bytes(60), "02:00:00:00:00:77", Verdict::inconclusive},
        {0x88a2, Bytes(60), "02:00:00:00:00:77", Verdict::inconclusive},
        {0x0010, bytes_of({0x12, 0x34, 3, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9}), "02:00:00:00:00:77",
         Verdict::inconclusive},
        {0x0806, bytes_of({0, 6, 8, 0, 6, 4, 0, 1}) + Bytes(20), "ff:ff:ff:ff:ff:ff", Verdict::inconclusive},
        {0x88cc, Bytes(60), "01:80:c2:00:00:0e", Verdict::pass},
        {0x888e, Bytes(40), "01:80:c2:00:00:03", Verdict::pass},
        {0x8899, Bytes(60), "ff:ff:ff:ff:ff:ff", Verdict::pass},
        {0x0026, bytes_of({0x42, 0x42, 3, 0, 0, 0, 0, 0}) + Bytes(30), "01:80:c2:00:00:00", Verdict::pass},
        {0x0010, bytes_of({0xaa, 0xaa, 3, 0, 0, 0x0c, 0x20, 0}) + Bytes(8), "01:00:0c:cc:cc:cc",
         Verdict::pass}};
    for (const auto& one : odd) {
        for (const bool tagged : {false, true}) {
            auto wire = camera_life(true);
            const auto content =
                tagged ? ByteWriter().u16(5).u16(one.type).bytes(one.content).take() : one.content;
            for (int i = 0; i < 3; ++i)
                wire.put(ethernet(mac(one.to), wire.camera_mac, tagged ? 0x8100 : one.type, content));
            const auto seen = watch(wire.frames);
            INFO(std::hex << one.type << " to " << one.to << (tagged ? ", tagged" : ""));
            REQUIRE(seen.other_frames.size() == 1);
            CHECK(seen.other_frames.front().frames == 3);
            const auto result = judged("no-covert-channels", seen);
            CHECK(result.verdict == one.verdict);
            CHECK(result.seen.find(one.to) != std::string::npos);
            CHECK((one.type != 0x0806 || result.seen.find("ARP that is none for IPv4") != std::string::npos));
        }
    }
    CHECK(judged("no-covert-channels", watch(camera_life(true).frames)).verdict == Verdict::pass);
}

TEST_CASE("no bytes make the reader of tunnels read beyond what is there", "[analysis]") {
    for (const auto& tunnel : tunnels()) {
        const auto whole =
            wrap(tunnel, camera_life(true).frames.back().frame, ip("10.9.9.1"), ip("10.9.9.2"));
        for (std::size_t length = 0; length < whole.size(); ++length) {
            const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
            const auto packet =
                analysis::decode_frame({1, {}, 1, static_cast<std::uint32_t>(whole.size()), cut});
            if (packet) (void)analysis::unwrap(*packet);
        }
    }
}

}  // namespace cambench::recorded_hosts
