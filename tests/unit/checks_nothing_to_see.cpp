#include <fmt/format.h>

#include "harness/checks/judgement.hpp"
#include "harness/declaration/declaration.hpp"
#include "tests/catch.hpp"
#include "tests/unit/judged.hpp"
#include "tests/unit/packets.hpp"

/// Whatever a check asks: where there is nothing to see, it does not acquit.
using namespace cambench;
using namespace cambench::packets;
using namespace std::chrono_literals;

namespace {

/// A declaration that gives every check its subject.
Declaration talkative() {
    Declaration declaration;
    declaration.identity = {"VX-9", "1.4.2", "cam-*", {"02:4b:52"}, {"Linux version [0-9]"}};
    declaration.destinations.push_back({.name = "time.vendor.example",
                                        .port = 123,
                                        .transport = Transport::udp,
                                        .protocol = "ntp",
                                        .purpose = "clock"});
    declaration.destinations.push_back({.name = "cloud.vendor.example",
                                        .port = 443,
                                        .transport = Transport::tcp,
                                        .protocol = "tls",
                                        .purpose = "health report",
                                        .cloud = true});
    declaration.destinations.back().every = 60s;
    declaration.destinations.back().volume = 2000;
    declaration.services.push_back({.port = 554, .transport = Transport::tcp, .protocol = "rtsp"});
    declaration.abilities = {{"video", true}, {"audio", false}};
    return declaration;
}

analysis::Observations run_of(const std::vector<Stamped>& frames, const std::string& timeline,
                              const std::string& console) {
    const TemporaryFile capture(pcap(frames)), timeline_file(timeline), console_file(console);
    analysis::Inputs inputs;
    inputs.captures = {{capture.path(), "capture.pcapng"}};
    inputs.timeline = timeline_file.path();
    inputs.console = console_file.path();
    auto seen = analysis::analyze(inputs);
    REQUIRE(seen.ok());
    return std::move(seen).value();
}

std::string event(double when, const std::string& lane, const std::string& kind,
                  Json fields = Json::object()) {
    fields["t"] = static_cast<std::int64_t>(when * 1e9);
    fields["lane"] = lane;
    fields["kind"] = kind;
    return fields.dump() + "\n";
}

std::string sound_timeline(const std::string& between = {}) {
    return event(0, "bench", "run", {{"wall_zero", "2023-11-14T22:13:20Z"}}) +
           event(0.1, "bench", "containment", {{"self_test", true}}) + event(0.2, "power", "on") + between +
           event(60, "power", "off") +
           event(60.1, "bench", "capture-closed", {{"frames", 4}, {"bytes", 0}, {"dropped", 0}}) +
           event(60.2, "bench", "containment", {{"escaped_packets", 0}});
}

/// Those that judge the bench, not the camera: a sound bench is one with a silent camera, too.
bool judges_the_bench(const CheckType& type) { return type.when == CheckType::When::always; }

/// Parameters that make a check strict where it can be.
std::string strictest(const CheckType& type) {
    return type.element.name == "reconnect-back-off" ? "required=\"yes\"" : "";
}

void nobody_is_acquitted(const analysis::Observations& observations, bool bench_too) {
    const auto declaration = talkative();
    for (const auto* type : check_types()) {
        if (!bench_too && judges_the_bench(*type)) continue;
        INFO(type->element.name);
        const auto result = judged(type->element.name, observations, &declaration, strictest(*type));
        INFO(result.title);
        CHECK(result.verdict != Verdict::pass);
        CHECK(result.verdict != Verdict::fail);
        if (!type->needs_declaration)
            CHECK(judged(type->element.name, observations, nullptr, strictest(*type)).verdict !=
                  Verdict::pass);
    }
}

Wire only_a_lease() {
    Wire wire;
    wire.lease();
    return wire;
}

}  // namespace

TEST_CASE("no check acquits on no recording at all", "[checks][nothing]") { nobody_is_acquitted({}, true); }

TEST_CASE("no check acquits on an empty recording", "[checks][nothing]") {
    nobody_is_acquitted(observe({}), true);
    nobody_is_acquitted(run_of({}, sound_timeline(), ""), false);
}

TEST_CASE("no check acquits a camera that was only given an address", "[checks][nothing]") {
    const auto wire = only_a_lease();
    nobody_is_acquitted(run_of(wire.frames, sound_timeline(), ""), false);
    const auto declaration = talkative();
    const auto judgement = judge(observe(wire.frames), &declaration, {}, Scope::captures);
    CHECK(judgement.verdict == Verdict::inconclusive);
    CHECK(judge(observe(wire.frames), nullptr, {}, Scope::captures).verdict == Verdict::inconclusive);
}

TEST_CASE("one frame of a camera acquits it of nothing", "[checks][nothing]") {
    const auto declaration = talkative();
    Wire wire;
    const auto kind = GENERATE(0, 1, 2, 3, 4);
    if (kind == 0) wire.lease();
    if (kind == 1) wire.ask("cloud.vendor.example");
    if (kind == 2) wire.datagram(ip("203.0.113.1"), 123, ntp_request());
    if (kind == 3) wire.group(ip("224.0.0.251"), 5353, 5353, dns_query(1, "_http._tcp.local"));
    if (kind == 4) wire.out(ip("203.0.113.1"), 6, tcp(40000, 443, 1, 0, syn));
    wire.frames.resize(1);
    for (const auto* each : {&declaration, static_cast<const Declaration*>(nullptr)})
        CHECK(judge(observe(wire.frames), each, {}, Scope::captures).verdict == Verdict::inconclusive);
}

TEST_CASE("a recording that never leaves the camera's own network acquits it of nothing",
          "[checks][nothing]") {
    auto wire = only_a_lease();
    const auto neighbour = ip("192.168.7.77");
    wire.put(ethernet(mac("ff:ff:ff:ff:ff:ff"), wire.camera_mac, 0x0806,
                      arp(1, wire.camera_mac, wire.camera, neighbour)));
    wire.group(ip("224.0.0.251"), 5353, 5353, dns_query(1, "_http._tcp.local"));
    wire.group(ip("239.255.255.250"), 3702, 3702,
               to_bytes("<Hello xmlns=\"http://schemas.xmlsoap.org/ws/2005/04/discovery\"/>"));
    wire.resolve("cloud.vendor.example", ip("203.0.113.5"));
    const auto declaration = talkative();
    CHECK(judge(observe(wire.frames), &declaration, {}, Scope::captures).verdict == Verdict::inconclusive);
    SECTION("and once it reaches its server it does") {
        wire.connect(ip("203.0.113.5"), 443, client_hello("cloud.vendor.example"));
        CHECK(judge(observe(wire.frames), &declaration, {}, Scope::captures).verdict == Verdict::pass);
    }
}

TEST_CASE("a run whose stimulus did not take is never PASS, whatever is asked", "[checks][nothing]") {
    auto wire = only_a_lease();
    wire.resolve("time.vendor.example", ip("203.0.113.1"));
    wire.datagram(ip("203.0.113.1"), 123, ntp_request(), ntp_request());
    wire.resolve("cloud.vendor.example", ip("203.0.113.5"));
    wire.connect(ip("203.0.113.5"), 443, client_hello("cloud.vendor.example"));
    const auto failed = event(5, "scenario", "stimulus",
                              {{"step", "<advance-clock by=\"30d\"/>"},
                               {"took", false},
                               {"why", "the camera never asked for the time"}});
    const auto observations =
        run_of(wire.frames, sound_timeline(failed), "U-Boot 2022.04\nLinux version 6.1.0\nlogin: \n");
    const auto declaration = talkative();
    for (const auto* type : check_types()) {
        INFO(type->element.name);
        markup::Problems problems;
        std::vector<markup::Node> nodes;
        nodes.push_back(markup::read_text("<" + type->element.name + " " + strictest(*type) + "/>", "test",
                                          type->element, problems)
                            .value());
        CHECK(judge(observations, &declaration, nodes).verdict != Verdict::pass);
    }
}

TEST_CASE("a check of what the scenario does to the camera is INCONCLUSIVE where nothing was done",
          "[checks][nothing]") {
    auto wire = only_a_lease();
    wire.resolve("cloud.vendor.example", ip("203.0.113.5"));
    wire.connect(ip("203.0.113.5"), 443, client_hello("cloud.vendor.example"));
    const auto observations =
        run_of(wire.frames, sound_timeline(), "U-Boot 2022.04\nLinux version 6.1.0\nlogin: \n");
    const auto declaration = talkative();
    for (const auto* check :
         {"abilities-unchanged", "autoboot-locked", "bootrom-closed", "cloud-off-obeyed", "no-default-login",
          "no-old-tls", "no-plaintext-fallback", "only-declared-services", "reconnect-back-off",
          "still-a-camera", "survives-power-cut", "tls-verified", "updates-consented", "updates-transport",
          "updates-verified"}) {
        const auto result = judged(check, observations, &declaration,
                                   check == std::string("reconnect-back-off") ? "required=\"yes\"" : "");
        INFO(check << ": " << result.title);
        CHECK(result.verdict == Verdict::inconclusive);
    }
}
