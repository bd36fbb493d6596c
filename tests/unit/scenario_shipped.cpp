#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "fixtures/camera/persona.hpp"
#include "harness/checks/check.hpp"
#include "harness/cli/reference.hpp"
#include "harness/core/shipped.hpp"
#include "harness/core/text.hpp"
#include "harness/documents/bench_file.hpp"
#include "harness/documents/documents.hpp"
#include "harness/documents/requirements.hpp"
#include "harness/documents/suite.hpp"
#include "harness/steps/step.hpp"
#include "tests/catch.hpp"

using namespace cambench;

namespace {

std::vector<std::filesystem::path> all_shipped() {
    std::vector<std::filesystem::path> files;
    for (const auto& kind : document_kinds())
        for (auto& file : shipped_documents(kind.element->name)) files.push_back(std::move(file));
    return files;
}

RequirementCatalogue shipped_requirements() {
    markup::Problems problems;
    RequirementCatalogue catalogue;
    for (const auto& file : shipped_documents("requirements")) REQUIRE(catalogue.add(file, problems).ok());
    return catalogue;
}

std::vector<std::string> check_ids() {
    std::vector<std::string> ids;
    for (const auto* type : check_types()) ids.push_back(type->element.name);
    return ids;
}

}  // namespace

TEST_CASE("every kind of document is shipped and nothing shipped has a problem", "[scenario][shipped]") {
    for (const auto& kind : document_kinds()) CHECK_FALSE(shipped_documents(kind.element->name).empty());
    for (const auto& file : all_shipped()) {
        INFO(file.string());
        markup::Problems problems;
        CHECK(check_document(file, problems).ok());
        for (const auto& problem : problems) FAIL_CHECK(problem.to_string());
    }
}

TEST_CASE("scenario.xsd is what the tables say", "[scenario][shipped]") {
    std::ostringstream content;
    content << std::ifstream(shipped_folder() / "scenarios/scenario.xsd", std::ios::binary).rdbuf();
    INFO("write it anew with: cambench list xsd > scenarios/scenario.xsd");
    CHECK((content.str() == documents_xsd()));
}

TEST_CASE("xmllint accepts everything shipped by the schema", "[scenario][shipped][xmllint]") {
    const auto schema = (shipped_folder() / "scenarios/scenario.xsd").string();
    for (const auto& file : all_shipped()) {
        INFO(file.string());
        CHECK(std::system(
                  fmt::format("xmllint --noout --schema '{}' '{}' >/dev/null 2>&1", schema, file.string())
                      .c_str()) == 0);
    }
}

TEST_CASE("the suites run the whole library, and every scenario bears the name of its file",
          "[scenario][shipped]") {
    markup::Problems problems;
    std::set<std::string> run, library;
    for (const auto& file : shipped_documents("suite")) {
        const auto suite = load_suite(file, problems);
        REQUIRE(suite.ok());
        for (const auto& entry : suite.value().runs) run.insert(entry.scenario.file.stem().string());
    }
    for (const auto& file : shipped_documents("scenario")) {
        library.insert(file.stem().string());
        CHECK(load_scenario(file, problems).value().id == file.stem().string());
    }
    CHECK(run == library);
}

TEST_CASE("the default bench has eight emulated cameras", "[scenario][shipped]") {
    markup::Problems problems;
    const auto bench = load_bench_file(shipped_folder() / "bench/benches/virtual.xml", problems);
    REQUIRE(bench.ok());
    CHECK(bench.value().slots.size() == 8);
    for (const auto& slot : bench.value().slots) CHECK(slot.is_emulated());
}

TEST_CASE("checks and personas refer to requirements and checks that exist", "[scenario][shipped]") {
    const auto catalogue = shipped_requirements();
    CHECK(catalogue.all().size() >= 48);
    for (const auto* type : check_types())
        for (const auto& id : type->requirements) {
            INFO(type->element.name << " " << id);
            CHECK(catalogue.find(id) != nullptr);
        }
    const auto ids = check_ids();
    for (const auto& file : shipped_documents("persona")) {
        INFO(file.string());
        const auto persona = load_persona(file).value();
        for (const auto& id : persona.caught_by) CHECK(std::find(ids.begin(), ids.end(), id) != ids.end());
    }
}

TEST_CASE("every word of the tables is explained", "[scenario][shipped]") {
    const auto judge = [](const markup::Element& element) {
        INFO("<" << element.name << ">");
        CHECK_FALSE(element.doc.empty());
        for (const auto& attribute : element.attributes) {
            INFO(attribute.name);
            CHECK_FALSE(attribute.doc.empty());
            if (!attribute.fallback.empty()) CHECK(check_value(attribute, attribute.fallback).ok());
            if (attribute.kind == markup::Kind::choice) CHECK_FALSE(attribute.choices.empty());
        }
    };
    for (const auto* type : step_types()) judge(type->element);
    for (const auto* type : check_types()) judge(type->element);
    for (const auto& kind : document_kinds()) {
        judge(*kind.element);
        for (const auto& child : kind.element->children) judge(*child.element);
    }
}

TEST_CASE("the reference names every step, check and document", "[scenario][shipped]") {
    const auto page = cli::reference_page();
    for (const auto* type : step_types())
        CHECK(page.find(fmt::format("### `<{}>`", type->element.name)) != std::string::npos);
    for (const auto* type : check_types())
        CHECK(page.find(fmt::format("### `<{}>`", type->element.name)) != std::string::npos);
    for (const auto& kind : document_kinds())
        CHECK(page.find(fmt::format("## Document `<{}>`", kind.element->name)) != std::string::npos);
}
