#include "harness/checks/judgement.hpp"
#include "tests/catch.hpp"
#include "tests/unit/honest_camera.hpp"
#include "tests/unit/judged.hpp"
#include "tests/unit/packets.hpp"

using namespace cambench;
using namespace cambench::packets;
using namespace std::chrono_literals;

namespace {

constexpr bool from_power_on = true;

Declaration declared_vendor() {
    Declaration declaration;
    declaration.destinations.push_back({.name = "time.vendor.example",
                                        .port = 123,
                                        .transport = Transport::udp,
                                        .protocol = "ntp",
                                        .purpose = "clock"});
    declaration.destinations.push_back({.name = "*.cloud.vendor.example",
                                        .port = 443,
                                        .transport = Transport::tcp,
                                        .protocol = "tls",
                                        .purpose = "health"});
    declaration.services.push_back({3702, Transport::udp, "ws-discovery", "none"});
    return declaration;
}

CheckResult declared(const Wire& wire, std::optional<bool> complete = from_power_on,
                     const Declaration& declaration = declared_vendor()) {
    return judged("only-declared-destinations", observe(wire.frames, complete), &declaration);
}
CheckResult literal(const Wire& wire, std::optional<bool> complete = from_power_on,
                    const Declaration& declaration = declared_vendor()) {
    return judged("no-literal-addresses", observe(wire.frames, complete), &declaration);
}
CheckResult resolvers(const Wire& wire, std::optional<bool> complete = from_power_on,
                      const Declaration& declaration = declared_vendor()) {
    return judged("resolver-discipline", observe(wire.frames, complete), &declaration);
}

bool mentions(const CheckResult& result, std::string_view text) {
    for (const auto& finding : result.findings) {
        if (finding.title.find(text) != std::string::npos) return true;
    }
    return false;
}

}  // namespace

TEST_CASE("a_camera_that_keeps_to_its_declaration_passes", "[checks]") {
    const auto wire = honest();
    for (const auto& result : {declared(wire), literal(wire), resolvers(wire)}) {
        INFO(result.check << " " << result.title << ": " << result.seen);
        CHECK(result.verdict == Verdict::pass);
        CHECK_FALSE(result.seen.empty());
        CHECK_FALSE(result.evidence.empty());
    }
}

TEST_CASE("without_traffic_nothing_passes", "[checks]") {
    Wire nothing;
    nothing.put(ethernet(nothing.camera_mac, nothing.router_mac, 0x0806,
                         arp(1, nothing.router_mac, nothing.router, nothing.camera)));
    for (const auto& result : {declared(nothing), literal(nothing), resolvers(nothing)})
        CHECK(result.verdict == Verdict::inconclusive);
    const auto empty = observe({});
    const auto declaration = declared_vendor();
    CHECK(judged("only-declared-destinations", empty, &declaration).verdict == Verdict::inconclusive);
    CHECK(judge(empty, &declaration, {}, Scope::captures).verdict == Verdict::inconclusive);
}

TEST_CASE("without_a_declaration_nothing_can_be_undeclared", "[checks]") {
    CHECK(judged("only-declared-destinations", observe(honest().frames), nullptr).verdict ==
          Verdict::inconclusive);
}

TEST_CASE("an_undeclared_name_fails_with_its_endpoint_and_frame", "[checks]") {
    auto wire = honest();
    wire.resolve("report.evil.example", ip("203.0.113.66"));
    const auto frame = wire.connect(ip("203.0.113.66"), 443, client_hello("report.evil.example"));
    const auto result = declared(wire);
    CHECK(result.verdict == Verdict::fail);
    REQUIRE(result.findings.size() == 1);
    CHECK(mentions(result, "report.evil.example:443/tcp"));
    REQUIRE(result.findings[0].evidence.size() == 1);
    CHECK(result.findings[0].evidence[0].frame == frame);
}

TEST_CASE("a_failed_attempt_and_a_mere_question_count", "[checks]") {
    auto wire = honest();
    SECTION("a SYN without an answer") {
        wire.resolve("silent.evil.example", ip("203.0.113.66"));
        wire.out(ip("203.0.113.66"), 6, tcp(40099, 8443, 1, 0, syn));
        CHECK(mentions(declared(wire), "tries to reach silent.evil.example:8443/tcp"));
    }
    SECTION("a question that nobody answered") {
        wire.ask("asked.evil.example", 16);
        CHECK(mentions(declared(wire), "asks for the name asked.evil.example"));
    }
    CHECK(declared(wire).verdict == Verdict::fail);
}

TEST_CASE("name_tricks_do_not_make_a_name_declared", "[checks]") {
    for (const auto* name : {"cloud.vendor.example", "evilcloud.vendor.example",
                             "a.cloud.vendor.example.evil.example", "time.vendor.example.evil.example"}) {
        auto wire = honest();
        wire.resolve(name, ip("203.0.113.66"));
        wire.connect(ip("203.0.113.66"), 443, client_hello(name));
        INFO(name);
        CHECK(declared(wire).verdict == Verdict::fail);
    }
    auto wire = honest();
    wire.resolve("A.B.Cloud.VENDOR.example", ip("203.0.113.3"));
    wire.connect(ip("203.0.113.3"), 443, client_hello("a.b.cloud.vendor.example"));
    CHECK(declared(wire).verdict == Verdict::pass);
}

TEST_CASE("a_declared_name_on_another_port_or_transport_fails_and_says_so", "[checks]") {
    auto wire = honest();
    SECTION("port") { wire.connect(ip("203.0.113.2"), 8443, client_hello("a.cloud.vendor.example")); }
    SECTION("transport") { wire.datagram(ip("203.0.113.2"), 443, to_bytes("datagram")); }
    SECTION("ping") { wire.out(ip("203.0.113.2"), 1, icmp_echo(3)); }
    const auto result = declared(wire);
    CHECK(result.verdict == Verdict::fail);
    CHECK(mentions(result, "only with 443/tcp"));
}

TEST_CASE("another_protocol_in_the_place_of_the_declared_one_fails", "[checks]") {
    Wire wire;
    wire.lease().resolve("a.cloud.vendor.example", ip("203.0.113.2"));
    wire.connect(ip("203.0.113.2"), 443,
                 to_bytes("GET /secret HTTP/1.1\r\nHost: a.cloud.vendor.example\r\n\r\n"));
    const auto result = declared(wire);
    CHECK(result.verdict == Verdict::fail);
    CHECK(mentions(result, "speaks http"));
}

TEST_CASE("a_declared_front_for_an_undeclared_name_fails", "[checks]") {
    Wire wire;
    wire.lease().resolve("a.cloud.vendor.example", ip("203.0.113.2"));
    wire.connect(ip("203.0.113.2"), 443, client_hello("hidden.evil.example"));
    const auto result = declared(wire);
    CHECK(result.verdict == Verdict::fail);
    CHECK(mentions(result, "hidden.evil.example"));
}

TEST_CASE("a_claimed_name_declares_nothing_in_a_complete_recording", "[checks]") {
    auto wire = honest();
    wire.connect(ip("198.51.100.9"), 443, client_hello("b.cloud.vendor.example"));
    CHECK(declared(wire, true).verdict == Verdict::fail);
    CHECK(literal(wire, true).verdict == Verdict::fail);
    CHECK(declared(wire, false).verdict == Verdict::pass);
    // The recording shows the camera join, and what it asks: of this name there would be an answer.
    CHECK(literal(wire, false).verdict == Verdict::inconclusive);
    wire.frames.erase(wire.frames.begin(), wire.frames.begin() + 4);
    CHECK(literal(wire, false).verdict == Verdict::pass);
    CHECK(mentions(literal(wire, false), "1 server is named by nothing but what the camera says"));
}

TEST_CASE("a_planted_address_fails_both_checks_by_tcp_udp_and_ipv6", "[checks]") {
    auto wire = honest();
    std::string address = "198.51.100.77";
    SECTION("tcp") { wire.connect(ip(address), 9443, to_bytes("beacon")); }
    SECTION("udp") { wire.datagram(ip(address), 32100, ByteWriter().u32(0xf1000000).take()); }
    SECTION("unanswered") { wire.out(ip(address), 6, tcp(40099, 9443, 1, 0, syn)); }
    SECTION("ipv6") { wire.datagram(ip(address = "2001:db8:66::7"), 9443, to_bytes("beacon")); }
    SECTION("ping") { wire.out(ip(address), 1, icmp_echo(3)); }
    CHECK(declared(wire).verdict == Verdict::fail);
    CHECK(literal(wire).verdict == Verdict::fail);
    CHECK(mentions(literal(wire), address));
}

TEST_CASE("a_declared_address_is_no_planted_one", "[checks]") {
    auto declaration = declared_vendor();
    declaration.destinations.push_back(
        {.network = Cidr::parse("198.51.100.0/24").value(), .port = 9443, .purpose = "relay"});
    auto wire = honest();
    wire.connect(ip("198.51.100.77"), 9443, to_bytes("beacon"));
    CHECK(declared(wire, true, declaration).verdict == Verdict::pass);
    CHECK(literal(wire, true, declaration).verdict == Verdict::pass);
    wire.connect(ip("198.51.101.77"), 9443, to_bytes("beacon"));
    CHECK(declared(wire, true, declaration).verdict == Verdict::fail);
    CHECK(literal(wire, true, declaration).verdict == Verdict::fail);
}

TEST_CASE("a_flow_under_way_when_a_foreign_recording_begins_proves_nothing", "[checks]") {
    Wire wire;
    wire.out(ip("198.51.100.77"), 6, tcp(40001, 443, 1, 1, ack, to_bytes("data")));
    wire.in(ip("198.51.100.77"), 6, tcp(443, 40001, 1, 5, ack, to_bytes("data")));
    CHECK(literal(wire, std::nullopt).verdict == Verdict::inconclusive);
    CHECK(declared(wire, std::nullopt).verdict == Verdict::inconclusive);
}

TEST_CASE("a_cut_answer_may_have_named_the_address", "[checks]") {
    auto wire = honest();
    wire.ask("b.cloud.vendor.example");
    auto answer =
        ethernet(wire.camera_mac, wire.router_mac, 0x0800,
                 ipv4(wire.resolver, wire.camera, 17,
                      udp(53, wire.last_port(),
                          dns_answer(103, "b.cloud.vendor.example",
                                     {address_record("b.cloud.vendor.example", ip("203.0.113.3"))}))));
    answer.resize(answer.size() - 4);  // snap length
    wire.put(answer);
    wire.connect(ip("203.0.113.3"), 443, {});
    CHECK(literal(wire).verdict == Verdict::inconclusive);
}

TEST_CASE("what_the_network_gives_needs_no_declaration", "[checks]") {
    Wire wire;
    DhcpOptions given;
    given.time_servers = {ip("192.0.2.123")};
    given.resolvers = {ip("192.0.2.53")};
    wire.resolver = ip("192.0.2.53");
    wire.lease(given).resolve("time.vendor.example", ip("203.0.113.1"));
    wire.datagram(ip("192.0.2.123"), 123, ntp_request(), ntp_request());
    wire.out(wire.router, 1, icmp_echo(2));
    wire.connect(ip("192.0.2.53"), 53, {}, {});
    CHECK(declared(wire).verdict == Verdict::pass);
    CHECK(literal(wire).verdict == Verdict::pass);
    CHECK(resolvers(wire).verdict == Verdict::pass);
}

TEST_CASE("discovery_on_the_local_network_is_noted_and_private_protocols_fail", "[checks]") {
    auto wire = honest();
    wire.group(ip("239.255.255.250"), 1900, 1900,
               to_bytes("NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n\r\n"));
    wire.group(ip("239.255.255.250"), 3702, 3702,
               to_bytes("<Hello xmlns='http://schemas.xmlsoap.org/ws/2005/04/discovery'/>"));
    const auto noted = declared(wire);
    CHECK(noted.verdict == Verdict::pass);
    REQUIRE(noted.findings.size() == 1);
    CHECK(mentions(noted, "ssdp"));
    wire.group(ip("192.168.7.255"), 21098, 32108, ByteWriter().u32(0xf1300000).take());
    CHECK(declared(wire).verdict == Verdict::fail);
    CHECK(mentions(declared(wire), "32108"));
}

TEST_CASE("an_undeclared_neighbour_fails_unless_it_had_asked_or_announced_itself", "[checks]") {
    auto wire = honest();
    const auto neighbour = ip("192.168.7.60");
    const auto hello = to_bytes("GET /description.xml HTTP/1.1\r\nHost: 192.168.7.60\r\n\r\n");
    SECTION("out of the blue") {
        wire.connect(neighbour, 80, hello);
        CHECK(declared(wire).verdict == Verdict::fail);
    }
    SECTION("after an announcement") {
        wire.put(ethernet(mac("01:00:5e:7f:ff:fa"), mac("02:cc:cc:cc:cc:cc"), 0x0800,
                          ipv4(neighbour, ip("239.255.255.250"), 17,
                               udp(1900, 1900, to_bytes("NOTIFY * HTTP/1.1\r\n\r\n")))));
        wire.connect(neighbour, 80, hello);
        CHECK(declared(wire).verdict == Verdict::pass);
        wire.connect(neighbour, 80,
                     to_bytes("POST /ctl HTTP/1.1\r\nSOAPAction: \"urn:x#AddPortMapping\"\r\n\r\n"));
        CHECK(declared(wire).verdict == Verdict::fail);
    }
    SECTION("after its answer to a search") {
        wire.in(neighbour, 17,
                udp(1900, 50123,
                    to_bytes("HTTP/1.1 200 OK\r\nLOCATION: http://192.168.7.60/description.xml\r\n\r\n")));
        wire.connect(neighbour, 80, hello);
        CHECK(declared(wire).verdict == Verdict::pass);
    }
    SECTION("in answer to a probe") {
        wire.put(
            ethernet(mac("01:00:5e:7f:ff:fa"), mac("02:cc:cc:cc:cc:cc"), 0x0800,
                     ipv4(neighbour, ip("239.255.255.250"), 17, udp(50123, 3702, to_bytes("<Probe/>")))));
        wire.out(neighbour, 17, udp(3702, 50123, to_bytes("<ProbeMatches/>")));
        CHECK(declared(wire).verdict == Verdict::pass);
    }
}

TEST_CASE("local_and_reverse_names_may_be_asked_for_but_carry_nothing", "[checks]") {
    auto wire = honest();
    for (const auto* name :
         {"printer.local", "wpad", "1.7.168.192.in-addr.arpa", "_services._dns-sd._udp.local"})
        wire.ask(name);
    CHECK(declared(wire).verdict == Verdict::pass);
    wire.ask("c2VjcmV0IHBpY3R1cmU.x.in-addr.arpa");
    CHECK(declared(wire).verdict == Verdict::fail);
}

TEST_CASE("a_search_domain_behind_a_declared_name_is_no_undeclared_name", "[checks]") {
    Wire wire;
    DhcpOptions given;
    given.domain = "lab.lan";
    wire.lease(given).resolve("time.vendor.example", ip("203.0.113.1"));
    wire.ask("time.vendor.example.lab.lan");
    CHECK(declared(wire).verdict == Verdict::pass);
    wire.ask("other.example.lab.lan");
    CHECK(declared(wire).verdict == Verdict::fail);
}

TEST_CASE("a_resolver_of_its_own_fails_whatever_way_it_is_asked", "[checks]") {
    auto wire = honest();
    SECTION("udp") { wire.out(ip("8.8.8.8"), 17, udp(41234, 53, dns_query(1, "time.vendor.example"))); }
    SECTION("another port") {
        wire.out(ip("198.51.100.53"), 17, udp(41234, 5300, dns_query(1, "time.vendor.example")));
    }
    SECTION("a bare connection to port 53") { wire.out(ip("8.8.8.8"), 6, tcp(41234, 53, 1, 0, syn)); }
    SECTION("dns over tls") { wire.connect(ip("9.9.9.9"), 853, client_hello("")); }
    SECTION("dns over https") { wire.connect(ip("1.1.1.1"), 443, client_hello("cloudflare-dns.com")); }
    SECTION("ipv6") {
        wire.out(ip("2001:4860:4860::8888"), 17, udp(41234, 53, dns_query(1, "time.vendor.example", 28)));
    }
    const auto result = resolvers(wire);
    CHECK(result.verdict == Verdict::fail);
    CHECK_FALSE(result.findings.front().evidence.empty());
}

TEST_CASE("declared_resolvers_are_allowed_and_unknown_ones_inconclusive", "[checks]") {
    auto wire = honest();
    wire.out(ip("198.51.100.53"), 17, udp(41234, 53, dns_query(1, "time.vendor.example")));
    auto declaration = declared_vendor();
    declaration.resolvers = {ip("198.51.100.53")};
    CHECK(resolvers(wire, true, declaration).verdict == Verdict::pass);
    CHECK(literal(wire, true, declaration).verdict == Verdict::pass);
    Wire middle;  // no DHCP on record
    middle.out(ip("198.51.100.53"), 17, udp(41234, 53, dns_query(1, "time.vendor.example")));
    CHECK(resolvers(middle, std::nullopt).verdict == Verdict::inconclusive);
    CHECK(literal(middle, std::nullopt).verdict == Verdict::inconclusive);
    CHECK(resolvers(middle, true).verdict == Verdict::fail);
}

TEST_CASE("the_json_of_analyze_has_its_contract", "[checks]") {
    auto wire = honest();
    wire.connect(ip("198.51.100.77"), 9443, to_bytes("beacon"));
    const auto declaration = declared_vendor();
    const auto seen = observe(wire.frames);
    const auto judgement = judge(seen, &declaration, {}, Scope::captures);
    const auto json = analyze_json(seen, &declaration, judgement, "x.pcap");
    CHECK(json["verdict"] == "FAIL");
    CHECK(json["camera"]["mac"] == "02:4b:52:00:00:01");
    bool planted = false;
    for (const auto& destination : json["destinations"]) {
        for (const auto* key : {"name", "address", "resolution", "port", "transport", "protocol", "bytes_out",
                                "bytes_in", "attempts", "first_seen", "last_seen", "declared"})
            CHECK(destination.contains(key));
        if (destination["address"] != "198.51.100.77") continue;
        planted = true;
        CHECK(destination["name"].is_null());
        CHECK(destination["resolution"] == "literal");
        CHECK(destination["declared"] == false);
        CHECK(destination["first_seen"].get<double>() > 1.7e9);
    }
    CHECK(planted);
    REQUIRE_FALSE(json["findings"].empty());
    CHECK(json["findings"][0]["evidence"][0]["frame"].is_number());
    CHECK(analyze_json(seen, nullptr, judge(seen, nullptr, {}, Scope::captures),
                       "x")["destinations"][0]["declared"]
              .is_null());
}
