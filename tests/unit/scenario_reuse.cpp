#include <filesystem>
#include <fstream>

#include "fixtures/camera/persona.hpp"
#include "harness/cli/run_plan.hpp"
#include "harness/core/file.hpp"
#include "harness/core/shipped.hpp"
#include "harness/documents/documents.hpp"
#include "harness/documents/suite.hpp"
#include "tests/catch.hpp"
#include "tests/unit/temporary_folder.hpp"

using namespace cambench;
using markup::Problems;
namespace fs = std::filesystem;

namespace {

std::string told(const Problems& problems) {
    std::string text;
    for (const auto& problem : problems) text += problem.to_string() + "\n";
    return text;
}

std::string suite_xml(const std::string& runs, const std::string& attributes = "") {
    return "<suite id=\"mine\" title=\"Mine\"" + attributes + "><why>Because.</why>" + runs + "</suite>";
}

cli::RunOptions options_for(std::vector<std::string> scenarios) {
    cli::RunOptions options;
    options.scenarios = std::move(scenarios);
    return options;
}

std::string refusal(const cli::RunOptions& options) {
    const auto plan = cli::plan_run(options);
    return plan ? "" : plan.error().message;
}

}  // namespace

TEST_CASE("a copy of every shipped document works where it lies", "[scenario][reuse]") {
    for (const auto& kind : document_kinds())
        for (const auto& file : shipped_documents(kind.element->name)) {
            const temporary::Folder place;
            Problems problems;
            INFO(file.string());
            CHECK(check_document(place.copy(file), problems).ok());
            for (const auto& problem : problems) FAIL_CHECK(problem.to_string());
        }
}

TEST_CASE("suites name scenarios, suites, declarations and personas that are shipped, by their names",
          "[scenario][reuse]") {
    const temporary::Folder place;
    Problems problems;
    const auto suite = load_suite(
        place.write("mine.xml", suite_xml(R"(<run scenario="sleeper"/><run suite="quick" level="should"/>)",
                                          R"( declaration="haneul-hv-2100" persona="planted-address")")),
        problems);
    INFO(told(problems));
    REQUIRE(suite.ok());
    REQUIRE(suite->runs.size() == 8);
    CHECK(suite->runs[0].id == "sleeper");
    CHECK(suite->runs[0].level == SuiteRun::Level::must);
    CHECK(suite->runs[1].level == SuiteRun::Level::should);
    CHECK(suite->runs[4].id == "quick-sleeper");  // its own id is taken
    CHECK(suite->declaration->filename() == "haneul-hv-2100.xml");
    CHECK(suite->persona->filename() == "planted-address.xml");
    CHECK(suite->files.size() == 2);
}

TEST_CASE("a document beside the suite comes before a shipped one of the same name", "[scenario][reuse]") {
    const temporary::Folder place;
    auto own = read_text_file(shipped_folder() / "scenarios/library/sleeper.xml").value();
    own.replace(own.find("title=\""), 7, "title=\"Mine: ");
    place.write("sleeper.xml", own);
    Problems problems;
    const auto suite =
        load_suite(place.write("mine.xml", suite_xml(R"(<run scenario="sleeper"/>)")), problems);
    REQUIRE(suite.ok());
    CHECK(suite->runs[0].scenario.title.starts_with("Mine: "));
}

TEST_CASE("personas are like shipped ones from anywhere, and like nobody when the name is wrong",
          "[scenario][reuse]") {
    const temporary::Folder place;
    const std::string head = R"(<persona id="mine" title="Mine" verdict="PASS" like=")";
    Problems problems;
    const auto persona = load_persona(place.write("mine.xml", head + "honest\"/>"), problems);
    INFO(told(problems));
    REQUIRE(persona.ok());
    CHECK_FALSE(persona->identity.serial.empty());
    CHECK_FALSE(load_persona(place.write("wrong.xml", head + "honnest\"/>"), problems).ok());
    CHECK(told(problems).find("did you mean 'honest'?") != std::string::npos);
}

TEST_CASE("suites that run each other are told and not followed", "[scenario][reuse]") {
    const temporary::Folder place;
    place.write("a.xml", "<suite id=\"a\" title=\"A\"><why>Because.</why><run suite=\"b\"/></suite>");
    const auto file =
        place.write("b.xml", "<suite id=\"b\" title=\"B\"><why>Because.</why><run suite=\"a\"/></suite>");
    Problems problems;
    CHECK_FALSE(load_suite(file, problems).ok());
    CHECK(told(problems).find("suites run each other in a circle") != std::string::npos);
}

TEST_CASE(
    "values set by the user outrank those a suite sets, for every scenario that has them or for one run",
    "[scenario][reuse]") {
    const temporary::Folder place;
    const auto file = place.write(
        "mine.xml",
        suite_xml(
            R"(<run scenario="sleeper"><set name="window" value="3s"/></run><run scenario="quiet-while-idle"/><run suite="console"/>)"));
    Problems problems;
    const auto suite = load_suite(file, problems, {{"window", "7s"}, {"quiet-while-idle.window", "9s"}});
    INFO(told(problems));
    REQUIRE(suite.ok());
    CHECK(suite->runs[0].scenario.parameters.at("window") == "7s");
    CHECK(suite->runs[1].scenario.parameters.at("window") == "9s");
    CHECK_FALSE(load_suite(file, problems, {{"windw", "7s"}}).ok());
    CHECK(told(problems).find("did you mean 'window'?") != std::string::npos);
}

TEST_CASE("a file that a document names and that is not there is told", "[scenario][reuse]") {
    const temporary::Folder place;
    const auto file = place.write(
        "mine.xml",
        R"(<declaration vendor="V" model="M"><identity soc="S"/><test-authority file="gone.pem"/></declaration>)");
    Problems problems;
    CHECK_FALSE(check_document(file, problems).ok());
    CHECK(told(problems).find("file=\"gone.pem\": there is no such file; looked for") != std::string::npos);
    place.write("gone.pem", "here it is");
    problems.clear();
    CHECK(check_document(file, problems).ok());
}

TEST_CASE("what can be known is told before anything runs, all of it in one round", "[scenario][plan]") {
    const temporary::Folder place;
    place.write("old", "evidence");
    auto options = options_for({"sleper", "quick"});
    options.slots = {"v1", "v1", "v99"};
    options.jobs = 0;
    options.out = place.path();
    options.declaration = "nobody";
    options.personas = {"honnest"};
    options.parameters = {"window"};
    const auto text = refusal(options);
    INFO(text);
    for (const auto* expected :
         {"there is no scenario or suite 'sleper'; did you mean 'sleeper'?",
          "--slot v1: this slot is named twice", "--slot v99:", "--jobs 0 would run nothing",
          "it exists and is not empty", "there is no declaration 'nobody'", "did you mean 'honest'?",
          "--set window: write it as name=value"})
        CHECK(text.find(expected) != std::string::npos);
}

TEST_CASE("a run takes values for suites and scenarios, and tells of names that none of them has",
          "[scenario][plan]") {
    auto options = options_for({"quick"});
    options.parameters = {"window=4s", "sleeper.window=5s"};
    const auto plan = cli::plan_run(options);
    REQUIRE(plan.ok());
    for (const auto& planned : (*plan)->scenarios)
        if (planned.scenario.parameters.contains("window"))
            CHECK(planned.scenario.parameters.at("window") == (planned.id == "sleeper" ? "5s" : "4s"));
    CHECK((*plan)->suites.size() == 1);
    options.parameters = {"widow=4s"};
    CHECK(refusal(options).find("--set widow: no scenario has this parameter; did you mean 'window'?") !=
          std::string::npos);
}

TEST_CASE("units are named one for each slot, and an emulated one only by its own serial number",
          "[scenario][plan]") {
    auto options = options_for({"sleeper"});
    options.slots = {"v1", "v2"};
    options.units = {"HV1"};
    CHECK(refusal(options).find("1 serial numbers (--unit) for 2 slots") != std::string::npos);
    options.units = {"HV1", "HV2"};
    CHECK(refusal(options).find("whose persona states") != std::string::npos);
    options.slots = {"v1"};
    const auto honest = load_persona(shipped_folder() / "fixtures/camera/personas/honest.xml");
    options.units = {honest->identity.serial};
    const auto plan = cli::plan_run(options);
    REQUIRE(plan.ok());
    CHECK((*plan)->slots[0].unit == honest->identity.serial);
}

TEST_CASE("a run without a declaration is warned of checks that compare with one", "[scenario][plan]") {
    const auto plan = cli::plan_run(options_for({"quiet-while-idle"}));
    REQUIRE(plan.ok());
    REQUIRE((*plan)->warnings.size() == 1);
    CHECK((*plan)->warnings[0].find("no declaration is given (--declaration), so ") == 0);
    auto options = options_for({"quiet-while-idle"});
    options.declaration = "haneul-hv-2100";
    CHECK((*cli::plan_run(options))->warnings.empty());
}
