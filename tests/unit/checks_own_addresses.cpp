#include "harness/checks/judgement.hpp"
#include "harness/checks/resolvers.hpp"
#include "tests/catch.hpp"
#include "tests/unit/judged.hpp"
#include "tests/unit/packets.hpp"

using namespace cambench;
using namespace cambench::packets;

namespace {

constexpr bool whole_run = true;

Declaration vendor_without_leases() {
    Declaration declaration;
    declaration.destinations.push_back({.name = "time.vendor.example",
                                        .port = 123,
                                        .transport = Transport::udp,
                                        .protocol = "ntp",
                                        .purpose = "clock"});
    return declaration;
}

/// A camera with an address of its own: it looks for its router, and asks `resolver` for the time server. Of
/// DHCP there is nothing.
Wire own_address(const IpAddress& resolver, const IpAddress& camera = ip("192.168.1.108"),
                 const IpAddress& router = ip("192.168.1.1")) {
    Wire wire;
    (camera.is_v4() ? wire.camera : wire.camera6) = camera;
    wire.router = router;
    wire.resolver = resolver;
    if (camera.is_v4()) {
        wire.put(ethernet(mac("ff:ff:ff:ff:ff:ff"), wire.camera_mac, 0x0806,
                          arp(1, wire.camera_mac, camera, router)));
        wire.put(ethernet(wire.camera_mac, wire.router_mac, 0x0806, arp(2, wire.router_mac, router, camera)));
    }
    const auto server = camera.is_v4() ? ip("203.0.113.1") : ip("2001:db8:ffff::1");
    wire.resolve("time.vendor.example", server);
    wire.datagram(server, 123, ntp_request(), ntp_request());
    return wire;
}

Verdict verdict_of_check(const char* check, const Wire& wire,
                         const Declaration& declaration = vendor_without_leases()) {
    return judged(check, observe(wire.frames, whole_run), &declaration).verdict;
}

}  // namespace

TEST_CASE(
    "a camera with an address of its own that asks its router for names passes every check of its traffic",
    "[checks]") {
    for (const auto& [camera, router] :
         {std::pair{"192.168.1.108", "192.168.1.1"}, std::pair{"10.20.30.40", "10.20.30.254"},
          std::pair{"fd00:5::108", "fd00:5::1"}}) {
        CAPTURE(camera);
        const auto wire = own_address(ip(router), ip(camera), ip(router));
        CHECK(verdict_of_check("resolver-discipline", wire) == Verdict::pass);
        CHECK(verdict_of_check("no-literal-addresses", wire) == Verdict::pass);
        CHECK(verdict_of_check("only-declared-destinations", wire) == Verdict::pass);
        const auto declaration = vendor_without_leases();
        CHECK(judged("resolver-discipline", observe(wire.frames, whole_run), &declaration)
                  .title.find("the network gave it") == std::string::npos);
    }
}

TEST_CASE(
    "a resolver of the internet in such a camera is the vendor's unless it is stated, one of the site nobody "
    "can tell",
    "[checks]") {
    const auto foreign = own_address(ip("8.8.8.8"));
    auto declaration = vendor_without_leases();
    const auto result = judged("resolver-discipline", observe(foreign.frames, whole_run), &declaration);
    CHECK(result.verdict == Verdict::fail);
    REQUIRE_FALSE(result.findings.empty());
    CHECK(result.findings.front().title.find("instead of the one it was given") == std::string::npos);
    CHECK(result.findings.front().detail.find("<network resolver=\"8.8.8.8\"/>") != std::string::npos);
    CHECK(verdict_of_check("no-literal-addresses", foreign) == Verdict::fail);
    declaration.resolvers = {ip("8.8.8.8")};
    CHECK(verdict_of_check("resolver-discipline", foreign, declaration) == Verdict::pass);
    CHECK(verdict_of_check("no-literal-addresses", foreign, declaration) == Verdict::pass);

    const auto of_the_site = own_address(ip("10.0.0.53"));
    CHECK(verdict_of_check("resolver-discipline", of_the_site) == Verdict::inconclusive);
    CHECK(verdict_of_check("no-literal-addresses", of_the_site) == Verdict::inconclusive);
    declaration.resolvers = {ip("10.0.0.53")};
    CHECK(verdict_of_check("resolver-discipline", of_the_site, declaration) == Verdict::pass);
}

TEST_CASE("a planted address in a camera with an address of its own is found", "[checks]") {
    auto wire = own_address(ip("192.168.1.1"));
    wire.connect(ip("198.51.100.77"), 9443, to_bytes("beacon"));
    CHECK(verdict_of_check("no-literal-addresses", wire) == Verdict::fail);
    CHECK(verdict_of_check("only-declared-destinations", wire) == Verdict::fail);
}

TEST_CASE("who has a lease has no settings of its own, whatever address it used before", "[checks]") {
    Wire wire;
    wire.put(ethernet(mac("ff:ff:ff:ff:ff:ff"), wire.camera_mac, 0x0806,
                      arp(1, wire.camera_mac, ip("192.168.1.108"), ip("192.168.1.1"))));
    wire.lease().resolve("time.vendor.example", ip("203.0.113.1"));
    const auto seen = observe(wire.frames, whole_run);
    CHECK_FALSE(has_own_settings(IpAddress::Family::v4, seen));
    CHECK(has_own_settings(IpAddress::Family::v4, observe(own_address(ip("192.168.1.1")).frames, whole_run)));
    CHECK_FALSE(
        has_own_settings(IpAddress::Family::v4,
                         observe(own_address(ip("192.168.1.1")).frames)));  // who knows what came before
    wire.out(ip("10.0.0.53"), 17, udp(41234, 53, dns_query(1, "time.vendor.example")));
    CHECK(verdict_of_check("resolver-discipline", wire) == Verdict::fail);
}

TEST_CASE("abilities that could not be asked leave it open whether some were gained", "[checks]") {
    const auto run = [](const Json& unasked) {
        analysis::Observations seen;
        seen.run.present = true;
        for (const auto* label : {"before", "after"})
            seen.run.events.push_back(
                {std::chrono::seconds(1),
                 "scenario",
                 "snapshot",
                 {{"label", label}, {"facts", {{"open port", "554/tcp", ""}}}, {"unasked", unasked}}});
        return judged("abilities-unchanged", seen);
    };
    const auto open = run({"ONVIF's GetProfiles asks for a login that was not given, or not taken"});
    CHECK(open.verdict == Verdict::inconclusive);
    CHECK(open.findings.front().detail.find("GetProfiles") != std::string::npos);
    CHECK(run(Json::array()).verdict != Verdict::fail);
}
