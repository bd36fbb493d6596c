#include "harness/scenario/suite.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "harness/core/text.hpp"

namespace cambench {
namespace {

using markup::Element;
using markup::Kind;
using markup::Node;
using markup::Problem;
using markup::Problems;

const Element& set_element() {
    static const Element element{.name = "set",
                                 .doc = "Sets a parameter of the scenario.",
                                 .attributes = {{.name = "name", .kind = Kind::word, .doc = "The parameter's name.", .required = true},
                                                {.name = "value", .doc = "Its value.", .required = true}}};
    return element;
}

const Element& run_element() {
    static const Element element{
        .name = "run",
        .doc = "Runs a scenario.",
        .attributes = {{.name = "scenario", .kind = Kind::path, .doc = "Its file, relative to the suite.", .required = true},
                       {.name = "level",
                        .kind = Kind::choice,
                        .doc = "must: its verdict is part of the suite's; should: it is reported only.",
                        .fallback = "must",
                        .choices = {"must", "should"}},
                       {.name = "id",
                        .kind = Kind::word,
                        .doc = "Its name in this suite; the scenario's own id when absent. Needed to run one scenario twice."}},
        .children = {{&set_element()}}};
    return element;
}

const Element& suite_why_element() {
    static const Element element{.name = "why", .doc = "What the suite is for.", .content = Element::Content::text};
    return element;
}

/// Only errors of `found` that begin at `begin`.
std::vector<const Problem*> errors_in(const Problems& found) {
    std::vector<const Problem*> errors;
    for (const auto& problem : found)
        if (problem.severity == Problem::Severity::error) errors.push_back(&problem);
    return errors;
}

std::vector<std::string> names_of(const markup::Parameters& parameters) {
    std::vector<std::string> names;
    for (const auto& [name, value] : parameters) names.push_back(name);
    return names;
}

/// The values a <run> sets; problems for names the scenario does not have.
markup::Parameters values_of(const Node& run, const Scenario& scenario, Problems& problems) {
    markup::Parameters values;
    const auto known = names_of(scenario.parameters);
    for (const auto* set : run.all("set")) {
        const auto name = set->text("name");
        const auto near = nearest(name, known);
        if (!scenario.parameters.contains(name))
            problems.push_back(problem_at_attribute(*set, "name", fmt::format("'{}' has no parameter '{}'", scenario.id, name),
                                                    !near.empty()   ? fmt::format("did you mean '{}'?", near)
                                                    : known.empty() ? "it has none"
                                                                    : fmt::format("it has: {}", join(known, ", "))));
        else if (!values.emplace(name, set->text("value")).second)
            problems.push_back(problem_at(*set, fmt::format("'{}' is set twice", name), "keep one"));
    }
    return values;
}

std::optional<Scenario> scenario_of(const Node& run, Problems& problems) {
    Problems own;
    const auto file = run.path("scenario");
    const auto plain = load_scenario(file, own);
    if (!plain) {
        const auto first = errors_in(own).front();
        const bool missing = !std::filesystem::exists(file);
        problems.push_back(problem_at_attribute(
            run, "scenario", missing ? fmt::format("'{}' does not exist", run.text("scenario")) : "the scenario has problems of its own",
            missing ? fmt::format("looked for {}", file.string()) : first->to_string()));
        return std::nullopt;
    }
    const auto values = values_of(run, *plain, problems);
    own.clear();
    auto scenario = load_scenario(file, own, values);
    if (scenario) return std::move(*scenario);
    const auto& where = values.size() == 1 ? *run.first("set") : run;
    problems.push_back(problem_at(where, "the scenario cannot be run with these values", errors_in(own).front()->to_string()));
    return std::nullopt;
}

void add_run(const Node& node, std::set<std::string>& ids, Suite& suite, Problems& problems) {
    auto scenario = scenario_of(node, problems);
    if (!scenario) return;
    const auto id = node.given("id") ? node.text("id") : scenario->id;
    if (!is_id(id))
        problems.push_back(problem_at_attribute(node, "id", fmt::format("'{}' is not an id", id), "use lower-case letters, digits and '-'"));
    if (!ids.insert(id).second)
        problems.push_back(problem_at(node, fmt::format("the suite runs '{}' twice", id), "give one of them an id of its own: <run id=\"...\">"));
    suite.runs.push_back({id, node.text("level") == "should" ? SuiteRun::Level::should : SuiteRun::Level::must, std::move(*scenario)});
}

}  // namespace

std::string_view to_string(SuiteRun::Level level) { return level == SuiteRun::Level::must ? "must" : "should"; }

const Element& suite_element() {
    static const Element element{
        .name = "suite",
        .doc = "Scenarios that together qualify a unit.",
        .attributes = {{.name = "id", .kind = Kind::word, .doc = "Its name in reports: lower-case letters, digits and '-'.", .required = true},
                       {.name = "title", .doc = "What it shows, in one line.", .required = true}},
        .children = {{&suite_why_element(), 1, 1}, {&run_element(), 1}}};
    return element;
}

Result<Suite> load_suite(const std::filesystem::path& file, Problems& problems) {
    const auto before = problems.size();
    TRY_ASSIGN(const auto root, markup::read_file(file, suite_element(), problems));
    Suite suite{file, root.text("id"), root.text("title"), one_line(root.first("why")->content()), {}};
    if (!is_id(suite.id))
        problems.push_back(problem_at_attribute(root, "id", fmt::format("'{}' is not an id", suite.id), "use lower-case letters, digits and '-'"));
    std::set<std::string> ids;
    for (const auto* run : root.all("run")) add_run(*run, ids, suite, problems);
    const auto is_must = [](const SuiteRun& run) { return run.level == SuiteRun::Level::must; };
    if (!suite.runs.empty() && std::none_of(suite.runs.begin(), suite.runs.end(), is_must))
        problems.push_back(warning_at(root, "no scenario must pass, so the suite has no verdict", "give one <run> level=\"must\""));
    TRY(markup::first_error(problems, before));
    return suite;
}

}  // namespace cambench
