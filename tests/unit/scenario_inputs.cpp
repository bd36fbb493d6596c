#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "bench/internet/world/personality.hpp"
#include "harness/cli/run_plan.hpp"
#include "harness/core/file.hpp"
#include "harness/core/json.hpp"
#include "harness/documents/documents.hpp"
#include "harness/runner/run_inputs.hpp"
#include "tests/catch.hpp"
#include "tests/unit/temporary_folder.hpp"

using namespace cambench;
using markup::Problems;
namespace fs = std::filesystem;

namespace {

std::string answering_xml(const std::string& answers) {
    return "<scenario id=\"mine\" title=\"Mine\"><why>Because.</why><internet><http-route host=\"*\">" +
           answers +
           "</http-route></internet><steps><power-on/></steps><checks><no-literal-addresses/></checks></"
           "scenario>";
}

std::vector<RunInput> inputs_named_in(const fs::path& file) {
    Problems problems;
    static Scenario scenario;
    auto loaded = load_scenario(file, problems);
    REQUIRE(loaded.ok());
    scenario = std::move(*loaded);
    static const BenchFile bench{};
    ScenarioRequest request;
    request.scenario = &scenario;
    request.bench = &bench;
    return inputs_of(request);
}

std::string said_of(const Problems& problems) {
    std::string text;
    for (const auto& problem : problems) text += problem.to_string() + "\n";
    return text;
}

}  // namespace

TEST_CASE("every input has a name of its own, and no other file those the judgement reads") {
    temporary::Folder desk;
    for (const auto* name : {"sub/scenario.xml", "declaration.xml", "a/fw.bin", "b/fw.bin", "c/FW.BIN",
                             "index.json", ".hidden", "persona.xml", "bench.xml"})
        desk.write(name, name);
    const auto file = desk.write(
        "mine.xml",
        answering_xml(
            R"(<answer file="sub/scenario.xml"/><answer file="declaration.xml"/><answer file="a/fw.bin"/><answer file="b/fw.bin"/><answer file="c/FW.BIN"/>
        <answer file="index.json"/><answer file=".hidden"/><answer file="persona.xml"/><answer file="bench.xml"/><answer file="a/fw.bin"/>)"));
    std::set<std::string> names;
    std::string again;
    for (const auto& input : inputs_named_in(file)) {
        if (input.named == "a/fw.bin") {
            if (!again.empty()) CHECK(input.name == again);
            again = input.name;
        }
        if (input.role == "scenario")
            CHECK(input.name == "scenario.xml");
        else
            CHECK_FALSE(std::set<std::string>{"scenario.xml", "declaration.xml", "persona.xml", "bench.xml",
                                              "suite.xml", "index.json"}
                            .contains(input.name));
        names.insert(input.name);
    }
    CHECK(names == std::set<std::string>{"scenario.xml", "scenario-2.xml", "declaration-2.xml", "fw.bin",
                                         "fw-2.bin", "FW-3.BIN", "index-2.json", "_.hidden", "persona-2.xml",
                                         "bench-2.xml"});
}

TEST_CASE("the index says of each input what it is, what it was named and where it lay") {
    temporary::Folder desk;
    desk.write("a/fw.bin", "one");
    desk.write("b/fw.bin", "two");
    const auto inputs = inputs_named_in(
        desk.write("mine.xml", answering_xml(R"(<answer file="a/fw.bin"/><answer file="b/fw.bin"/>)")));
    const auto index = index_of(inputs);
    REQUIRE(index.size() == 3);
    CHECK(index[0]["role"] == "scenario");
    CHECK(index[2]["name"] == "fw-2.bin");
    CHECK(index[2]["role"] == "answer file");
    CHECK(index[2]["named"] == "b/fw.bin");
    CHECK(index[2]["from"] == (desk.path() / "b/fw.bin").string());
    CHECK(index[1]["sha256"] != index[2]["sha256"]);
}

TEST_CASE("a scenario that is read from evidence finds each of its files there") {
    temporary::Folder desk;
    desk.write("inputs/fw.bin", "one");
    desk.write("inputs/fw-2.bin", "two");
    desk.write(
        "inputs/index.json",
        R"([{"name": "fw.bin", "named": "a/fw.bin"}, {"name": "fw-2.bin", "named": "b/fw.bin"}, {"name": "../escape", "named": "c/fw.bin"}])");
    const auto inputs = inputs_named_in(desk.write(
        "inputs/scenario.xml", answering_xml(R"(<answer file="a/fw.bin"/><answer file="b/fw.bin"/>)")));
    REQUIRE(inputs.size() == 3);
    CHECK(inputs[1].file == desk.path() / "inputs/fw.bin");
    CHECK(inputs[2].file == desk.path() / "inputs/fw-2.bin");
}

TEST_CASE("files that a document names lie beside it or where the user allows it, links or not") {
    temporary::Folder desk, elsewhere;
    elsewhere.write("secret", "words");
    desk.write("near/own.bin", "words");
    fs::create_symlink(elsewhere.path() / "secret", desk.path() / "innocent.bin");
    const auto refused = [&](const std::string& named, const FilePlaces& places = {}) {
        const auto file = desk.write("mine.xml", answering_xml("<answer file=\"" + named + "\"/>"));
        Problems problems;
        judge_files(file, problems, {}, places);
        return said_of(problems);
    };
    CHECK(refused("near/own.bin").empty());
    CHECK(refused("/etc/shadow").find("say --allow /etc") != std::string::npos);
    CHECK(refused("../../etc/shadow").find("neither beside this document") != std::string::npos);
    CHECK(refused("innocent.bin").find("say --allow " + elsewhere.path().string()) != std::string::npos);
    CHECK(refused((elsewhere.path() / "secret").string()).find("neither beside") != std::string::npos);
    CHECK(refused((elsewhere.path() / "secret").string(), {{elsewhere.path()}, {}}).empty());
    CHECK(refused("innocent.bin", {{elsewhere.path().string() + "/"}, {}}).empty());
    CHECK(refused((elsewhere.path() / "secret").string(), {{}, {(elsewhere.path() / "secret").string()}})
              .empty());
    CHECK(refused((elsewhere.path().string() + "-more/secret"), {{elsewhere.path()}, {}})
              .find("neither beside") != std::string::npos);
}

TEST_CASE("a run refuses documents that reach for files elsewhere, and names the option") {
    temporary::Folder desk;
    cli::RunOptions options;
    options.scenarios = {desk.write("mine.xml", answering_xml("<answer file=\"/etc/hostname\"/>")).string()};
    const auto plan = cli::plan_run(options);
    REQUIRE_FALSE(plan.ok());
    CHECK(plan.error().message.find("--allow /etc") != std::string::npos);
    options.allow = {"/etc"};
    CHECK(cli::plan_run(options).ok());
    options.scenarios = {
        desk.write("suite.xml",
                   "<suite id=\"suite\" title=\"S\"><why>W.</why><run scenario=\"mine.xml\"/></suite>")
            .string()};
    CHECK(cli::plan_run(options).ok());
    options.allow.clear();
    CHECK_FALSE(cli::plan_run(options).ok());
}

TEST_CASE("a document that names a FIFO or a device is refused at once") {
    temporary::Folder desk;
    REQUIRE(::mkfifo((desk.path() / "fifo").c_str(), 0600) == 0);
    for (const std::string named : {"fifo", "/dev/zero", "/proc/self/environ"}) {
        Problems problems;
        const auto scenario = load_scenario(
            desk.write("mine.xml", answering_xml("<answer file=\"" + named + "\"/>")), problems);
        if (scenario) CHECK_FALSE(internet::make_personality(scenario->internet).ok());
    }
    Problems problems;
    CHECK_FALSE(check_document(desk.path() / "fifo", problems).ok());
}
