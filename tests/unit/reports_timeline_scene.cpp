#include "reports/html/page.hpp"
#include "reports/html/timeline_picture.hpp"
#include "tests/unit/reports_samples.hpp"

using namespace cambench;
using namespace cambench::reports;

namespace {

ScenarioRun run_of(const std::string& lines) {
    ScenarioRun run;
    run.timeline = parse_timeline(lines);
    return run;
}

std::string event(double seconds, const std::string& lane, const std::string& kind,
                  const std::string& more = "") {
    return fmt::format("{{\"t\": {:.0f}, \"lane\": \"{}\", \"kind\": \"{}\"{}{}}}\n", seconds * 1e9, lane,
                       kind, more.empty() ? "" : ", ", more);
}

}  // namespace

TEST_CASE("power that was never switched off lasts to the end, with its end not recorded", "[reports]") {
    const auto scene = compose_scene(run_of(event(1, "power", "on") + event(3, "power", "off") +
                                            event(5, "power", "state", "\"state\": \"on\"") +
                                            event(9, "bench", "teardown")));
    REQUIRE(scene.powered.size() == 2);
    CHECK(scene.powered[0].end == Approx(3));
    CHECK_FALSE(scene.powered[0].cut);
    CHECK(scene.powered[1].begin == Approx(5));
    CHECK(scene.powered[1].end == Approx(9));
    CHECK(scene.powered[1].cut);
}

TEST_CASE("nested steps lie in rows below each other, however often they repeat", "[reports]") {
    std::string lines = event(0, "scenario", "step", R"("step": "repeat", "state": "begin")");
    for (int i = 0; i < 3; ++i)
        lines += event(i + 0.1, "scenario", "step", R"("step": "observe", "state": "begin")") +
                 event(i + 0.9, "scenario", "step", R"("step": "observe", "state": "end")");
    lines += event(4, "scenario", "step", R"("step": "repeat", "state": "end")");
    const auto scene = compose_scene(run_of(lines));
    REQUIRE(scene.steps.size() == 2);
    CHECK(scene.steps[0].size() == 1);
    CHECK(scene.steps[1].size() == 3);
}

TEST_CASE("windows are known by their state or by the times they state", "[reports]") {
    const auto scene = compose_scene(
        run_of(event(1, "scenario", "window", R"("label": "a", "state": "begin")") +
               event(2, "scenario", "window", R"("label": "a", "state": "end")") +
               event(9, "scenario", "window", R"("label": "b", "begins": 5000000000, "ends": 7000000000)")));
    REQUIRE(scene.windows.size() == 2);
    CHECK(scene.windows[0].end == Approx(2));
    CHECK(scene.windows[1].begin == Approx(5));
    CHECK(scene.windows[1].end == Approx(7));
}

TEST_CASE("a flood of events makes a picture no bigger than its slices", "[reports]") {
    std::string lines;
    for (int i = 0; i < 20000; ++i)
        lines += event(i * 0.001, "network", "udp") +
                 event(i * 0.001, "console", "data", "\"offset\": 0, \"length\": 10");
    const auto run = run_of(lines);
    const auto picture = draw_timeline(compose_scene(run), {}).text();
    CHECK(picture.size() < 120000);
    CHECK(picture.find("20.00 s") != std::string::npos);
}

TEST_CASE("findings close together share a pin that shows the gravest", "[reports]") {
    auto run = run_of(event(0, "power", "on") + event(100, "power", "off"));
    Check check{"x", Verdict::fail};
    for (const auto time : {10.0, 10.5, 50.0}) {
        Finding finding{"found", "", time == 10.0 ? Verdict::inconclusive : Verdict::fail, {}};
        finding.evidence.push_back({{}, {}, time, ""});
        check.findings.push_back(finding);
    }
    run.checks.push_back(check);
    const auto scene = compose_scene(run);
    REQUIRE(scene.pins.size() == 2);
    CHECK(scene.pins[0].numbers == std::vector<int>{1, 2});
    CHECK(scene.pins[0].verdict == Verdict::fail);
    CHECK(scene.pins[1].numbers == std::vector<int>{3});
}

TEST_CASE("times beyond the run or below zero stay inside the picture", "[reports][hostile]") {
    auto run = run_of(event(-5, "network", "udp") +
                      event(1e12, "scenario", "window", R"("label": "x", "begins": -9e30, "ends": 9e30)") +
                      event(2, "power", "on"));
    Destination destination;
    destination.address = "198.51.100.1";
    destination.declared = false;
    destination.first_seen = -1e300;
    destination.last_seen = 1e300;
    run.started = "2026-11-21T09:00:00Z";
    run.destinations.push_back(destination);
    const auto picture = draw_timeline(compose_scene(run), {}).text();
    for (const auto* bad : {"nan", "inf\"", "x=\"-"}) CHECK(picture.find(bad) == std::string::npos);
}

TEST_CASE("an undeclared destination is drawn from its first to its last contact", "[reports]") {
    const auto scene = compose_scene(samples::load("sleeper").scenarios[0]);
    REQUIRE(scene.undeclared.size() == 3);
    CHECK(scene.undeclared[0].begin == Approx(22.345).margin(1e-5));
    CHECK(scene.undeclared[0].end == Approx(38.4).margin(1e-5));
    CHECK(scene.undeclared[0].label == "198.51.100.77:9443/tcp");
}
