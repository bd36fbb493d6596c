#include <sys/stat.h>

#include <algorithm>

#include "reports/html/page.hpp"
#include "reports/json/run_json.hpp"
#include "reports/junit/junit.hpp"
#include "tests/unit/reports_samples.hpp"

using namespace cambench;
using namespace cambench::reports;

namespace {

bool warns(const std::vector<std::string>& warnings, const std::string& of) {
    return std::any_of(warnings.begin(), warnings.end(),
                       [&](const std::string& warning) { return warning.find(of) != std::string::npos; });
}

}  // namespace

TEST_CASE("the samples have the verdicts they are made for and nothing wrong with their evidence",
          "[reports]") {
    const std::vector<std::pair<std::string, Verdict>> expected{
        {"honest", Verdict::pass}, {"sleeper", Verdict::fail}, {"unseen", Verdict::inconclusive},
        {"leak", Verdict::error},  {"hostile", Verdict::fail}, {"suite", Verdict::fail}};
    for (const auto& [name, verdict] : expected) {
        INFO(name);
        const auto run = samples::load(name);
        CHECK(run.verdict == verdict);
        CHECK(run.warnings.empty());
        for (const auto& scenario : run.scenarios) CHECK(scenario.warnings.empty());
    }
}

TEST_CASE("a killed run is inconclusive and says that it did not finish", "[reports]") {
    const auto run = samples::load("killed");
    CHECK(run.verdict == Verdict::inconclusive);
    CHECK(run.reason == "the run did not finish");
    REQUIRE(run.scenarios.size() == 1);
    const auto& only = run.scenarios[0];
    CHECK_FALSE(only.finished);
    CHECK(only.id == "sleeper");
    CHECK(only.timeline.torn);
    CHECK(only.timeline.events.size() > 40);
    CHECK(html_report(run).find("The run was ended before it could be judged") != std::string::npos);
    CHECK(junit_report(run).find("type=\"inconclusive\"") != std::string::npos);
    CHECK(run_json(run)["scenarios"][0]["checks"].empty());
}

TEST_CASE("a verdict that cannot be read is never a pass", "[reports]") {
    const samples::Copy copy("honest");
    SECTION("torn") {
        copy.write("verdict.json", samples::content_of(copy.path() / "verdict.json").substr(0, 300));
    }
    SECTION("not JSON") { copy.write("verdict.json", "PASS"); }
    SECTION("another type") { copy.write("verdict.json", "[\"PASS\"]"); }
    SECTION("an unknown word") {
        copy.edit("verdict.json", "\"verdict\": \"PASS\",\n \"reason\"",
                  "\"verdict\": \"PASSED\",\n \"reason\"");
    }
    SECTION("a check that failed") {
        copy.edit("verdict.json", "\"verdict\": \"PASS\",\n   \"title\": \"nothing left the sandbox\"",
                  "\"verdict\": \"FAIL\",\n   \"title\": \"nothing left the sandbox\"");
    }
    SECTION("no check") {
        copy.write("verdict.json", "{\"format\": 1, \"verdict\": \"PASS\", \"reason\": \"\"}");
    }
    const auto run = samples::load(copy.path());
    CHECK(run.verdict != Verdict::pass);
    CHECK(warns(run.scenarios[0].warnings, "verdict.json is not the file that the manifest was made for"));
    CHECK(junit_report(run).find("failures=\"0\" errors=\"0\"") == std::string::npos);
}

TEST_CASE("files altered, added or taken away after the run are told", "[reports]") {
    const samples::Copy copy("honest");
    copy.edit("timeline.jsonl", "idle", "idle");
    CHECK(samples::load(copy.path()).scenarios[0].warnings.empty());
    copy.edit("console.log", "HVS-2", "HVS-3");
    copy.write("inputs/extra.xml", "<a/>");
    samples::fs::remove(copy.path() / "capture.pcapng");
    const auto run = samples::load(copy.path());
    CHECK(warns(run.scenarios[0].warnings, "console.log is not the file"));
    CHECK(warns(run.scenarios[0].warnings, "inputs/extra.xml is not named in the manifest"));
    CHECK(warns(run.scenarios[0].warnings, "capture.pcapng is named in the manifest but missing"));
    CHECK(html_report(run).find("ALTERED") != std::string::npos);
    CHECK(html_report(run).find("MISSING") != std::string::npos);
}

TEST_CASE("evidence that was altered makes every report red, also where no report needs the file",
          "[reports]") {
    for (const auto* name : {"capture.pcapng", "console.log", "inputs/scenario.xml"}) {
        INFO(name);
        const samples::Copy copy("honest");
        copy.write(name, samples::content_of(copy.path() / name) + " ");
        const auto run = samples::load(copy.path());
        CHECK(run.altered);
        CHECK(run.verdict == Verdict::error);
        CHECK(run.scenarios[0].verdict == Verdict::error);
        CHECK(junit_report(run).find("name=\"evidence\"") != std::string::npos);
        CHECK(junit_report(run).find("type=\"bench-error\"") != std::string::npos);
        CHECK(run_json(run)["verdict"] == "ERROR");
        CHECK(run_json(run)["altered"] == true);
        CHECK(html_report(run).find("Files of the evidence were changed") != std::string::npos);
    }
}

TEST_CASE("a recorded verdict that its recordings do not give is not repeated, and every report is red",
          "[reports]") {
    const samples::Copy copy("honest");
    const auto recorded = Json::parse(samples::content_of(copy.path() / "verdict.json"));
    auto judged = recorded;
    SECTION("a check fails") {
        judged["verdict"] = judged["checks"][0]["verdict"] = "FAIL";
        judged["reason"] = "it phones home";
    }
    SECTION("a destination more") {
        judged["destinations"].push_back(
            {{"name", "planted.example"}, {"address", "198.51.100.9"}, {"port", 443}, {"transport", "tcp"}});
    }
    const auto run = load_finished_run(copy.path(), Hashing::all,
                                       [&](const samples::fs::path&) -> Result<Json> { return judged; });
    REQUIRE(run.ok());
    CHECK(run->disputed);
    CHECK_FALSE(run->altered);
    CHECK(run->verdict == Verdict::error);
    CHECK(run->scenarios[0].destinations.size() == judged["destinations"].size());
    CHECK(junit_report(*run).find("name=\"verdict\"") != std::string::npos);
    CHECK(junit_report(*run).find("is not what the recordings give") != std::string::npos);
    CHECK(html_report(*run).find("<title>ERROR: ") != std::string::npos);
    CHECK(run_json(*run)["verdict"] == "ERROR");
}

TEST_CASE("a recorded verdict that cannot be judged anew is shown as such and is red", "[reports]") {
    const auto run = load_finished_run(
        samples::folder() / "honest", Hashing::all,
        [](const samples::fs::path&) -> Result<Json> { return bench_error("no scenario"); });
    REQUIRE(run.ok());
    CHECK(run->disputed);
    CHECK(run->verdict == Verdict::error);
    CHECK(run->reason == "this is the verdict as it was recorded: it could not be judged anew (no scenario)");
    CHECK(junit_report(*run).find("failures=\"0\" errors=\"0\"") == std::string::npos);
}

TEST_CASE("a recorded verdict that its recordings give is shown as they give it", "[reports]") {
    const auto recorded = Json::parse(samples::content_of(samples::folder() / "honest/verdict.json"));
    auto judged = recorded;
    judged["checks"][0]["title"] = "worded anew";
    const auto run = load_finished_run(samples::folder() / "honest", Hashing::all,
                                       [&](const samples::fs::path&) -> Result<Json> { return judged; });
    REQUIRE(run.ok());
    CHECK_FALSE(run->disputed);
    CHECK(run->verdict == Verdict::pass);
    CHECK(html_report(*run).find("worded anew") != std::string::npos);
}

TEST_CASE("what was laid into the evidence is told and makes it altered, links and FIFOs too",
          "[reports][hostile]") {
    const samples::Copy copy("honest");
    SECTION("a FIFO") { REQUIRE(::mkfifo((copy.path() / "inputs/fifo").c_str(), 0600) == 0); }
    SECTION("a link") { samples::fs::create_symlink("/etc/hostname", copy.path() / "payloads-1"); }
    SECTION("a file") { copy.write("extra", "words"); }
    SECTION("a doubled line") {
        copy.write("manifest.sha256", samples::content_of(copy.path() / "manifest.sha256") +
                                          samples::content_of(copy.path() / "manifest.sha256"));
    }
    const auto run = samples::load(copy.path());
    CHECK(run.altered);
    CHECK(run.verdict == Verdict::error);
}

TEST_CASE("a suite is altered when one of its parts is, or its own verdict", "[reports]") {
    const samples::Copy copy("suite");
    CHECK_FALSE(samples::load(copy.path()).altered);
    SECTION("a part") { copy.write("3-sleeper/console.log", "nothing was said"); }
    SECTION("its own") { copy.edit("verdict.json", "\"FAIL\"", "\"PASS\""); }
    const auto run = samples::load(copy.path());
    CHECK(run.altered);
    CHECK(run.verdict == Verdict::error);
    CHECK(junit_report(run).find("the evidence was altered after the run") != std::string::npos);
}

TEST_CASE("files that were not read are not said to be as the manifest states", "[reports]") {
    const auto read = load_finished_run(samples::folder() / "honest", Hashing::what_is_read);
    REQUIRE(read.ok());
    CHECK(html_report(*read).find("not read for this report; the hash is the manifest") != std::string::npos);
    const auto all = load_finished_run(samples::folder() / "honest");
    CHECK(html_report(*all).find("not read for this report") == std::string::npos);
}

TEST_CASE("the evidence is read and nothing outside it", "[reports][hostile]") {
    const samples::Copy copy("suite");
    SECTION("a part above the suite") {
        copy.edit("verdict.json", "\"3-sleeper\"", "\"../suite/3-sleeper\"");
    }
    SECTION("an absolute part") {
        copy.edit("verdict.json", "\"3-sleeper\"", "\"" + (copy.path() / "3-sleeper").string() + "\"");
    }
    SECTION("a part that is gone") { samples::fs::remove_all(copy.path() / "3-sleeper"); }
    const auto run = samples::load(copy.path());
    REQUIRE(run.scenarios.size() == 4);
    CHECK_FALSE(run.scenarios[2].finished);
    CHECK(run.scenarios[2].verdict == Verdict::inconclusive);
    CHECK(run.altered);
    CHECK(html_report(run).find("there is no evidence directory of this scenario") != std::string::npos);
}

TEST_CASE("a link in the evidence is not followed", "[reports][hostile]") {
    const samples::Copy copy("honest"), other("sleeper");
    samples::fs::remove(copy.path() / "verdict.json");
    samples::fs::create_symlink(other.path() / "verdict.json", copy.path() / "verdict.json");
    CHECK_FALSE(samples::load(copy.path()).scenarios[0].finished);
}

TEST_CASE("a suite that says PASS over a scenario that must pass and does not is an error", "[reports]") {
    const samples::Copy copy("suite");
    copy.edit("verdict.json", "\"verdict\": \"FAIL\",\n \"reason\"", "\"verdict\": \"PASS\",\n \"reason\"");
    samples::fs::remove(copy.path() / "manifest.sha256");
    CHECK(samples::load(copy.path()).verdict == Verdict::error);
    copy.edit("verdict.json", "\"evidence\": \"3-sleeper\",\n   \"level\": \"must\"",
              "\"evidence\": \"3-sleeper\",\n   \"level\": \"should\"");
    CHECK(samples::load(copy.path()).verdict == Verdict::pass);
}

TEST_CASE("what is no evidence is a usage error that names it", "[reports]") {
    const samples::Copy copy("honest");
    for (const auto& path : {copy.path() / "inputs", copy.path() / "run.json", copy.path() / "absent"}) {
        const auto run = load_finished_run(path);
        REQUIRE_FALSE(run);
        CHECK(run.error().fault == Fault::usage);
        CHECK(run.error().message.find(path.string()) != std::string::npos);
    }
    copy.edit("verdict.json", "\"format\": 1", "\"format\": 2");
    const auto newer = load_finished_run(copy.path());
    REQUIRE_FALSE(newer);
    CHECK(newer.error().message ==
          "verdict.json: format 2 is not known to this program, which reads format 1");
}

TEST_CASE("cited console lines are read with their neighbours and no others", "[reports]") {
    const auto run = samples::load("honest");
    const auto& lines = run.scenarios[0].console_lines;
    CHECK(lines.size() == 4);
    REQUIRE(lines.contains(7));
    CHECK(lines.at(7) == "[hv] SoC: HVS-2 rev B\r");
    CHECK_FALSE(lines.contains(1));
}

TEST_CASE("a timeline of garbage is counted, not believed", "[reports][hostile]") {
    const auto timeline = parse_timeline(
        "{\"t\": 5e9, \"lane\": \"power\", \"kind\": \"on\"}\nnonsense\n{\"t\": \"x\", \"lane\": "
        "\"power\"}\n[1]\n\n"
        "{\"t\": 1000000000, \"lane\": \"moon\", \"kind\": \"x\"}\n{\"t\": 1000000000, \"lane\": "
        "\"network\", \"kind\": 7}\n{\"t\": 1");
    CHECK(timeline.torn);
    CHECK(timeline.unreadable_lines == 4);
    REQUIRE(timeline.events.size() == 2);
    CHECK(timeline.events[0].time == Approx(1));
    CHECK(timeline.events[1].kind == "on");
    CHECK(parse_timeline("").events.empty());
    CHECK(parse_timeline(std::string(100000, '[')).torn);
    CHECK(parse_timeline(std::string(100000, '[') + "\n").unreadable_lines == 1);
}

TEST_CASE("JUnit is red for everything that is not a pass, and counts right", "[reports]") {
    const auto contains = [](const std::string& name, const std::string& text) {
        return junit_report(samples::load(name)).find(text) != std::string::npos;
    };
    CHECK(contains("honest", "tests=\"5\" failures=\"0\" errors=\"0\""));
    CHECK(contains("sleeper", "tests=\"6\" failures=\"3\" errors=\"1\""));
    CHECK(contains("unseen", "failures=\"0\" errors=\"2\""));
    CHECK(contains("leak", "type=\"bench-error\""));
    CHECK(contains("suite", "name=\"planted-address\" package=\"cambench\" id=\"1\""));
}

TEST_CASE("of a recording from elsewhere the page tells what it shows, and nothing of a run", "[reports]") {
    const auto run = foreign_run({{"verdict", "FAIL"},
                                  {"reason", "talks to <b>a stranger</b>"},
                                  {"duration_s", 12.5},
                                  {"started", "2026-11-21T09:00:00Z"}},
                                 "from <elsewhere>.pcap");
    CHECK(run.verdict == Verdict::fail);
    const auto page = html_report(run);
    CHECK(page.find("What from &lt;elsewhere&gt;.pcap shows") != std::string::npos);
    CHECK(page.find("talks to &lt;b&gt;a stranger") != std::string::npos);
    CHECK(page.find("evidence directory") == std::string::npos);
    CHECK(page.find("Powered for") == std::string::npos);
    CHECK(foreign_run(Json::object(), "x").verdict == Verdict::error);
}
