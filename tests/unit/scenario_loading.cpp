#include <chrono>
#include <filesystem>
#include <sstream>

#include "harness/cli/check.hpp"
#include "harness/cli/list.hpp"
#include "harness/cli/reference.hpp"
#include "harness/core/shipped.hpp"
#include "harness/core/text.hpp"
#include "harness/declaration/declaration.hpp"
#include "harness/documents/bench_file.hpp"
#include "harness/documents/requirements.hpp"
#include "harness/documents/scenario.hpp"
#include "harness/documents/step_order.hpp"
#include "harness/documents/suite.hpp"
#include "harness/steps/stated_network.hpp"
#include "tests/catch.hpp"
#include "tests/unit/temporary_folder.hpp"

using namespace cambench;
using namespace std::chrono_literals;
using markup::Problems;
using temporary::Folder;

namespace {

std::string scenario_xml(const std::string& steps, const std::string& head = "",
                         const std::string& requirements = "PHN-02") {
    return "<scenario id=\"s\" title=\"S\" requirements=\"" + requirements +
           "\"><why>Because\n  of it.</why>" + head + "<steps>" + steps +
           "</steps><checks><no-literal-addresses/></checks></scenario>";
}

std::string texts_of(const Problems& problems) {
    std::string text;
    for (const auto& problem : problems) text += problem.what + "\n";
    return text;
}

std::string problems_of_steps(const std::string& steps, const std::string& head = "") {
    const Folder folder;
    Problems problems;
    (void)load_scenario(folder.write("s.xml", scenario_xml(steps, head)), problems);
    return texts_of(problems);
}

}  // namespace

TEST_CASE("a scenario is loaded with its parameters, its internet and its nested steps", "[scenario]") {
    const Folder folder;
    const auto file =
        folder.write("s.xml", scenario_xml("<power-on/><repeat times=\"2\"><observe for=\"${w}\"/><repeat "
                                           "times=\"3\"><note text=\"x\"/></repeat></repeat>",
                                           "<parameter name=\"w\" default=\"20s\"/><internet "
                                           "personality=\"resolver-only\" clock=\"2026-11-21T09:00:00Z\"/>"));
    Problems problems;
    const auto scenario = load_scenario(file, problems, {{"w", "3s"}});
    REQUIRE(scenario.ok());
    CHECK(problems.empty());
    CHECK(scenario.value().why == "Because of it.");
    CHECK(scenario.value().requirements == std::vector<std::string>{"PHN-02"});
    CHECK(scenario.value().parameters.at("w") == "3s");
    CHECK(scenario.value().internet.text("personality") == "resolver-only");
    REQUIRE(scenario.value().steps.size() == 2);
    CHECK(scenario.value().steps[1].first("observe")->duration("for") == 3s);
    CHECK(scenario.value().checks.at(0).name() == "no-literal-addresses");
    CHECK(holds_step(scenario.value().steps, "note"));
    CHECK_FALSE(holds_step(scenario.value().steps, "view-video"));
}

TEST_CASE("a scenario without an internet finds the open one", "[scenario]") {
    const Folder folder;
    Problems problems;
    const auto scenario = load_scenario(folder.write("s.xml", scenario_xml("<power-on/>")), problems);
    REQUIRE(scenario.ok());
    CHECK(scenario.value().internet.text("personality") == "open");
    CHECK_FALSE(scenario.value().internet.has("clock"));
}

TEST_CASE("a scenario can be moved and copied with its steps", "[scenario]") {
    const Folder folder;
    Problems problems;
    auto first =
        load_scenario(folder.write("s.xml", scenario_xml("<power-on/><observe for=\"1s\"/>")), problems)
            .value();
    const auto copy = first;
    first = {};
    CHECK(copy.steps.at(1).duration("for") == 1s);
    CHECK(copy.steps.at(1).name() == "observe");
}

TEST_CASE("steps that need power stand after it", "[scenario]") {
    CHECK(problems_of_steps(
              "<power-on/><await-boot/><observe for=\"1s\"/><power-cycle/><await-lease/><power-off/>")
              .empty());
    CHECK(problems_of_steps("<repeat times=\"2\"><await-lease/></repeat>")
              .find("<await-lease> while the unit has no power") != std::string::npos);
    CHECK(problems_of_steps("<power-on/><power-off/><view-video/>").find("<view-video> while") !=
          std::string::npos);
    CHECK(
        problems_of_steps("<observe for=\"1s\"/><power-on/>").find("<observe> while the unit has no power") !=
        std::string::npos);
    CHECK(problems_of_steps("<await-boot/>", "<setup><power-on/></setup>").empty());
    CHECK(problems_of_steps("<power-on/><isolate/><reconnect/>").empty());
    CHECK(problems_of_steps("<power-on/><reconnect/>", "<internet personality=\"silent\"/>").empty());
    CHECK(problems_of_steps("<power-on/><isolate/>", "<internet personality=\"silent\"/>")
              .find("isolated already") != std::string::npos);
}

TEST_CASE("an internet that contradicts itself is a problem", "[scenario]") {
    const auto text = problems_of_steps(
        "<power-on/>",
        "<internet><dns name=\"a.example\" address=\"192.0.2.1\" answer=\"nxdomain\"/></internet>");
    CHECK(text.find("<dns> has both an address and a refusal") == 0);
}

TEST_CASE("a lab's own requirements stand beside its scenarios", "[scenario]") {
    const Folder folder;
    const auto file = folder.write("library/s.xml", scenario_xml("<power-on/>", "", "ACME-1 PHN-02"));
    Problems problems;
    CHECK_FALSE(load_scenario(file, problems).ok());
    CHECK(texts_of(problems) == "there is no requirement 'ACME-1'\n");
    folder.write("requirements/own.xml",
                 "<requirements id=\"own\" title=\"Own\"><requirement id=\"ACME-1\" means=\"R N\">The logo "
                 "is blue.</requirement></requirements>");
    problems.clear();
    CHECK(load_scenario(file, problems).ok());
    const auto catalogue = requirements_beside(file, problems).value();
    CHECK(catalogue.find("ACME-1")->text == "The logo is blue.");
    CHECK(catalogue.find("ACME-1")->means == "R N");
    CHECK(catalogue.find("PHN-02") != nullptr);
    CHECK(catalogue.find("PHN-2") == nullptr);
}

TEST_CASE("a suite sets parameters and may run a scenario twice", "[scenario]") {
    const Folder folder;
    folder.write("library/s.xml", scenario_xml("<power-on/><observe for=\"${w}\"/>",
                                               "<parameter name=\"w\" default=\"20s\"/>"));
    Problems problems;
    const auto suite =
        load_suite(folder.write("suites/q.xml",
                                "<suite id=\"q\" title=\"Q\"><why>w</why><run scenario=\"../library/s.xml\"/>"
                                "<run id=\"short\" level=\"should\" scenario=\"../library/s.xml\"><set "
                                "name=\"w\" value=\"1s\"/></run></suite>"),
                   problems);
    REQUIRE(suite.ok());
    REQUIRE(suite.value().runs.size() == 2);
    CHECK(suite.value().runs[0].id == "s");
    CHECK(suite.value().runs[0].level == SuiteRun::Level::must);
    CHECK(suite.value().runs[0].scenario.steps.at(1).duration("for") == 20s);
    CHECK(suite.value().runs[1].id == "short");
    CHECK(suite.value().runs[1].level == SuiteRun::Level::should);
    CHECK(suite.value().runs[1].scenario.steps.at(1).duration("for") == 1s);
}

TEST_CASE("a bench file gives each slot its drivers with their settings", "[scenario]") {
    const Folder folder;
    Problems problems;
    const auto bench = load_bench_file(
        folder.write(
            "b.xml",
            "<bench name=\"b\"><slot name=\"a1\"><power driver=\"command\" on=\"sw on 1\" off=\"sw off "
            "1\"/><console driver=\"unix\" path=\"run/u.sock\"/>"
            "<network interface=\"veth0\"/></slot></bench>"),
        problems);
    REQUIRE(bench.ok());
    const auto* slot = bench.value().find("a1");
    REQUIRE(slot != nullptr);
    CHECK(slot->power_driver() == "command");
    CHECK(slot->power.text("on") == "sw on 1");
    CHECK(slot->power.duration("within") == 10s);
    CHECK_FALSE(slot->power.has("state"));
    CHECK(slot->console.path("path") == folder.path() / "run/u.sock");
    CHECK(slot->network_driver() == "interface");
    CHECK(slot->network.text("interface") == "veth0");
    CHECK_FALSE(slot->is_emulated());
    CHECK(bench.value().find("a2") == nullptr);
}

TEST_CASE("the sample declaration says what the sample product does", "[scenario]") {
    Problems problems;
    const auto loaded =
        load_declaration(shipped_folder() / "scenarios/declarations/haneul-hv-2100.xml", problems);
    REQUIRE(loaded.ok());
    const auto& declaration = loaded.value();
    CHECK(declaration.vendor == "Haneul Vision");
    CHECK(declaration.identity.soc == "HVS-2");
    CHECK(declaration.identity.firmware == "1.4.2");
    CHECK(declaration.identity.mac_prefixes == std::vector<std::string>{"02:4b:52"});
    REQUIRE(declaration.destinations.size() == 3);
    CHECK(declaration.destinations[0].name == "time.haneul.example");
    CHECK(declaration.destinations[0].port == 123);
    CHECK(declaration.destinations[0].transport == Transport::udp);
    CHECK(declaration.destinations[1].every == 60s);
    CHECK(declaration.destinations[1].volume == 2000);
    CHECK(declaration.destinations[1].line > declaration.destinations[0].line);
    REQUIRE(declaration.services.size() == 3);
    CHECK(declaration.services[1].protocol == "rtsp");
    CHECK(declaration.services[1].authentication == "digest");
    CHECK(declaration.resolver == Declaration::ResolverSource::dhcp);
    CHECK(declaration.time_servers == std::vector<std::string>{"time.haneul.example"});
    CHECK(declaration.updates.rollback == "refused");
    CHECK(declaration.video == true);
    CHECK(declaration.audio == false);
    CHECK(declaration.abilities.at("plates") == false);
    CHECK_FALSE(declaration.abilities.contains("speaker"));
}

TEST_CASE("a unit's own network settings are stated in its declaration or for the run", "[scenario]") {
    const Folder folder;
    Problems problems;
    const auto file = folder.write("own.xml", R"(<declaration vendor="V" model="M"><identity/>
        <network address="192.168.1.108/24" gateway="192.168.1.1" resolver="8.8.8.8"/><network address="2001:db8:5::108" gateway="fe80::1"/></declaration>)");
    const auto loaded = load_declaration(file, problems);
    REQUIRE(loaded.ok());
    CHECK(problems.empty());
    CHECK(loaded->resolvers == std::vector{IpAddress::parse("8.8.8.8").value()});
    const auto stated = stated_network({}, file);
    REQUIRE(stated.ok());
    REQUIRE(stated->addresses.size() == 2);
    CHECK(stated->addresses[0].address.to_string() == "192.168.1.108");
    CHECK(stated->addresses[0].subnet->prefix_length() == 24);
    CHECK_FALSE(stated->addresses[1].subnet.has_value());
    CHECK(stated->neighbours.size() == 3);
    CHECK(stated_network({"10.1.2.3"}, file)->addresses.size() ==
          1);  // said for the run: the declaration's is another unit's
    for (const auto* wrong : {"camera", "0.0.0.0", "224.0.0.1", "192.168.1.108/33"})
        CHECK_FALSE(stated_network({wrong}, std::nullopt).ok());

    const auto odd = folder.write(
        "odd.xml",
        R"(<declaration vendor="V" model="M"><identity/><network address="192.168.1.108/24" gateway="192.168.2.1"/></declaration>)");
    REQUIRE(load_declaration(odd, problems).ok());
    CHECK(problems.size() == 1);  // a warning
    CHECK_FALSE(
        load_declaration(
            folder.write(
                "none.xml",
                R"(<declaration vendor="V" model="M"><identity/><network address="0.0.0.0"/></declaration>)"),
            problems)
            .ok());
    CHECK_FALSE(load_declaration(
                    folder.write("empty.xml",
                                 R"(<declaration vendor="V" model="M"><identity/><network/></declaration>)"),
                    problems)
                    .ok());
}

TEST_CASE("a declaration may leave out what it does not state", "[scenario]") {
    const Folder folder;
    Problems problems;
    const auto loaded =
        load_declaration(folder.write("d.xml",
                                      "<declaration vendor=\"V\" model=\"M\"><identity mac-prefix=\"02-4B-52 "
                                      "AA:bb\"/><destination address=\"192.0.2.0/24\" purpose=\"p\"/>"
                                      "<destination name=\"ping.v.example\" transport=\"icmp\" "
                                      "purpose=\"p\"/><resolver from=\"any\"/><resolver "
                                      "address=\"192.0.2.53\"/></declaration>"),
                         problems);
    REQUIRE(loaded.ok());
    CHECK(loaded.value().identity.mac_prefixes == std::vector<std::string>{"02:4b:52", "aa:bb"});
    CHECK(loaded.value().destinations[0].network->to_string() == "192.0.2.0/24");
    CHECK_FALSE(loaded.value().destinations[0].name.has_value());
    CHECK_FALSE(loaded.value().destinations[0].port.has_value());
    CHECK_FALSE(loaded.value().destinations[0].transport.has_value());
    CHECK(loaded.value().destinations[1].transport == Transport::icmp);
    CHECK(loaded.value().resolver == Declaration::ResolverSource::any);
    CHECK(loaded.value().resolvers.size() == 1);
    CHECK_FALSE(loaded.value().video.has_value());
}

TEST_CASE("check prints problems or ok and its exit code tells a script", "[scenario][cli]") {
    const Folder folder;
    folder.write("good.xml", scenario_xml("<power-on/>"));
    const auto bad = folder.write("sub/bad.xml", "<scenario id=\"x\x1b\"/>");
    std::ostringstream out;
    CHECK(cli::check_command({.files = {folder.path()}}, out) == 64);
    CHECK(out.str().find("good.xml: ok\n") != std::string::npos);
    CHECK(out.str().find("sub/bad.xml:1:16: the control character \\x1b") != std::string::npos);
    CHECK(out.str().find('\x1b') == std::string::npos);

    std::ostringstream json;
    CHECK(cli::check_command({.files = {bad, "/nonexistent.xml"}, .format = cli::OutputFormat::json}, json) ==
          64);
    const auto parsed = nlohmann::json::parse(json.str());
    CHECK(parsed.at("ok") == false);
    CHECK(parsed.at("files").size() == 2);
    CHECK(parsed.at("files")[0].at("problems")[0].at("line") == 1);
    CHECK(parsed.at("files")[0].at("problems")[0].at("column") == 16);
    CHECK(parsed.at("files")[1].at("problems")[0].at("severity") == "error");

    std::ostringstream fine;
    CHECK(cli::check_command({.files = {folder.path() / "good.xml"}}, fine) == 0);
}

TEST_CASE("every topic can be listed, for people and for programs", "[scenario][cli]") {
    for (const auto& topic : cli::list_topics()) {
        INFO(topic);
        std::ostringstream text, json, errors;
        CHECK(cli::list_command({.topic = topic}, text, errors) == 0);
        CHECK(cli::list_command({.topic = topic, .format = cli::OutputFormat::json}, json, errors) == 0);
        CHECK_FALSE(text.str().empty());
        CHECK_FALSE(nlohmann::json::parse(json.str()).empty());
        CHECK(errors.str().empty());
    }
    std::ostringstream out, errors;
    CHECK(cli::list_command({.topic = "scenari"}, out, errors) == 64);
    CHECK(errors.str() == "there is no list of 'scenari'; did you mean 'scenarios'?\n");
}
