#include <fmt/format.h>

#include "harness/checks/bounds.hpp"
#include "harness/checks/judgement.hpp"
#include "tests/catch.hpp"
#include "tests/unit/honest_camera.hpp"
#include "tests/unit/judged.hpp"
#include "tests/unit/packets.hpp"
#include "tests/unit/recorded_run.hpp"
#include "tests/unit/slot_wire.hpp"

using namespace cambench;
using namespace cambench::packets;
using namespace std::chrono_literals;
using analysis::Subject;

namespace cambench::bounds_of_checks {
/// What was not looked at clears nobody; what is proven stands.
namespace {

using slot_wire::vendor;

const CheckResult* result_of(const Judgement& judgement, std::string_view check) {
    for (const auto& result : judgement.results)
        if (result.check == check) return &result;
    return nullptr;
}

/// An event of the fake internet about a contact, and whether frames were lost.
analysis::Observations run_with(const std::string& destination, const std::string& name, unsigned dropped,
                                const std::string& more = {}) {
    RecordedRun run(honest());
    const auto fields = fmt::format(
        R"("camera":"192.168.7.20:40123","destination":"{}","name":{},"transport":"tcp","protocol":"https"{})",
        destination, name.empty() ? "null" : "\"" + name + "\"", more);
    run.event("tcp-open", fields);
    run.bench_event("capture-closed",
                    fmt::format(R"("frames":{},"bytes":0,"dropped":{})", run.wire.frames.size(), dropped));
    return run.observe();
}

}  // namespace

TEST_CASE("a bound that was reached is said, and no check that rests on what lies beyond passes",
          "[checks][bounds]") {
    const auto declaration = vendor();
    auto observations = observe(honest().frames, true);
    const auto before = judge(observations, &declaration, {}, Scope::captures);
    REQUIRE(before.verdict == Verdict::pass);
    for (const auto subject : {Subject::everything, Subject::destinations, Subject::names, Subject::contents,
                               Subject::moments, Subject::sessions}) {
        observations.bounds = {{subject, "somethings", 10, 3, std::nullopt}};
        const auto after = judge(observations, &declaration, {}, Scope::captures);
        CHECK(after.verdict == Verdict::inconclusive);
        REQUIRE(result_of(after, "nothing-lost") != nullptr);
        CHECK(result_of(after, "nothing-lost")->verdict == Verdict::inconclusive);
        CHECK(result_of(after, "only-declared-destinations")
                  ->title.find("more than 10 somethings: 3 further were not judged") != std::string::npos);
        CHECK(std::any_of(after.limits.begin(), after.limits.end(), [](const std::string& limit) {
            return limit.find("more than 10 somethings") != std::string::npos;
        }));
    }
}

TEST_CASE("a bound on something else leaves a check alone", "[checks][bounds]") {
    const auto declaration = vendor();
    auto observations = observe(honest().frames, true);
    observations.bounds = {{Subject::console, "lines of the console", 10, 3, std::nullopt}};
    const auto judgement = judge(observations, &declaration, {}, Scope::captures);
    REQUIRE(result_of(judgement, "no-lan-scan") != nullptr);
    CHECK(result_of(judgement, "no-lan-scan")->verdict == Verdict::pass);
}

TEST_CASE("what is proven stands whatever bound was reached", "[checks][bounds]") {
    const auto declaration = vendor();
    auto wire = honest();
    wire.wait(10s).connect(ip("198.51.100.77"), 9443, to_bytes("hello"));
    auto observations = observe(wire.frames, true);
    observations.bounds = {
        {Subject::everything, "anything", 0, 0, std::nullopt},
        {Subject::names, "names that it asked for", 10, 1, observations.captures[0].first}};
    const auto judgement = judge(observations, &declaration, {}, Scope::captures);
    CHECK(judgement.verdict == Verdict::fail);
    CHECK(result_of(judgement, "no-literal-addresses")->verdict == Verdict::fail);
    CHECK(result_of(judgement, "only-declared-destinations")->verdict == Verdict::fail);
}

TEST_CASE("ten thousand strangers make a verdict that can be read, and all of them are counted",
          "[checks][bounds]") {
    const auto declaration = vendor();
    auto wire = honest();
    for (std::uint32_t i = 0; i < 10'000; ++i)
        wire.out(IpAddress::v4(0xc6336400 + i), 6, tcp(40000, 8443, 1000, 0, syn));
    const auto observations = observe(wire.frames, true);
    const auto judgement = judge(observations, &declaration, {}, Scope::captures);
    CHECK(judgement.verdict == Verdict::fail);
    for (const auto& result : judgement.results) {
        CHECK(result.findings.size() <= most_findings_of_a_check + 4);
        CHECK(result.evidence.size() <= most_pointers_of_a_check);
    }
    const auto& findings = result_of(judgement, "only-declared-destinations")->findings;
    CHECK(std::any_of(findings.begin(), findings.end(), [](const Finding& one) {
        return one.verdict == Verdict::fail &&
               one.title.find("further findings of this kind") != std::string::npos;
    }));
    const auto json = to_json(observations, &declaration, judgement);
    CHECK(json["destinations"].size() == 2000);
    CHECK(json["destinations_left_out"].get<std::size_t>() == observations.destinations.size() - 2000);
    CHECK(json.dump().size() < 20'000'000);
}

TEST_CASE("a list that is cut keeps the strangers among ten thousand declared destinations",
          "[checks][bounds]") {
    const auto declaration = vendor();
    auto observations = observe(honest().frames, true);
    const auto model = *find(observations, "a.cloud.vendor.example", 443);
    for (int i = 0; i < 5000; ++i) {
        observations.destinations.push_back(model);
        observations.destinations.back().name = fmt::format("n{}.cloud.vendor.example", i);
    }
    observations.destinations.push_back(model);
    observations.destinations.back().name = "stranger.example";
    const auto json =
        to_json(observations, &declaration, judge(observations, &declaration, {}, Scope::captures));
    CHECK(std::any_of(json["destinations"].begin(), json["destinations"].end(),
                      [](const Json& row) { return row["name"] == "stranger.example"; }));
}

TEST_CASE("what the fake internet answered is proven though the capture lost its frames",
          "[checks][bounds]") {
    const auto declaration = vendor();
    const auto lost = run_with("198.51.100.77:9443", "", 12);
    REQUIRE(find(lost, "198.51.100.77", 9443) != nullptr);
    CHECK(find(lost, "198.51.100.77", 9443)->by_events);
    CHECK(judged("no-literal-addresses", lost, &declaration).verdict == Verdict::fail);
    CHECK(judged("only-declared-destinations", lost, &declaration).verdict == Verdict::fail);
    CHECK(judged("only-declared-destinations", run_with("203.0.113.99:443", "stranger.example", 12),
                 &declaration)
              .verdict == Verdict::fail);
    const auto v6 = run_with("[2001:db8:ffff::77]:9443", "", 12);
    CHECK(judged("no-literal-addresses", v6, &declaration).verdict == Verdict::fail);
}

TEST_CASE("lost frames accuse nobody of what is declared or of the site", "[checks][bounds]") {
    const auto declaration = vendor();
    for (const auto& [destination, name] : {std::pair("203.0.113.50:443", "b.cloud.vendor.example"),
                                            std::pair("203.0.113.2:443", "a.cloud.vendor.example")}) {
        const auto seen = run_with(destination, name, 12);
        CHECK(judged("only-declared-destinations", seen, &declaration).verdict != Verdict::fail);
        CHECK(judged("no-literal-addresses", seen, &declaration).verdict != Verdict::fail);
        CHECK(judged("nothing-lost", seen, &declaration).verdict == Verdict::inconclusive);
    }
    CHECK(judged("no-literal-addresses", run_with("192.168.7.9:80", "", 12), &declaration).verdict !=
          Verdict::fail);
    // What a proxy was asked for is no destination of its own.
    CHECK(find(run_with("198.51.100.77:9443", "", 12, R"(,"toward":"x.example:1")"), "198.51.100.77", 9443) ==
          nullptr);
}

TEST_CASE("lost frames of a camera with its own settings accuse nobody of a neighbour", "[checks][bounds]") {
    const auto declaration = vendor();
    const auto seen = [&](const std::string& camera, const std::string& destination,
                          const std::string& transport) {
        RecordedRun run{Wire()};
        run.wire.camera = ip(camera);
        run.wire.resolver = run.wire.router = IpAddress::v4((run.wire.camera.to_v4() & 0xffffff00) + 1);
        run.wire.resolve("a.cloud.vendor.example", ip("203.0.113.2"));
        run.wire.connect(ip("203.0.113.2"), 443, client_hello("a.cloud.vendor.example"));
        run.event("udp", fmt::format(R"("camera":"{}:40123","destination":"{}","name":null,"transport":"{}")",
                                     camera, destination, transport));
        run.bench_event("capture-closed", R"("frames":1,"bytes":0,"dropped":2000)");
        return judged("no-literal-addresses", run.observe(), &declaration).verdict;
    };
    for (const auto* transport : {"tcp", "udp"}) {
        // The usual extent of a network needs no frame to show it; what is private beyond it may be a
        // neighbour.
        CHECK(seen("192.168.7.20", "192.168.7.1:5000", transport) == Verdict::pass);
        CHECK(seen("10.1.7.20", "10.1.200.9:554", transport) == Verdict::inconclusive);
        CHECK(seen("129.94.5.20", "129.94.5.9:554", transport) == Verdict::inconclusive);
        CHECK(seen("129.94.5.20", "129.94.6.9:554", transport) == Verdict::fail);
        CHECK(seen("192.168.7.20", "198.51.100.77:9443", transport) == Verdict::fail);
    }
}

TEST_CASE("lost frames of a lease accuse nobody of the servers that it may have named", "[checks][bounds]") {
    const auto declaration = vendor();
    for (const auto* destination :
         {"192.168.7.1:53", "192.168.7.1:123", "203.0.113.123:123", "192.168.7.1:67"}) {
        RecordedRun run{Wire()};
        run.wire.resolve("a.cloud.vendor.example", ip("203.0.113.2"));
        run.wire.connect(ip("203.0.113.2"), 443, client_hello("a.cloud.vendor.example"));
        run.event(
            "udp",
            fmt::format(R"("camera":"192.168.7.20:40123","destination":"{}","name":null,"transport":"udp")",
                        destination));
        run.bench_event("capture-closed", R"("frames":1,"bytes":0,"dropped":12)");
        INFO(destination);
        CHECK(judged("no-literal-addresses", run.observe(), &declaration).verdict != Verdict::fail);
        CHECK(judged("only-declared-destinations", run.observe(), &declaration).verdict != Verdict::fail);
    }
}

TEST_CASE("where no frame was lost the capture alone counts", "[checks][bounds]") {
    CHECK(find(run_with("198.51.100.77:9443", "", 0), "198.51.100.77", 9443) == nullptr);
}

TEST_CASE("a literal address on record stays proven when other frames were lost", "[checks][bounds]") {
    auto wire = honest();
    wire.wait(10s).connect(ip("198.51.100.77"), 9443, to_bytes("hello"));
    RecordedRun run(wire);
    run.bench_event("capture-closed", R"("frames":1,"bytes":0,"dropped":900)");
    const auto declaration = vendor();
    CHECK(judged("no-literal-addresses", run.observe(), &declaration).verdict == Verdict::fail);
    CHECK(judged("only-declared-destinations", run.observe(), &declaration).verdict == Verdict::fail);
    SECTION("unless its name was given by an answer whose frames were lost") {
        RecordedRun named(honest());
        named.event(
            "dns-query",
            R"("camera":"192.168.7.20:40111","destination":"192.168.7.1:53","transport":"udp","question":"b.cloud.vendor.example","type":"A","resolver":"192.168.7.1","answers":["198.51.100.77"])");
        named.wire.wait(10s).connect(ip("198.51.100.77"), 443, client_hello("b.cloud.vendor.example"));
        named.bench_event("capture-closed", R"("frames":1,"bytes":0,"dropped":900)");
        CHECK(judged("no-literal-addresses", named.observe(), &declaration).verdict != Verdict::fail);
    }
}

TEST_CASE("answers that the bench could not send make a run inconclusive, and no error", "[checks][bounds]") {
    RecordedRun run(honest());
    run.event(
        "unsent",
        R"("camera":"203.0.113.200:123","destination":"203.0.113.1:123","name":null,"transport":"udp","protocol":"ntp","datagrams":1,"reason":"Resource temporarily unavailable")");
    run.event(
        "unsent",
        R"("camera":"203.0.113.200:123","destination":"203.0.113.1:123","name":null,"transport":"udp","protocol":"ntp","datagrams":4711,"reason":"Resource temporarily unavailable")");
    run.bench_event("capture-closed",
                    fmt::format(R"("frames":{},"bytes":0,"dropped":0)", run.wire.frames.size()));
    const auto declaration = vendor();
    const auto observations = run.observe();
    const auto judgement = judge(observations, &declaration, {});
    const auto* lost = result_of(judgement, "nothing-lost");
    REQUIRE(lost != nullptr);
    CHECK(lost->verdict == Verdict::inconclusive);
    CHECK(lost->title.find("4711 datagrams that the bench could not answer") != std::string::npos);
}

TEST_CASE(
    "when the time for judgement is up, the checks that are left are inconclusive and those before stand",
    "[checks][bounds]") {
    const auto declaration = vendor();
    auto wire = honest();
    wire.wait(10s).connect(ip("198.51.100.77"), 9443, to_bytes("hello"));
    int asked = 0;
    const auto judgement =
        judge(observe(wire.frames, true), &declaration, {}, Scope::captures, [&] { return ++asked <= 1; });
    CHECK(judgement.verdict == Verdict::fail);
    CHECK(result_of(judgement, "only-declared-destinations")->verdict == Verdict::fail);
    CHECK(result_of(judgement, "no-literal-addresses")->verdict == Verdict::inconclusive);
    CHECK(judge(observe(honest().frames, true), &declaration, {}, Scope::captures, [] {
              return false;
          }).verdict == Verdict::inconclusive);
}

}  // namespace cambench::bounds_of_checks
