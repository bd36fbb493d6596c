// The switch for the cloud: who obeys it, who does not, and what nobody can tell. When a destination was
// first seen.

#include "harness/checks/judgement.hpp"
#include "harness/checks/occasions.hpp"
#include "tests/catch.hpp"
#include "tests/unit/packets.hpp"
#include "tests/unit/traffic_variations.hpp"

using namespace cambench;

namespace {

using std::chrono::seconds;

/// A run of so many seconds with a cloud that is contacted at the given ones.
struct Story {
    analysis::Observations observations;
    Declaration declaration;

    explicit Story(int length) {
        auto& run = observations.run;
        run.present = true;
        run.wall_zero = WallTime(seconds(1'700'000'000));
        run.length = seconds(length);
        observations.complete = true;
        observations.camera.frames_sent = 100;
        DeclaredDestination cloud;
        cloud.name = "*.cloud.vendor.example";
        cloud.port = 443;
        cloud.transport = Transport::tcp;
        cloud.purpose = "health report";
        cloud.cloud = true;
        declaration.destinations.push_back(cloud);
        event(1, "power", "on", {});
    }

    Story& event(int second, const char* lane, const char* kind, Json fields) {
        observations.run.events.push_back({seconds(second), lane, kind, std::move(fields)});
        return *this;
    }
    Story& step(int second, const char* name, const char* text) {
        return event(second, "scenario", "step", {{"step", name}, {"text", text}, {"state", "begin"}});
    }
    Story& cloud(int second, const char* state) {
        return event(second, "scenario", "cloud", {{"state", state}});
    }

    Story& contacts(std::initializer_list<int> at, const char* name = "device.cloud.vendor.example") {
        analysis::Destination destination;
        destination.name = name;
        destination.addresses = {packets::ip("198.18.0.2")};
        destination.resolution = analysis::Resolution::dns;
        destination.port = 443;
        destination.protocol = "tls";
        for (const int second : at)
            destination.attempt_times.push_back(observations.run.wall_zero + seconds(second));
        destination.attempts = at.size();
        destination.first_seen = destination.attempt_times.front();
        destination.last_seen = destination.attempt_times.back();
        destination.first_frame = {7, destination.first_seen, 0};
        observations.destinations.push_back(std::move(destination));
        return *this;
    }

    [[nodiscard]] CheckResult judged() const {
        return cambench::judged("cloud-off-obeyed", observations, &declaration);
    }
};

}  // namespace

TEST_CASE("a camera that falls silent and stays silent over a restart obeys", "[checks][cloud]") {
    Story story(90);
    story.contacts({5, 10, 15, 82})
        .cloud(20, "off")
        .event(40, "power", "off", {})
        .event(42, "power", "on", {})
        .cloud(80, "on");
    const auto result = story.judged();
    INFO(result.title);
    CHECK(result.verdict == Verdict::pass);
}

TEST_CASE("a contact while the cloud is off is named with its time", "[checks][cloud]") {
    Story story(60);
    story.contacts({5, 10, 15, 33, 48}).cloud(20, "off");
    const auto result = story.judged();
    REQUIRE(result.verdict == Verdict::fail);
    CHECK(result.title.find("device.cloud.vendor.example") != std::string::npos);
    REQUIRE(result.findings.size() == 1);
    CHECK(result.findings[0].detail.find(
              "switched off at 20.0 s; 2 contacts since then, the first at 33.0 s") != std::string::npos);
}

TEST_CASE("a camera that forgets the switch over a restart is found", "[checks][cloud]") {
    Story story(80);
    story.contacts({5, 10, 15, 50})
        .cloud(20, "off")
        .event(40, "power", "off", {})
        .event(42, "power", "on", {});
    CHECK(story.judged().verdict == Verdict::fail);
}

TEST_CASE("what was under way when the switch was turned is no breach, and neither is what is no cloud",
          "[checks][cloud]") {
    Story story(60);
    story.contacts({5, 10, 15, 21}).contacts({4, 30, 50}, "time.vendor.example").cloud(20, "off");
    CHECK(story.judged().verdict == Verdict::pass);
}

TEST_CASE(
    "silence proves nothing where it is short, where nothing was heard before, and where nothing was "
    "switched",
    "[checks][cloud]") {
    Story story(40);
    SECTION("shorter than a pause before") { story.contacts({2, 14}).cloud(16, "off"); }
    SECTION("one contact before, and no declared rhythm") { story.contacts({5}).cloud(10, "off"); }
    SECTION("none before") { story.contacts({39}).cloud(10, "off").cloud(38, "on"); }
    SECTION("never switched off") { story.contacts({5, 10, 15}); }
    SECTION("without power") { story.contacts({5, 10, 15}).cloud(16, "off").event(17, "power", "off", {}); }
    SECTION("no destination is the cloud's") {
        story.contacts({5, 10, 15}).cloud(16, "off");
        story.declaration.destinations[0].cloud = false;
    }
    const auto result = story.judged();
    INFO(result.title);
    CHECK(result.verdict == Verdict::inconclusive);
}

TEST_CASE("a single contact before is judged by the declared rhythm", "[checks][cloud]") {
    Story story(100);
    story.contacts({5}).cloud(10, "off");
    story.declaration.destinations[0].every = seconds(60);
    CHECK(story.judged().verdict == Verdict::pass);
    story.declaration.destinations[0].every = seconds(90);
    CHECK(story.judged().verdict == Verdict::inconclusive);
}

TEST_CASE("a destination is told with what was last done before it was first seen", "[checks][cloud]") {
    Story story(60);
    const auto first_seen = story.observations.run.wall_zero + std::chrono::milliseconds(21'200);
    CHECK(describe_occasion(story.observations, first_seen).empty());
    story.step(2, "power-on", "<power-on/>")
        .step(3, "await-lease", "<await-lease/>")
        .step(20, "use-camera", "<use-camera by=\"web\"/>")
        .step(21, "observe", "<observe for=\"9s\"/>");
    CHECK(describe_occasion(story.observations, first_seen) == "1.2 s after <use-camera by=\"web\"/>");
    story.step(30, "trigger", "<trigger\x1b[2J/>");
    CHECK(describe_occasion(story.observations, first_seen) == "1.2 s after <use-camera by=\"web\"/>");
    CHECK(
        describe_occasion(story.observations, story.observations.run.wall_zero + seconds(31)).find('\x1b') ==
        std::string::npos);
}
