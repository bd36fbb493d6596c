#include "harness/checks/clouds.hpp"
#include "harness/checks/dns_tunnel.hpp"
#include "harness/checks/periodicity.hpp"
#include "tests/unit/traffic_variations.hpp"

using namespace cambench;
using namespace cambench::traffic;

TEST_CASE("an_honest_camera_is_accused_of_nothing", "[checks]") {
    const auto declaration = vendor();
    auto wire = begin(variations().front());
    wire.frames.resize(wire.frames.size() - 2);  // the stranger is not asked for
    for (int i = 0; i < 30; ++i) {
        wire.resolve("a.cloud.vendor.example", ip("203.0.113.2"));
        wire.connect(ip("203.0.113.2"), 443, client_hello("a.cloud.vendor.example"));
        wire.wait(60s);
    }
    wire.group(ip("239.255.255.250"), 1900, 1900,
               to_bytes("NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n\r\n"));
    const auto observations = observe(wire.frames, true);
    for (const auto* given : {&declaration, static_cast<const Declaration*>(nullptr)}) {
        for (const auto* type : check_types()) {
            if (!type->for_captures || (type->needs_declaration && given == nullptr)) continue;
            const auto result = judged(type->element.name, observations, given);
            INFO(type->element.name << ": " << result.title << " | " << result.seen);
            CHECK(result.verdict != Verdict::fail);
            // No server answered a hello, and no rhythm or amount is declared.
            const bool unseen = type->element.name == "tls-verified" || type->element.name == "no-old-tls" ||
                                type->element.name == "declared-volume";
            CHECK(result.verdict == (unseen ? Verdict::inconclusive : Verdict::pass));
        }
    }
}

TEST_CASE("a_rendezvous_has_to_be_declared", "[checks]") {
    const Act act = [](Wire& wire, const Variation& variation) {
        for (int i = 0; i < 6; ++i)
            wire.wait(paced(variation, 5)).datagram(ip(variation.address), 32100, pppp(0, 0), pppp(1, 16));
    };
    must_be_declared("no-rendezvous", act, [](Declaration& declaration, const Variation& variation) {
        declaration.destinations.push_back(
            entry(variation, 32100, Transport::udp, "pppp", "peer to peer access"));
    });
}

TEST_CASE("a_declared_endpoint_that_turns_out_to_be_a_rendezvous_is_not_passed", "[checks]") {
    const auto& variation = variations().front();
    auto wire = begin(variation);
    wire.datagram(ip(variation.address), 32100, pppp(0, 0));
    auto declaration = vendor();
    declaration.destinations.push_back(entry(variation, 32100, Transport::udp, "", "telemetry"));
    CHECK(judged("no-rendezvous", seen(wire, variation), &declaration).verdict == Verdict::inconclusive);
}

TEST_CASE("asking_the_router_for_a_port_has_to_be_declared", "[checks]") {
    const Act act = [](Wire& wire, const Variation& variation) {
        for (int i = 0; i < 6; ++i)
            wire.wait(paced(variation, 1))
                .datagram(wire.router, 5351,
                          ByteWriter().u8(0).u8(2).u16(0).u16(554).u16(8554).u32(3600).take());
    };
    must_be_declared("no-port-mapping", act, [](Declaration& declaration, const Variation&) {
        declaration.destinations.push_back({.network = Cidr::parse("192.168.7.1/32").value(),
                                            .port = 5351,
                                            .transport = Transport::udp,
                                            .protocol = "nat-pmp",
                                            .purpose = "port mapping"});
    });
}

TEST_CASE("asking_the_router_for_its_address_opens_nothing", "[checks]") {
    auto wire = begin(variations().front());
    wire.datagram(wire.router, 5351, ByteWriter().u8(0).u8(0).take());
    CHECK(judged("no-port-mapping", observe(wire.frames, true), nullptr).verdict == Verdict::pass);
}

TEST_CASE("a_sweep_of_the_network_fails_whatever_is_declared", "[checks]") {
    for (const auto& variation : variations()) {
        auto wire = begin(variation);
        const bool by_arp = variation.pace == 1;
        for (std::uint32_t i = 2; i < 60; ++i) {
            const auto neighbour = IpAddress::v4(wire.camera.to_v4() / 256 * 256 + 100 + i);
            if (by_arp)
                wire.put(ethernet(mac("ff:ff:ff:ff:ff:ff"), wire.camera_mac, 0x0806,
                                  arp(1, wire.camera_mac, wire.camera, neighbour)));
            else
                wire.out(neighbour, 6, tcp(static_cast<std::uint16_t>(41000 + i), 554, 1, 0, syn));
            wire.wait(paced(variation, 0.2));
        }
        const auto declaration = vendor();
        const auto result = judged("no-lan-scan", seen(wire, variation), &declaration);
        INFO(variation.what << ": " << result.title);
        CHECK(result.verdict == Verdict::fail);
    }
}

TEST_CASE("ports_of_one_neighbour_tried_in_a_row_are_a_scan_and_a_recorder_is_none", "[checks]") {
    auto wire = begin(variations().front());
    for (int i = 0; i < 50; ++i) wire.connect(ip("192.168.7.9"), 8000, to_bytes("data"));
    CHECK(judged("no-lan-scan", observe(wire.frames, true), nullptr).verdict == Verdict::pass);
    for (std::uint16_t port = 20; port < 60; ++port)
        wire.out(ip("192.168.7.9"), 6, tcp(43000, port, port, 0, syn));
    CHECK(judged("no-lan-scan", observe(wire.frames, true), nullptr).verdict == Verdict::fail);
}

TEST_CASE("a_beat_towards_an_undeclared_destination_fails_also_when_nobody_answers", "[checks]") {
    const Act act = [](Wire& wire, const Variation& variation) {
        for (int i = 0; i < 40; ++i) {
            const double jitter = static_cast<double>(i * 7919 % 100) / 100.0 - 0.5;
            wire.wait(paced(variation, 10 + jitter * 3));
            wire.out(
                ip(variation.address), 6,
                tcp(static_cast<std::uint16_t>(44000 + i), 8443, static_cast<std::uint32_t>(i + 1), 0, syn));
        }
    };
    must_be_declared(
        "no-beaconing", act,
        [](Declaration& declaration, const Variation& variation) {
            declaration.destinations.push_back(entry(variation, 8443, Transport::tcp, "", "status"));
        },
        Verdict::pass);
}

TEST_CASE("chance_has_no_period_and_a_clock_has_one", "[checks]") {
    RandomRhythms rhythms;
    std::uint32_t state = 7;
    const auto unit = [&] {
        state = state * 1664525U + 1013904223U;
        return (static_cast<double>(state >> 8) + 0.5) / 16777216.0;
    };
    int wrong = 0, found = 0;
    constexpr int series = 200;
    for (int n = 0; n < series; ++n) {
        std::vector<double> random, regular;
        double now = 0, then = 0;
        for (int i = 0; i < 14; ++i) {
            random.push_back(now += -30 * std::log(unit()));
            regular.push_back(then += 30 * (0.7 + 0.6 * unit()));
        }
        wrong += find_period(moments(random), rhythms).has_value();
        found += find_period(moments(regular), rhythms).has_value();
    }
    CHECK(wrong <= series / 50);
    CHECK(found >= series * 9 / 10);
    CHECK_FALSE(find_period(moments({0, 60, 120}), rhythms));
    std::vector<double> later;  // a rhythm behind thousands of moments without any
    for (double now = 0; later.size() < 4000;) later.push_back(now += -30 * std::log(unit()));
    CHECK_FALSE(find_period(moments(later), rhythms));
    for (int i = 0; i < 800; ++i) later.push_back(later.back() + 30);
    CHECK(find_period(moments(later), rhythms));
    const auto doubled = find_period(
        moments({0, 0.9, 6, 6.9, 12, 12.9, 18, 18.9, 24, 24.9, 30, 30.9, 36, 36.9, 42, 42.9}), rhythms);
    REQUIRE(doubled);
    CHECK(std::abs(static_cast<double>(doubled->length.count()) / 1e9 - 6) < 0.2);
    const auto evenly = [](double pause, int count) {
        std::vector<double> seconds;
        for (int i = 0; i < count; ++i) seconds.push_back(i * pause);
        return moments(seconds);
    };
    CHECK_FALSE(find_period(evenly(0.001, 15), rhythms));  // all addresses of a name at once
    CHECK_FALSE(find_period(evenly(0.04, 20), rhythms));
    CHECK(find_period(evenly(0.5, 40), rhythms));
    CHECK(find_period(evenly(0.1, 400), rhythms));
}

TEST_CASE("data_in_names_is_a_channel_and_many_plain_names_are_none", "[checks]") {
    for (const auto& variation : variations()) {
        auto wire = begin(variation);
        for (unsigned i = 0; i < 60; ++i) {
            wire.ask(noise(i, 50) + "." + noise(i + 1000, 30) + "." + variation.stranger, 16);
            wire.wait(paced(variation, 1));
        }
        const auto result = judged("no-covert-channels", seen(wire, variation), nullptr);
        INFO(variation.what << ": " << result.title);
        CHECK(result.verdict == Verdict::fail);
    }
    auto plain = begin(variations().front());
    for (unsigned i = 0; i < 80; ++i)
        plain.resolve("s" + std::to_string(i % 40) + ".media.hosted-cloud-video.example", ip("203.0.113.9"));
    for (unsigned i = 0; i < 12; ++i)
        plain.resolve("d" + noise(i, 13) + ".cloudfront.example", ip("203.0.113.9"));
    CHECK(judged("no-covert-channels", observe(plain.frames, true), nullptr).verdict == Verdict::pass);
}

TEST_CASE("pings_and_time_requests_that_carry_something_are_channels", "[checks]") {
    for (const auto& variation : variations()) {
        auto pings = begin(variation), times = begin(variation);
        for (unsigned i = 0; i < 20; ++i) {
            pings.wait(paced(variation, 1))
                .out(pings.router, 1, icmp_echo(static_cast<std::uint16_t>(i), to_bytes(noise(i, 200))));
            times.wait(paced(variation, 1))
                .out(ip("203.0.113.1"), 17,
                     udp(static_cast<std::uint16_t>(45000 + i), 123, ntp_request() + to_bytes(noise(i, 90))));
        }
        INFO(variation.what);
        CHECK(judged("no-covert-channels", seen(pings, variation), nullptr).verdict == Verdict::fail);
        CHECK(judged("no-covert-channels", seen(times, variation), nullptr).verdict == Verdict::fail);
    }
    auto honest = begin(variations().front());
    for (unsigned i = 0; i < 20; ++i) {
        ByteWriter counting;
        counting.u64(i * 1000003).u64(i * 77);
        for (unsigned n = 0x10; n < 0x38; ++n) counting.u8(static_cast<std::uint8_t>(n));
        honest.out(honest.router, 1, icmp_echo(static_cast<std::uint16_t>(i), counting.take()));
        honest.out(honest.router, 1,
                   icmp_echo(static_cast<std::uint16_t>(i), to_bytes("abcdefghijklmnopqrstuvwabcdefghi")));
        honest.out(ip("203.0.113.1"), 17,
                   udp(123, 123, ntp_request() + ByteWriter().u32(1).zeros(16).take()));
    }
    CHECK(judged("no-covert-channels", observe(honest.frames, true), nullptr).verdict == Verdict::pass);
}

TEST_CASE("an_odd_protocol_has_to_be_declared", "[checks]") {
    const Act act = [](Wire& wire, const Variation& variation) {
        for (int i = 0; i < 4; ++i)
            wire.wait(paced(variation, 1)).out(ip(variation.address), 47, to_bytes("gre payload"));
    };
    must_be_declared("no-covert-channels", act, [](Declaration& declaration, const Variation& variation) {
        declaration.destinations.push_back({.name = variation.stranger, .purpose = "vpn"});
    });
}

TEST_CASE("more_than_declared_fails_and_a_failing_cloud_does_not", "[checks]") {
    for (const auto& variation : variations()) {
        auto declaration = vendor();
        declaration.destinations.push_back(entry(variation, 443, Transport::tcp, "tls", "health report"));
        declaration.destinations.back().every = paced(variation, 60);
        declaration.destinations.back().volume = 2000;
        auto honest = begin(variation), often = begin(variation), much = begin(variation),
             failing = begin(variation);
        const auto hello = client_hello(variation.stranger);
        for (int i = 0; i < 20; ++i) {
            honest.wait(paced(variation, 60)).connect(ip(variation.address), 443, hello);
            often.wait(paced(variation, 8)).connect(ip(variation.address), 443, hello);
            much.wait(paced(variation, 60)).connect(ip(variation.address), 443, hello + Bytes(20000));
            failing.wait(paced(variation, 6))
                .out(ip(variation.address), 6, tcp(static_cast<std::uint16_t>(46000 + i), 443, 1, 0, syn));
        }
        INFO(variation.what);
        CHECK(judged("declared-volume", seen(honest, variation), &declaration).verdict == Verdict::pass);
        CHECK(judged("declared-volume", seen(often, variation), &declaration).verdict == Verdict::fail);
        CHECK(judged("declared-volume", seen(much, variation), &declaration).verdict == Verdict::fail);
        CHECK(judged("declared-volume", seen(failing, variation), &declaration).verdict == Verdict::pass);
    }
}

TEST_CASE("another_protocol_or_clear_text_at_a_declared_door_fails", "[checks]") {
    for (const auto& variation : variations()) {
        auto declaration = vendor();
        declaration.destinations.push_back(entry(variation, 443, Transport::tcp, "https", "health report"));
        auto clear = begin(variation), honest = begin(variation), unknown = begin(variation);
        for (int i = 0; i < 4; ++i) {
            clear.wait(paced(variation, 5))
                .connect(ip(variation.address), 443, post(variation.stranger, to_bytes("data")));
            honest.wait(paced(variation, 5))
                .connect(ip(variation.address), 443, client_hello(variation.stranger));
            unknown.wait(paced(variation, 5))
                .connect(ip(variation.address), 443, to_bytes("\x01\x02 something of its own"));
        }
        INFO(variation.what);
        CHECK(judged("declared-protocols", seen(clear, variation), &declaration).verdict == Verdict::fail);
        CHECK(judged("declared-protocols", seen(honest, variation), &declaration).verdict == Verdict::pass);
        CHECK(judged("declared-protocols", seen(unknown, variation), &declaration).verdict == Verdict::fail);
    }
}

TEST_CASE("retries_without_back_off_are_noted_and_fail_only_on_request", "[checks]") {
    const auto& variation = variations().front();
    auto steady = begin(variation), backing = begin(variation);
    double pause = 1;
    for (int i = 0; i < 15; ++i) {
        steady.wait(6s).out(ip(variation.address), 6,
                            tcp(static_cast<std::uint16_t>(47000 + i), 443, 1, 0, syn));
        backing.wait(paced(variation, pause))
            .out(ip(variation.address), 6, tcp(static_cast<std::uint16_t>(47000 + i), 443, 1, 0, syn));
        pause *= 1.6;
    }
    const auto noted = judged("reconnect-back-off", seen(steady, variation), nullptr);
    CHECK(noted.verdict == Verdict::pass);
    CHECK(noted.findings.size() == 1);
    CHECK(judged("reconnect-back-off", seen(steady, variation), nullptr, "required=\"yes\"").verdict ==
          Verdict::fail);
    CHECK(judged("reconnect-back-off", seen(backing, variation), nullptr, "required=\"yes\"").verdict ==
          Verdict::pass);
}

TEST_CASE("a_camera_guessed_among_equals_is_neither_accused_nor_cleared", "[checks]") {
    auto frames = begin(variations().front()).frames;
    Wire other;
    other.camera_mac = mac("02:aa:bb:00:00:09");
    other.camera = ip("192.168.7.30");
    other.lease().resolve("www.example.org", ip("203.0.113.90"));
    for (int i = 0; i < 20; ++i) other.connect(ip("198.51.100.9"), 9443, to_bytes("beacon"));
    frames.insert(frames.end(), other.frames.begin(), other.frames.end());
    const auto result = judge(observe(frames), nullptr, {}, Scope::captures);
    CHECK(result.verdict == Verdict::inconclusive);
    CHECK(result.reason.find("may be the camera") != std::string::npos);
    CHECK(judge(observe(frames, std::nullopt, "192.168.7.30"), nullptr, {}, Scope::captures).verdict ==
          Verdict::fail);
    CHECK(judge(observe(frames, std::nullopt, "02:4b:52:00:00:01"), nullptr, {}, Scope::captures).verdict ==
          Verdict::pass);
}

TEST_CASE("the_machine_that_serves_video_is_the_camera_whoever_talks_more", "[checks]") {
    Wire camera, other;
    other.camera_mac = mac("02:aa:bb:00:00:09");
    other.camera = ip("192.168.7.30");
    for (int i = 0; i < 50; ++i) {
        other.resolve("www" + std::to_string(i) + ".example.org", ip("203.0.113.90"));
        other.connect(ip("203.0.113.90"), 443, client_hello("www.example.org"));
    }
    camera.put(ethernet(camera.camera_mac, other.camera_mac, 0x0800,
                        ipv4(other.camera, camera.camera, 6, tcp(45000, 554, 1, 0, syn))));
    camera.put(ethernet(other.camera_mac, camera.camera_mac, 0x0800,
                        ipv4(camera.camera, other.camera, 6, tcp(554, 45000, 1, 2, syn | ack))));
    camera.resolve("a.cloud.vendor.example", ip("203.0.113.2"));
    auto frames = other.frames;
    frames.insert(frames.end(), camera.frames.begin(), camera.frames.end());
    const auto observations = observe(frames);
    CHECK(observations.camera.mac == camera.camera_mac);
    CHECK(observations.camera.rivals.empty());
}

TEST_CASE("encrypted_dns_is_told_by_what_its_hello_offers_on_whatever_port", "[checks]") {
    auto wire = begin(variations().front());
    wire.connect(ip("203.0.113.66"), 4433, client_hello("report.evil.example"));
    auto observations = observe(wire.frames, true);
    const auto declaration = vendor();
    CHECK(judged("resolver-discipline", observations, &declaration).verdict == Verdict::pass);
    for (auto& destination : observations.destinations) {
        if (destination.port == 4433) destination.alpn = {"dot"};
    }
    const auto result = judged("resolver-discipline", observations, &declaration);
    CHECK(result.verdict == Verdict::fail);
    CHECK(result.title.find("DNS over TLS") != std::string::npos);
}

TEST_CASE("names_of_camera_clouds_are_known_by_their_longest_suffix", "[checks]") {
    const auto clock = cloud_of("time.ys7.com"), other = cloud_of("dev.ys7.com");
    REQUIRE(clock);
    REQUIRE(other);
    CHECK(clock->role == "ntp");
    CHECK(other->role == "cloud");
    CHECK(other->covered);
    CHECK(cloud_of("www.easy4ipcloud.com")->owner == "Dahua");
    CHECK_FALSE(cloud_of("notys7.com"));
    CHECK_FALSE(cloud_of("ys7.com.evil.example"));
    CHECK_FALSE(cloud_of(""));
}

TEST_CASE("the_registered_part_of_a_name", "[checks]") {
    CHECK(registrable_domain("a.b.vendor.example") == "vendor.example");
    CHECK(registrable_domain("a.vendor.co.kr") == "vendor.co.kr");
    CHECK(registrable_domain("vendor.example") == "vendor.example");
    CHECK(registrable_domain("co.kr") == "co.kr");
    CHECK(registrable_domain("host") == "host");
    CHECK(registrable_domain("") == "");
}

namespace {

/// A quiet camera that `caller` calls at `port`, from 40100: what it is told, and what it answers.
std::vector<Stamped> called(std::uint16_t port, const IpAddress& caller, std::string_view hears,
                            std::string_view says) {
    Wire wire;
    wire.lease();
    wire.resolve("time.vendor.example", ip("203.0.113.1"));
    wire.datagram(ip("203.0.113.1"), 123, ntp_request(), ntp_request());
    wire.in(caller, 6, tcp(40'100, port, 1000, 0, syn));
    wire.out(caller, 6, tcp(port, 40'100, 5000, 1001, syn | ack));
    wire.in(caller, 6, tcp(40'100, port, 1001, 5001, ack));
    wire.in(caller, 6, tcp(40'100, port, 1001, 5001, ack | psh, to_bytes(hears)));
    const auto heard = static_cast<std::uint32_t>(1001 + hears.size());
    if (!says.empty()) wire.out(caller, 6, tcp(port, 40'100, 5001, heard, ack | psh, to_bytes(says)));
    return wire.frames;
}

}  // namespace

TEST_CASE("whoever_calls_from_outside_is_served_only_where_a_service_is_declared", "[checks][traffic]") {
    auto declaration = vendor();
    declaration.services.push_back({8443, Transport::tcp, "https", "digest"});
    const auto verdict = [&](std::uint16_t port, const char* caller, std::string_view says) {
        return judged("only-declared-destinations", observe(called(port, ip(caller), "hello", says)),
                      &declaration)
            .verdict;
    };
    for (const auto* caller : {"203.0.113.77", "10.9.8.7", "2a02:2e0:3fe:100::77"}) {
        INFO(caller);
        for (const std::uint16_t port : {23, 80, 4444, 50'000})
            CHECK(verdict(port, caller, "anything at all") == Verdict::inconclusive);
        CHECK(verdict(8443, caller, "anything at all") == Verdict::pass);
        CHECK(verdict(4444, caller, "") == Verdict::pass);  // it said nothing: he was not served
    }
    CHECK(verdict(4444, "192.168.7.5", "anything at all") == Verdict::pass);  // of its own network
}

TEST_CASE("a_shell_given_to_whoever_calls_from_outside_is_given_away", "[checks][traffic]") {
    const auto given = [](std::uint16_t port, const IpAddress& caller, std::string_view says,
                          std::string_view hears) {
        return judged("no-code-arriving", observe(called(port, caller, hears, says))).verdict;
    };
    const auto prompt =
        "BusyBox v1.31.1 () built-in shell (ash)\r\n\r\n~ # id\r\nuid=0(root) gid=0(root)\r\n~ # ";
    for (const auto& caller : {ip("203.0.113.77"), ip("2a02:2e0:3fe:100::77")})
        for (const std::uint16_t port : {23, 4444, 9527})
            CHECK(given(port, caller, prompt, "id\r\n") == Verdict::fail);
    CHECK(given(23, ip("203.0.113.77"), "login: ", "admin\r\n") == Verdict::pass);
    CHECK(given(80, ip("203.0.113.77"), "HTTP/1.1 200 OK\r\n\r\n<html/>", "GET / HTTP/1.1\r\n\r\n") ==
          Verdict::pass);
    // What its own network's operators do there is their work.
    CHECK(given(23, ip("192.168.7.5"), prompt, "id\r\n") != Verdict::fail);
}
