#include "harness/cli/list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ostream>

#include "fixtures/camera/persona.hpp"
#include "harness/checks/check.hpp"
#include "harness/cli/exit_codes.hpp"
#include "harness/cli/print_json.hpp"
#include "harness/cli/reference.hpp"
#include "harness/core/text.hpp"
#include "harness/declaration/declaration.hpp"
#include "harness/documents/bench_file.hpp"
#include "harness/documents/bench_file_drivers.hpp"
#include "harness/documents/documents.hpp"
#include "harness/documents/requirements.hpp"
#include "harness/documents/suite.hpp"
#include "harness/steps/step.hpp"

namespace cambench::cli {
namespace {

using Json = nlohmann::json;
using markup::Problems;

/// A topic's content in both forms; `problems` are those of documents that could not be read.
struct Listing {
    std::string text;
    Json json = Json::array();
    Problems problems;

    void add(const std::string& lines, Json entry) {
        text += lines;
        json.push_back(std::move(entry));
    }
};

Listing list_steps() {
    Listing listing;
    for (const auto* type : step_types()) {
        auto entry = to_json(type->element);
        entry["holds"] = type->holds == StepType::Children::steps ? "steps" : "nothing";
        listing.add(describe(type->element, type->element.name), std::move(entry));
    }
    return listing;
}

Listing list_checks() {
    Listing listing;
    for (const auto* type : check_types()) {
        const bool always = type->when == CheckType::When::always;
        auto entry = to_json(type->element);
        entry.update({{"why", type->why}, {"requirements", type->requirements}, {"always", always}});
        listing.add(describe(type->element, type->element.name + (always ? "  (always judged)" : "")) +
                        (type->requirements.empty()
                             ? ""
                             : fmt::format("    requirements: {}\n", join(type->requirements, ", "))),
                    std::move(entry));
    }
    return listing;
}

Listing list_drivers() {
    Listing listing;
    for (const auto* part : {&power_element(), &console_element(), &network_element()}) {
        for (const auto& variant : part->variants) {
            auto entry = to_json(*variant.element);
            entry.update({{"part", part->name}, {"driver", variant.value}});
            entry.erase("name");
            listing.add(describe(*variant.element, fmt::format("{} {}", part->name, variant.value)),
                        std::move(entry));
        }
    }
    return listing;
}

Listing list_personas() {
    Listing listing;
    for (const auto& file : shipped_documents("persona")) {
        const auto persona = load_persona(file, listing.problems);
        if (!persona) continue;
        const auto caught = join(persona->caught_by, " ");
        listing.add(fmt::format("{:<24} {:<12} {}{}\n", persona->id, persona->verdict, persona->title,
                                caught.empty() ? "" : fmt::format(" [{}]", caught)),
                    {{"id", persona->id},
                     {"title", persona->title},
                     {"verdict", persona->verdict},
                     {"caught_by", persona->caught_by},
                     {"endpoints", persona->endpoints},
                     {"file", file.string()}});
    }
    return listing;
}

Listing list_scenarios() {
    Listing listing;
    for (const auto& file : shipped_documents("scenario")) {
        const auto scenario = load_scenario(file, listing.problems);
        if (!scenario) continue;
        std::string parameters;
        for (const auto& [name, value] : scenario->parameters)
            parameters += fmt::format(" {}={}", name, value);
        listing.add(fmt::format("{:<24} {}\n    {}\n    requirements: {}{}\n", scenario->id, scenario->title,
                                file.string(), join(scenario->requirements, " "),
                                parameters.empty() ? "" : fmt::format("\n    parameters:{}", parameters)),
                    {{"id", scenario->id},
                     {"title", scenario->title},
                     {"why", scenario->why},
                     {"requirements", scenario->requirements},
                     {"parameters", scenario->parameters},
                     {"file", file.string()}});
    }
    return listing;
}

Listing list_suites() {
    Listing listing;
    for (const auto& file : shipped_documents("suite")) {
        const auto suite = load_suite(file, listing.problems);
        if (!suite) continue;
        std::string runs;
        Json entries = Json::array();
        for (const auto& run : suite->runs) {
            runs += fmt::format("    {:<6} {}\n", to_string(run.level), run.id);
            entries.push_back(
                {{"id", run.id}, {"level", to_string(run.level)}, {"scenario", run.scenario.file.string()}});
        }
        listing.add(fmt::format("{:<24} {}\n    {}\n{}", suite->id, suite->title, file.string(), runs),
                    {{"id", suite->id},
                     {"title", suite->title},
                     {"runs", std::move(entries)},
                     {"file", file.string()}});
    }
    return listing;
}

Listing list_benches() {
    Listing listing;
    for (const auto& file : shipped_documents("bench")) {
        const auto bench = load_bench_file(file, listing.problems);
        if (!bench) continue;
        listing.add(fmt::format("{:<24} {}\n    slots: {}\n", bench->name, file.string(),
                                join(bench->slot_names(), " ")),
                    {{"name", bench->name}, {"slots", bench->slot_names()}, {"file", file.string()}});
    }
    return listing;
}

Listing list_declarations() {
    Listing listing;
    for (const auto& file : shipped_documents("declaration")) {
        const auto declaration = load_declaration(file, listing.problems);
        if (!declaration) continue;
        listing.add(
            fmt::format("{} {}\n    {}\n", declaration->vendor, declaration->model, file.string()),
            {{"vendor", declaration->vendor}, {"model", declaration->model}, {"file", file.string()}});
    }
    return listing;
}

Listing list_requirements() {
    Listing listing;
    RequirementCatalogue catalogue;
    for (const auto& file : shipped_documents("requirements")) (void)catalogue.add(file, listing.problems);
    for (const auto& [id, requirement] : catalogue.all())
        listing.add(fmt::format("{:<8} [{}] {}\n", id, requirement.means, requirement.text),
                    {{"id", id},
                     {"text", requirement.text},
                     {"means", split(requirement.means, ' ')},
                     {"en303645", requirement.en303645},
                     {"india", requirement.india},
                     {"other", requirement.other}});
    return listing;
}

Listing list_xsd() { return {documents_xsd(), {{"xsd", documents_xsd()}}, {}}; }

Listing list_reference() { return {reference_page(), {{"markdown", reference_page()}}, {}}; }

struct Topic {
    std::string_view name;
    Listing (*list)();
};
constexpr std::array topics{Topic{"benches", list_benches},
                            Topic{"checks", list_checks},
                            Topic{"declarations", list_declarations},
                            Topic{"drivers", list_drivers},
                            Topic{"personas", list_personas},
                            Topic{"reference", list_reference},
                            Topic{"requirements", list_requirements},
                            Topic{"scenarios", list_scenarios},
                            Topic{"steps", list_steps},
                            Topic{"suites", list_suites},
                            Topic{"xsd", list_xsd}};

}  // namespace

std::vector<std::string> list_topics() {
    std::vector<std::string> names;
    for (const auto& topic : topics) names.emplace_back(topic.name);
    return names;
}

int list_command(const ListOptions& options, std::ostream& out, std::ostream& errors) {
    const auto topic = std::find_if(topics.begin(), topics.end(),
                                    [&](const auto& candidate) { return candidate.name == options.topic; });
    if (topic == topics.end()) {
        const auto names = list_topics();
        const auto near = nearest(options.topic, names);
        errors << fmt::format("there is no list of '{}'; {}\n", inert(options.topic),
                              near.empty() ? fmt::format("there are: {}", join(names, ", "))
                                           : fmt::format("did you mean '{}'?", near));
        return usage_exit_code;
    }
    const auto listing = topic->list();
    if (options.format == OutputFormat::json)
        print_json(listing.json, out);
    else
        out << listing.text;
    for (const auto& problem : listing.problems) errors << inert(problem.to_string()) << '\n';
    return markup::first_error(listing.problems).ok() ? 0 : usage_exit_code;
}

}  // namespace cambench::cli
