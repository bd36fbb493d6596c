#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "harness/evidence/evidence.hpp"
#include "harness/evidence/timeline.hpp"
#include "tests/catch.hpp"

using namespace cambench;

namespace {

struct Folder {
    std::filesystem::path path = std::filesystem::temp_directory_path() / ("cambench-evidence-" + std::to_string(::getpid()));
    Folder() { std::filesystem::remove_all(path); }
    ~Folder() { std::filesystem::remove_all(path); }
    void write(const std::string& name, const std::string& content) const { std::ofstream(path / name, std::ios::binary) << content; }
    std::string read(const std::string& name) const {
        std::ostringstream text;
        text << std::ifstream(path / name, std::ios::binary).rdbuf();
        return text.str();
    }
};

Evidence sealed(const Folder& folder) {
    auto evidence = Evidence::create(folder.path, {{"kind", "scenario"}});
    REQUIRE(evidence.ok());
    folder.write("console.log", "booting\n");
    REQUIRE(evidence->write_verdict({{"verdict", "PASS"}}).ok());
    REQUIRE(evidence->seal().ok());
    return std::move(*evidence);
}

}  // namespace

TEST_CASE("sealed evidence verifies") {
    Folder folder;
    sealed(folder);
    const auto complaints = verify_evidence(folder.path);
    REQUIRE(complaints.ok());
    CHECK(complaints->empty());
}

TEST_CASE("a changed, a missing and an added file are each named") {
    Folder folder;
    sealed(folder);
    folder.write("console.log", "Booting\n");
    folder.write("payload", "new");
    std::filesystem::remove(folder.path / "verdict.json");
    const auto complaints = verify_evidence(folder.path);
    REQUIRE(complaints.ok());
    CHECK(*complaints == std::vector<std::string>{"console.log was changed after the run", "verdict.json is missing", "payload was added after the run"});
}

TEST_CASE("evidence is never written over") {
    Folder folder;
    sealed(folder);
    const auto again = Evidence::create(folder.path, {});
    REQUIRE_FALSE(again.ok());
    CHECK(again.error().fault == Fault::usage);
    CHECK(folder.read("console.log") == "booting\n");
}

TEST_CASE("evidence without a manifest cannot be verified") {
    Folder folder;
    REQUIRE(Evidence::create(folder.path, {}).ok());
    CHECK_FALSE(verify_evidence(folder.path).ok());
}

TEST_CASE("a timeline has one line of JSON for every event, foreign bytes and all") {
    Folder folder;
    std::filesystem::create_directories(folder.path);
    auto timeline = Timeline::create(folder.path / "timeline.jsonl", RunClock::start());
    REQUIRE(timeline.ok());
    (*timeline)->emit({Nanoseconds(5), "network", "dhcp", {{"hostname", "a\nb\xff"}}});
    (*timeline)->emit({Nanoseconds(7), "power", "on", {}});
    std::istringstream lines(folder.read("timeline.jsonl"));
    std::string line;
    REQUIRE(std::getline(lines, line));
    CHECK(Json::parse(line)["t"] == 5);
    REQUIRE(std::getline(lines, line));
    CHECK(Json::parse(line)["kind"] == "on");
    CHECK_FALSE(std::getline(lines, line));
}

TEST_CASE("waiting sees only events after the mark") {
    Folder folder;
    std::filesystem::create_directories(folder.path);
    auto timeline = std::move(Timeline::create(folder.path / "timeline.jsonl", RunClock::start())).value();
    timeline->emit({Nanoseconds(1), "network", "ntp", {}});
    const auto mark = timeline->mark();
    const auto is_ntp = [](const Event& event) { return event.kind == "ntp"; };
    CHECK_FALSE(timeline->wait_for(is_ntp, mark, Deadline::after(std::chrono::milliseconds(20)), {}).ok());
    std::jthread later([&] { timeline->emit({Nanoseconds(9), "network", "ntp", {}}); });
    const auto event = timeline->wait_for(is_ntp, mark, Deadline::after(std::chrono::seconds(5)), {});
    REQUIRE(event.ok());
    CHECK(event->time == Nanoseconds(9));
}

TEST_CASE("waiting ends when asked to stop") {
    Folder folder;
    std::filesystem::create_directories(folder.path);
    auto timeline = std::move(Timeline::create(folder.path / "timeline.jsonl", RunClock::start())).value();
    std::stop_source source;
    source.request_stop();
    const auto outcome = timeline->wait_for([](const Event&) { return false; }, 0, Deadline::after(std::chrono::seconds(5)), source.get_token());
    REQUIRE_FALSE(outcome.ok());
    CHECK(outcome.error().fault == Fault::cancelled);
}

TEST_CASE("events that come as text are lines of the timeline like all others, and can be waited for") {
    Folder folder;
    std::filesystem::create_directories(folder.path);
    auto timeline = std::move(Timeline::create(folder.path / "timeline.jsonl", RunClock::start())).value();
    std::vector<std::string> heard;
    timeline->set_listener([&](const Event& event) { heard.push_back(event.kind); });
    const std::vector<EventText> events{{Nanoseconds(3), "dns-query", R"("question":"a.example")", {}},
                                        {Nanoseconds(4), "arp", {}, {}},
                                        {Nanoseconds(5), "http-request", R"("method":"PUT")", R"("payload":"abc","payload_bytes":3)"},
                                        {Nanoseconds(6), "udp", {}, R"("payload":"d")"}};
    timeline->emit_texts("network", events);
    const auto event = timeline->wait_for([](const Event& one) { return one.fields.value("payload_bytes", 0) == 3; }, 0, Deadline::after(std::chrono::seconds(5)), {});
    REQUIRE(event.ok());
    CHECK(event->kind == "http-request");
    CHECK(event->fields["method"] == "PUT");
    CHECK(event->lane == "network");
    CHECK(heard == std::vector<std::string>{"udp"});
    CHECK(timeline->mark() == 4);
    std::ifstream lines(folder.path / "timeline.jsonl");
    std::vector<Json> read;
    for (std::string line; std::getline(lines, line);) read.push_back(Json::parse(line));
    REQUIRE(read.size() == 4);
    CHECK(read[0] == Json{{"t", 3}, {"lane", "network"}, {"kind", "dns-query"}, {"question", "a.example"}});
    CHECK(read[1] == Json{{"t", 4}, {"lane", "network"}, {"kind", "arp"}});
    CHECK(read[2]["payload"] == "abc");
    CHECK(read[3] == Json{{"t", 6}, {"lane", "network"}, {"kind", "udp"}, {"payload", "d"}});
}
