#include "harness/checks/matching.hpp"
#include "harness/wire/quic_initial.hpp"
#include "tests/catch.hpp"
#include "tests/unit/judged.hpp"
#include "tests/unit/packets.hpp"

using namespace cambench;
using namespace cambench::packets;
using namespace std::chrono_literals;

namespace cambench::recorded_dialogues {
/// What a dialogue's other side names, repeats or leaves unsaid must accuse no camera of it.
namespace {

const auto stranger = ip("198.51.100.66");

Declaration declared(DeclaredDestination entry) {
    Declaration declaration;
    declaration.destinations = {std::move(entry)};
    return declaration;
}

Bytes rtp(std::uint16_t number) {
    return ByteWriter().u8(0x80).u8(96).u16(number).u32(number * 3000U).u32(7).zeros(600).take();
}

/// A camera that pushes a stream by RTSP: announced, set up, then RTP to `to`.
struct Push {
    IpAddress server;
    std::uint16_t port;
    std::string parameters;  ///< of the server's answer to SETUP
    Endpoint to;
};

Wire pushing(const Push& push, const std::string& method) {
    Wire wire;
    wire.lease().resolve("nvr.vendor.example", push.server);
    std::uint32_t sent = 1001, got = 5001;
    wire.out(push.server, 6, tcp(41000, push.port, 1000, 0, syn));
    wire.in(push.server, 6, tcp(push.port, 41000, 5000, 1001, syn | ack));
    const auto exchange = [&](const std::string& request, const std::string& answer) {
        wire.out(push.server, 6, tcp(41000, push.port, sent, got, ack | psh, to_bytes(request)));
        sent += static_cast<std::uint32_t>(request.size());
        wire.in(push.server, 6, tcp(push.port, 41000, got, sent, ack | psh, to_bytes(answer)));
        got += static_cast<std::uint32_t>(answer.size());
    };
    exchange(method + " rtsp://nvr.vendor.example/live RTSP/1.0\r\nCSeq: 1\r\nContent-Length: 0\r\n\r\n",
             "RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n");
    exchange(
        "SETUP rtsp://nvr.vendor.example/live/0 RTSP/1.0\r\nCSeq: 2\r\nTransport: "
        "RTP/AVP/UDP;unicast;client_port=6970-6971;mode=record\r\n\r\n",
        "RTSP/1.0 200 OK\r\nCSeq: 2\r\nSession: 1\r\nTransport: RTP/AVP/UDP;unicast;client_port=6970-6971;" +
            push.parameters + "\r\n\r\n");
    for (std::uint16_t i = 0; i < 20; ++i)
        wire.wait(20ms).out(push.to.address, 17, udp(6970, push.to.port, rtp(i)));
    return wire;
}

}  // namespace

TEST_CASE("RTP to the ports that a server's answer to SETUP named belongs to the session",
          "[checks][family]") {
    const auto v4 = ip("203.0.113.54"), v6 = ip("2001:db8:9::54"), other = ip("203.0.113.55");
    const std::vector<std::pair<Push, bool>> all{
        {{v4, 554, "server_port=5000-5001", {v4, 5000}}, true},
        {{v4, 8554, "server_port=62000-62001", {v4, 62000}}, true},
        {{v4, 554, "server_port=5000", {v4, 5000}}, true},
        {{v6, 554, "server_port=5000-5001", {v6, 5000}}, true},
        {{v4, 554, "source=203.0.113.55;server_port=9000-9001", {other, 9000}}, true},
        {{v6, 10554, "server_port=700-701;ssrc=12", {v6, 700}}, true},
        {{v4, 554, "server_port=5000-5001", {v4, 5002}}, false},
        {{v4, 554, "server_port=5000-5001", {stranger, 5000}}, false},
        {{v4, 554, "client_port=6970", {v4, 5000}}, false}};
    for (const auto& [push, belongs] : all) {
        for (const auto* method : {"ANNOUNCE", "RECORD"}) {
            const auto declaration = declared({.name = "nvr.vendor.example",
                                               .port = push.port,
                                               .transport = Transport::tcp,
                                               .protocol = "rtsp",
                                               .purpose = "video recording"});
            const auto seen = observe(pushing(push, method).frames);
            INFO(push.parameters << ", to " << push.to.to_string() << ", " << method);
            for (const auto* check :
                 {"only-declared-destinations", "no-literal-addresses", "no-media-leaving"}) {
                const auto result = judged(check, seen, &declaration);
                INFO(check << ": " << result.title);
                if (belongs) CHECK(result.verdict == Verdict::pass);
            }
            if (!belongs)
                CHECK(judged("only-declared-destinations", seen, &declaration).verdict == Verdict::fail);
            for (const auto& finding : judged("no-media-leaving", seen, nullptr).findings)
                CHECK(finding.detail.find("inside TLS") == std::string::npos);
        }
    }
}

TEST_CASE("a host and a port that an SRV answer named are the declared service", "[checks][family]") {
    const auto srv = [](const std::string& owner, std::uint16_t port, std::string_view target) {
        ByteWriter data;
        data.u16(10).u16(10).u16(port);
        put_name(data, target);
        return Record{owner, 33, data.take()};
    };
    const auto declaration =
        declared({.name = "vendor.example", .port = 5060, .protocol = "sip", .purpose = "calls"});
    const auto call = to_bytes(
        "REGISTER sip:vendor.example SIP/2.0\r\nVia: SIP/2.0/UDP 192.168.7.20\r\nCSeq: 1 REGISTER\r\n\r\n");
    for (const auto* service :
         {"_sip._udp.vendor.example", "_sip._tcp.vendor.example", "_sips._tcp.vendor.example"}) {
        for (const std::uint16_t port : {5060, 5061, 15060}) {
            for (const auto* target : {"sip7.vendor.example", "pbx.carrier.example", "vendor.example"}) {
                for (const bool to_it : {true, false}) {
                    Wire wire;
                    wire.lease().resolve(service, {srv(service, port, target)}, 33);
                    wire.resolve(target, ip("203.0.113.60"));
                    const auto reached = to_it ? port : static_cast<std::uint16_t>(port + 1000);
                    if (std::string_view(service).find("_udp") != std::string_view::npos)
                        wire.datagram(ip("203.0.113.60"), reached, call, to_bytes("SIP/2.0 200 OK\r\n\r\n"));
                    else
                        wire.connect(
                            ip("203.0.113.60"), reached,
                            std::string_view(service).starts_with("_sips") ? client_hello(target) : call);
                    const auto seen = observe(wire.frames);
                    const auto result = judged("only-declared-destinations", seen, &declaration);
                    INFO(service << " at " << target << ":" << port << (to_it ? "" : ", elsewhere") << ": "
                                 << result.title);
                    REQUIRE(seen.destinations.size() >= 3);
                    const auto standing = match(*find(seen, target, reached), seen, &declaration).standing;
                    CHECK((standing == Standing::declared) == to_it);
                }
            }
        }
    }
    Wire foreign;  // a service of a domain that nobody declared
    foreign.lease().resolve("_sip._udp.elsewhere.example",
                            {srv("_sip._udp.elsewhere.example", 5060, "sip.elsewhere.example")}, 33);
    foreign.resolve("sip.elsewhere.example", ip("203.0.113.61"));
    foreign.datagram(ip("203.0.113.61"), 5060, call);
    CHECK(judged("only-declared-destinations", observe(foreign.frames), &declaration).verdict ==
          Verdict::fail);
}

TEST_CASE("the same echo request again and again is no channel, and changing ones are", "[checks][family]") {
    const auto noise = [](unsigned seed, std::size_t length) {
        ByteWriter out;
        std::uint32_t state = seed * 2654435761U + 99991;
        for (std::size_t i = 0; i < length; ++i)
            out.u8(static_cast<std::uint8_t>((state = state * 1664525U + 1013904223U) >> 24));
        return out.take();
    };
    for (const auto& to : {ip("203.0.113.9"), ip("2001:db8:9::9")}) {
        for (const std::size_t length : {40U, 56U, 1000U}) {
            for (const bool new_identifier : {false, true}) {
                for (const bool changing : {false, true}) {
                    Wire wire;
                    wire.lease().resolve("a.vendor.example", to);
                    for (unsigned i = 0; i < 5; ++i) {
                        const auto body =
                            noise(i, 16) + noise(changing ? i : 0, length);  // behind a time stamp
                        const auto id = static_cast<std::uint16_t>(new_identifier ? i + 1 : 1);
                        wire.wait(1s).out(to, to.is_v4() ? 1 : 58, icmp_echo(id, body, to.is_v4() ? 8 : 128));
                    }
                    INFO(to.to_string() << ", " << length << (new_identifier ? ", new identifiers" : "")
                                        << (changing ? ", changing" : ""));
                    const auto declaration =
                        declared({.name = "a.vendor.example", .protocol = "icmp", .purpose = "reachability"});
                    CHECK(judged("no-covert-channels", observe(wire.frames), &declaration).verdict ==
                          (changing ? Verdict::fail : Verdict::pass));
                }
            }
        }
    }
}

TEST_CASE("control messages of NTP are NTP, and what hides behind their numbers is not", "[checks][family]") {
    const auto ask = ByteWriter().u8(0x16).u8(2).u16(1).u16(0).u16(0).u16(0).u16(0).take();
    const auto variables =
        ByteWriter().u8(0x1e).u8(2).u16(2).u16(0).u16(0).u16(0).u16(8).text("stratum\n").take();
    const auto monitor = ByteWriter().u8(0x17).u8(0).u8(3).u8(0x2a).zeros(4).zeros(40).take();
    const auto short_monitor = ByteWriter().u8(0x17).u8(0).u8(3).u8(0x2a).zeros(4).take();
    const auto hidden6 =
        ByteWriter()
            .u8(0x16)
            .u8(2)
            .u16(1)
            .zeros(6)
            .u16(0)
            .text("this is what it saw today, and it is far more than a clock has to tell anybody")
            .take();
    const auto hidden7 = ByteWriter()
                             .u8(0x17)
                             .u8(0)
                             .u8(3)
                             .u8(0x2a)
                             .zeros(4)
                             .text("this is what it saw today, and more of it")
                             .take();
    for (const auto& server : {ip("203.0.113.1"), ip("2001:db8:9::1")}) {
        const auto judge_message = [&](const Bytes& message, const char* check) {
            Wire wire;
            wire.lease().resolve("time.vendor.example", server);
            for (int i = 0; i < 4; ++i) wire.wait(20s).datagram(server, 123, message, ntp_request());
            const auto declaration = declared({.name = "time.vendor.example",
                                               .port = 123,
                                               .transport = Transport::udp,
                                               .protocol = "ntp",
                                               .purpose = "clock"});
            return judged(check, observe(wire.frames), &declaration).verdict;
        };
        for (const auto& message : {ask, variables, monitor, short_monitor}) {
            CHECK(judge_message(message, "no-covert-channels") == Verdict::pass);
            CHECK(judge_message(message, "only-declared-destinations") == Verdict::pass);
        }
        for (const auto& message : {hidden6, hidden7})
            CHECK(judge_message(message, "only-declared-destinations") == Verdict::fail);
    }
}

namespace {

/// A client's Initial packet whose hello offers `protocol`.
Bytes quic_hello(std::uint32_t version, std::string_view name, std::string_view protocol) {
    ByteWriter extensions;
    const auto length = static_cast<std::uint16_t>(name.size());
    extensions.u16(0).u16(length + 5).u16(length + 3).u8(0).u16(length).text(name);
    const auto offered = static_cast<std::uint16_t>(protocol.size());
    extensions.u16(16)
        .u16(offered + 3)
        .u16(offered + 1)
        .u8(static_cast<std::uint8_t>(offered))
        .text(protocol);
    ByteWriter body;
    body.u16(0x0303)
        .zeros(32)
        .u8(0)
        .u16(2)
        .u16(0x1301)
        .u8(1)
        .u8(0)
        .u16(static_cast<std::uint16_t>(extensions.size()))
        .bytes(extensions.view());
    ByteWriter frames;
    frames.u8(6)
        .u8(0)
        .u16(static_cast<std::uint16_t>(0x4000 | (body.size() + 4)))
        .u8(1)
        .u24(static_cast<std::uint32_t>(body.size()))
        .bytes(body.view())
        .zeros(900);
    const auto id = to_bytes("\x11\x22\x33\x44\x55\x66\x77\x88");
    const auto first = version == QuicVersion::v2 ? 0xd0 : 0xc0;
    const auto head =
        ByteWriter().u8(static_cast<std::uint8_t>(first)).u32(version).u8(8).bytes(id).u8(0).u8(0).take();
    return seal_quic_initial(head, frames.view(), *quic_initial_keys(version, id, QuicSide::client));
}

}  // namespace

TEST_CASE("DNS over QUIC is found at whatever port and in its drafts", "[checks][family]") {
    unsigned recordings = 0;
    for (const std::uint32_t version :
         {1U, QuicVersion::v2, 0xff00001dU, 0xff000020U, 0xff00001bU, 0xff000022U}) {
        for (const std::uint16_t port : {853, 784, 8853, 443, 4784}) {
            for (const auto* protocol : {"doq", "doq-i02", "doq-i11", "h3"}) {
                Wire wire;
                wire.lease().resolve("resolver.vendor.example", ip("203.0.113.77"));
                wire.datagram(ip("203.0.113.77"), port,
                              quic_hello(version, "resolver.vendor.example", protocol));
                const auto seen = observe(wire.frames);
                const bool dns = std::string_view(protocol).starts_with("doq") || port == 853 ||
                                 port == 784 || port == 8853;
                const auto result = judged("resolver-discipline", seen);
                ++recordings;
                INFO(std::hex << version << " at " << std::dec << port << ", " << protocol << ": "
                              << result.title);
                CHECK((result.title.find("DNS over QUIC") != std::string::npos) == dns);
                CHECK((result.verdict == Verdict::fail) == dns);
            }
        }
    }
    CHECK(recordings == 120);
}

}  // namespace cambench::recorded_dialogues
