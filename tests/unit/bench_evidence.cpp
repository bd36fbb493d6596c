#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "harness/core/digest.hpp"
#include "harness/evidence/evidence.hpp"
#include "harness/evidence/manifest.hpp"
#include "harness/evidence/timeline.hpp"
#include "tests/catch.hpp"

using namespace cambench;

namespace {

struct Folder {
    std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("cambench-evidence-" + std::to_string(::getpid()));
    Folder() { std::filesystem::remove_all(path); }
    ~Folder() { std::filesystem::remove_all(path); }
    void write(const std::string& name, const std::string& content) const {
        std::ofstream(path / name, std::ios::binary) << content;
    }
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
    CHECK(*complaints == std::vector<std::string>{"console.log was changed after the run",
                                                  "verdict.json is missing",
                                                  "payload was added after the run"});
}

TEST_CASE("links, FIFOs, sockets and folders that were added are each named, and nobody waits for them") {
    Folder folder;
    sealed(folder);
    REQUIRE(::mkfifo((folder.path / "inputs/fifo").c_str(), 0600) == 0);
    std::filesystem::create_symlink("/etc/hostname", folder.path / "link");
    std::filesystem::create_symlink("gone", folder.path / "torn");
    std::filesystem::create_directory_symlink("/", folder.path / "inputs/root");
    std::filesystem::create_directories(folder.path / "empty/below");
    std::filesystem::create_directories(folder.path / "payloads");
    const auto complaints = verify_evidence(folder.path);
    REQUIRE(complaints.ok());
    CHECK(*complaints == std::vector<std::string>{"inputs/fifo is a FIFO, which was added after the run",
                                                  "inputs/root is a link, which was added after the run",
                                                  "link is a link, which was added after the run",
                                                  "torn is a link, which was added after the run",
                                                  "the folder empty was added after the run",
                                                  "the folder empty/below was added after the run",
                                                  "the folder payloads was added after the run"});
    CHECK_FALSE(refuse_strangers(folder.path).ok());
}

TEST_CASE("a link in place of a sealed file, and one to it, are told") {
    Folder folder;
    sealed(folder);
    std::filesystem::rename(folder.path / "console.log", folder.path / "inputs/console.log");
    std::filesystem::create_symlink("inputs/console.log", folder.path / "console.log");
    const auto complaints = verify_evidence(folder.path);
    REQUIRE(complaints.ok());
    CHECK(*complaints == std::vector<std::string>{"console.log is missing",
                                                  "inputs/console.log was added after the run",
                                                  "console.log is a link, which was added after the run"});
}

TEST_CASE("lines of a manifest that are none, name a file twice or one outside are each told") {
    Folder folder;
    sealed(folder);
    const auto manifest = folder.read("manifest.sha256");
    const auto hash = std::string(64, 'a');
    folder.write("manifest.sha256", manifest + hash + "  console.log\n" + hash + "  ../outside\n" + hash +
                                        "  /etc/passwd\n" + hash + "  inputs//x\n" + hash +
                                        "  manifest.sha256\nwords\n" + std::string(64, 'G') + "  x\n");
    const auto complaints = verify_evidence(folder.path);
    REQUIRE(complaints.ok());
    REQUIRE(complaints->size() == 7);
    CHECK((*complaints)[0].ends_with("names a file a second time"));
    for (const auto index : {1, 2, 3})
        CHECK(
            (*complaints)[static_cast<std::size_t>(index)].ends_with("names a file outside of the evidence"));
    CHECK((*complaints)[4].ends_with("names the manifest itself"));
    CHECK((*complaints)[5].ends_with("is not a line of a manifest"));
}

TEST_CASE("a part of a suite that lies outside is told, by run.json and by verdict.json") {
    for (const auto* place : {"../elsewhere", "/tmp", "a/../../b", ".", "a//b"})
        for (const bool in_run : {true, false}) {
            INFO(place << (in_run ? " in run.json" : " in verdict.json"));
            Folder folder;
            auto evidence = Evidence::create(folder.path, {{"kind", "suite"}});
            REQUIRE(evidence.ok());
            const Json named{{"scenarios", Json::array({{{"id", "one"}, {"evidence", place}}})}};
            REQUIRE(evidence->write_verdict(in_run ? Json::object() : named).ok());
            REQUIRE(evidence->seal(in_run ? named : Json::object()).ok());
            const auto complaints = verify_evidence(folder.path);
            REQUIRE(complaints.ok());
            REQUIRE(complaints->size() == 1);
            CHECK(complaints->front().find("outside of the evidence") != std::string::npos);
            CHECK_FALSE(refuse_outside_parts(folder.path).ok());
            CHECK_FALSE(part_directory(folder.path, place).ok());
        }
}

TEST_CASE("a part is a folder of its own, not a link to one") {
    Folder folder;
    std::filesystem::create_directories(folder.path / "one");
    std::filesystem::create_directory_symlink("one", folder.path / "link");
    CHECK(part_directory(folder.path, "one").ok());
    CHECK_FALSE(part_directory(folder.path, "link").ok());
    CHECK_FALSE(part_directory(folder.path, "gone").ok());
}

TEST_CASE("evidence that was sealed before folders were listed still verifies") {
    Folder folder;
    std::filesystem::create_directories(folder.path / "inputs");
    std::filesystem::create_directories(folder.path / "payloads");
    std::filesystem::create_directories(folder.path / "video/1");
    folder.write("run.json", "{\"format\": 1, \"kind\": \"scenario\", \"finished\": true}");
    folder.write("manifest.sha256", sha256_of_file(folder.path / "run.json").value_or("") + "  run.json\n");
    const auto complaints = verify_evidence(folder.path);
    REQUIRE(complaints.ok());
    CHECK(complaints->empty());
    std::filesystem::create_directories(folder.path / "other");
    CHECK(verify_evidence(folder.path)->size() == 1);
}

TEST_CASE("evidence is its owner's alone from the beginning, whatever the umask") {
    Folder folder;
    const auto before = ::umask(0);
    auto evidence = Evidence::create(folder.path, {{"kind", "scenario"}});
    const bool kept = evidence.ok() && evidence->keep_input_text("words", "scenario.xml").ok() &&
                      evidence->write_verdict({}).ok() && evidence->seal().ok();
    ::umask(before);
    REQUIRE(kept);
    const auto closed = [](const std::filesystem::path& path) {
        return (std::filesystem::status(path).permissions() &
                (std::filesystem::perms::group_all | std::filesystem::perms::others_all)) ==
               std::filesystem::perms::none;
    };
    CHECK(closed(folder.path));
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path))
        CHECK(closed(entry.path()));
}

TEST_CASE("a record of a wrong type is refused with a sentence, and one nested too deeply is none") {
    Folder folder;
    std::filesystem::create_directories(folder.path);
    const auto said = [&](const std::string& content) {
        folder.write("run.json", content);
        const auto record = read_run_record(folder.path);
        return record.ok() ? std::string()
                           : record.error().message.substr(record.error().message.find("run.json"));
    };
    CHECK(said("{}").empty());
    CHECK(said(R"({"kind": []})") == "run.json: \"kind\" is a list, and a text belongs there");
    CHECK(said(R"({"unit": {"a": 1}})") == "run.json: \"unit\" is an object, and a text belongs there");
    CHECK(said(R"({"parameters": {"window": 5}})") ==
          "run.json: the parameter 'window' is a number, and a text belongs there");
    CHECK(said(R"({"kind": "suite", "scenarios": [5]})") ==
          "run.json: scenario 1 is a number, and an object belongs there");
    CHECK(said(R"({"kind": "suite", "scenarios": [{"evidence": 5}]})") ==
          "run.json: scenario 1: \"evidence\" is a number, and a text belongs there");
    CHECK(said(std::string(60'000, '[')) == "run.json is nested too deeply to be ours");
    CHECK(said("PASS") == "run.json is no JSON object");
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
    const auto outcome = timeline->wait_for([](const Event&) { return false; }, 0,
                                            Deadline::after(std::chrono::seconds(5)), source.get_token());
    REQUIRE_FALSE(outcome.ok());
    CHECK(outcome.error().fault == Fault::cancelled);
}

TEST_CASE("events that come as text are lines of the timeline like all others, and can be waited for") {
    Folder folder;
    std::filesystem::create_directories(folder.path);
    auto timeline = std::move(Timeline::create(folder.path / "timeline.jsonl", RunClock::start())).value();
    std::vector<std::string> heard;
    timeline->set_listener([&](const Event& event) { heard.push_back(event.kind); });
    const std::vector<EventText> events{
        {Nanoseconds(3), "dns-query", R"("question":"a.example")", {}},
        {Nanoseconds(4), "arp", {}, {}},
        {Nanoseconds(5), "http-request", R"("method":"PUT")", R"("payload":"abc","payload_bytes":3)"},
        {Nanoseconds(6), "udp", {}, R"("payload":"d")"}};
    timeline->emit_texts("network", events);
    const auto event =
        timeline->wait_for([](const Event& one) { return one.fields.value("payload_bytes", 0) == 3; }, 0,
                           Deadline::after(std::chrono::seconds(5)), {});
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
