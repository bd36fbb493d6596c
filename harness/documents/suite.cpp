#include "harness/documents/suite.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <set>

#include "harness/core/markup/markup_reading.hpp"
#include "harness/core/text.hpp"
#include "harness/documents/documents.hpp"

namespace cambench {
namespace {

using markup::Element;
using markup::Kind;
using markup::Node;
using markup::Problem;
using markup::Problems;
using Path = std::filesystem::path;

/// Suites that run suites that run suites ...
constexpr std::size_t deepest = 8;

const Element& set_element() {
    static const Element element{
        .name = "set",
        .doc = "Sets a parameter of the scenario, or of those scenarios of the suite that have it.",
        .attributes = {{.name = "name", .kind = Kind::word, .doc = "The parameter's name.", .required = true},
                       {.name = "value", .doc = "Its value.", .required = true}}};
    return element;
}

const Element& run_element() {
    static const Element element{
        .name = "run",
        .doc = "Runs a scenario, or all of another suite.",
        .attributes = {{.name = "scenario",
                        .doc = "Its file, relative to the suite, or the name of a shipped one."},
                       {.name = "suite",
                        .doc = "A suite's file, relative to this one, or the name of a shipped one."},
                       {.name = "level",
                        .kind = Kind::choice,
                        .doc = "must: its verdict is part of the suite's; should: it is reported only.",
                        .fallback = "must",
                        .choices = {"must", "should"}},
                       {.name = "id",
                        .kind = Kind::word,
                        .doc = "Its name in this suite; the scenario's own id when absent. Needed to run one "
                               "scenario twice."}},
        .children = {{&set_element()}},
        .one_of = {{"scenario", "suite"}}};
    return element;
}

const Element& suite_why_element() {
    static const Element element{
        .name = "why", .doc = "What the suite is for.", .content = Element::Content::text};
    return element;
}

/// The errors of another document, each told where this one refers to it.
void repeat_errors(const Node& node, std::string_view attribute, const std::string& what,
                   const Problems& theirs, Problems& problems) {
    for (const auto& problem : theirs)
        if (problem.severity == Problem::Severity::error)
            problems.push_back(problem_at_attribute(node, attribute, what, problem.to_string()));
}

std::vector<std::string> names_of(const markup::Parameters& parameters) {
    std::vector<std::string> names;
    for (const auto& [name, value] : parameters) names.push_back(name);
    return names;
}

std::string known_parameters(std::string_view name, const std::vector<std::string>& known,
                             std::string_view whose) {
    const auto near = nearest(name, known);
    if (!near.empty()) return fmt::format("did you mean '{}'?", near);
    return known.empty() ? fmt::format("{} none", whose) : fmt::format("{}: {}", whose, join(known, ", "));
}

/// The values a <run> sets for what it runs: each once.
markup::Parameters values_of(const Node& run, Problems& problems) {
    markup::Parameters values;
    for (const auto* set : run.all("set"))
        if (!values.emplace(set->text("name"), set->text("value")).second)
            problems.push_back(
                problem_at(*set, fmt::format("'{}' is set twice", set->text("name")), "keep one"));
    return values;
}

/// Problems for names the scenario does not have, which are taken out of the values.
void judge_names(const Node& run, const Scenario& scenario, markup::Parameters& values, Problems& problems) {
    const auto known = names_of(scenario.parameters);
    for (const auto* set : run.all("set")) {
        const auto name = set->text("name");
        if (scenario.parameters.contains(name) || values.erase(name) == 0) continue;
        problems.push_back(problem_at_attribute(*set, "name",
                                                fmt::format("'{}' has no parameter '{}'", scenario.id, name),
                                                known_parameters(name, known, "it has")));
    }
}

/// What the user sets for this run: by its name, or by the run's id and its name.
markup::Parameters overrides_for(const std::string& id, const Scenario& scenario,
                                 const markup::Parameters& overrides, std::set<std::string>& used) {
    markup::Parameters values;
    for (const auto& [name, value] : overrides)
        if (scenario.parameters.contains(name)) used.insert(name), values[name] = value;
    for (const auto& [name, value] : overrides)
        if (name.starts_with(id + ".") && scenario.parameters.contains(name.substr(id.size() + 1)))
            used.insert(name), values[name.substr(id.size() + 1)] = value;
    return values;
}

/// Reads one suite and all it runs.
class Loader {
public:
    Loader(Problems& problems, const markup::Parameters& overrides)
        : problems_(problems), overrides_(overrides) {}

    Result<Suite> load(const Path& file) {
        const auto before = problems_.size();
        TRY_ASSIGN(auto suite, read(file));
        judge_overrides(suite);
        TRY(markup::first_error(problems_, before));
        return suite;
    }

private:
    Result<Suite> read(const Path& file) {
        TRY_ASSIGN(const auto reading, markup::read_what_is_right(file, suite_element(), problems_));
        const auto& root = reading.root;
        const auto* why = root.first("why");
        Suite suite{file,
                    root.text("id"),
                    root.text("title"),
                    why == nullptr ? std::string() : one_line(why->content()),
                    {},
                    {},
                    {},
                    {file}};
        if (root.given("id") && !is_id(suite.id))
            problems_.push_back(problem_at_attribute(root, "id", fmt::format("'{}' is not an id", suite.id),
                                                     "use lower-case letters, digits and '-'"));
        suite.declaration = document(root, "declaration", "declaration");
        suite.persona = document(root, "persona", "persona");
        suites_.push_back(&suite);
        for (const auto* run : root.all("run"))
            if (reading.whole(*run)) add_run(*run, suite);
        suites_.pop_back();
        const auto is_must = [](const SuiteRun& run) { return run.level == SuiteRun::Level::must; };
        if (!suite.runs.empty() && std::none_of(suite.runs.begin(), suite.runs.end(), is_must))
            problems_.push_back(warning_at(root, "no scenario must pass, so the suite has no verdict",
                                           "give one <run> level=\"must\""));
        return suite;
    }

    /// The document an attribute names; problems where there is none.
    std::optional<Path> document(const Node& node, const char* attribute, const char* kind) {
        if (!node.given(attribute)) return std::nullopt;
        auto found = document_named(node, attribute, kind);
        if (found) return std::move(*found);
        problems_.push_back(problem_at_attribute(node, attribute, found.error().message));
        return std::nullopt;
    }

    void add_run(const Node& node, Suite& suite) {
        if (node.given("scenario") && node.given("suite"))
            return problems_.push_back(problem_at_attribute(
                node, "suite", "a <run> runs a scenario or a suite", "write two <run> elements"));
        if (node.given("suite")) return add_suite(node, suite);
        const auto file = document(node, "scenario", "scenario");
        if (file) add_scenario(node, *file, suite);
    }

    void add_scenario(const Node& node, const Path& file, Suite& suite) {
        Problems own;
        const auto plain = load_scenario(file, own);
        if (!plain)
            return repeat_errors(node, "scenario", "the scenario has problems of its own", own, problems_);
        auto values = values_of(node, problems_);
        judge_names(node, *plain, values, problems_);
        const auto id = node.given("id") ? node.text("id") : plain->id;
        if (!is_id(id))
            problems_.push_back(problem_at_attribute(node, "id", fmt::format("'{}' is not an id", id),
                                                     "use lower-case letters, digits and '-'"));
        for (auto& [name, value] : overrides_for(id, *plain, overrides_, used_)) values[name] = value;
        own.clear();
        auto scenario = load_scenario(file, own, values);
        const auto* set = values.size() == 1 && node.all("set").size() == 1 ? node.first("set") : nullptr;
        if (!scenario)
            return repeat_errors(set != nullptr ? *set : node, "",
                                 "the scenario cannot be run with these values", own, problems_);
        add(node,
            {id, node.text("level") == "should" ? SuiteRun::Level::should : SuiteRun::Level::must,
             std::move(*scenario)},
            suite);
    }

    void add(const Node& node, SuiteRun run, Suite& suite) {
        const auto taken = [&](const std::string& id) {
            return std::any_of(suite.runs.begin(), suite.runs.end(),
                               [&](const SuiteRun& other) { return other.id == id; });
        };
        if (taken(run.id))
            problems_.push_back(problem_at(node, fmt::format("the suite runs '{}' twice", run.id),
                                           "give one of them an id of its own: <run id=\"...\">"));
        suite.runs.push_back(std::move(run));
    }

    /// Everything the other suite runs, with the values set here; an id that is taken gets the other suite's
    /// before it.
    void add_suite(const Node& node, Suite& suite) {
        const auto file = document(node, "suite", "suite");
        if (!file) return;
        if (suites_.size() >= deepest || std::any_of(suites_.begin(), suites_.end(), [&](const Suite* outer) {
                return same_file(outer->file, *file);
            }))
            return problems_.push_back(problem_at_attribute(
                node, "suite", "suites run each other in a circle", "leave one of them out"));
        auto values = values_of(node, problems_);
        for (const auto& [name, value] : overrides_) values[name] = value;
        Problems own;
        Loader inner(own, values);
        inner.suites_ = suites_;
        auto other = inner.read(*file);
        if (!markup::first_error(own).ok())
            return repeat_errors(node, "suite", "the suite has problems of its own", own, problems_);
        for (const auto* set : node.all("set"))
            if (!inner.used_.contains(set->text("name")))
                problems_.push_back(problem_at_attribute(
                    *set, "name",
                    fmt::format("no scenario of '{}' has a parameter '{}'", other->id, set->text("name")),
                    known_parameters(set->text("name"), all_parameters(*other), "they have")));
        used_.insert(inner.used_.begin(), inner.used_.end());
        suite.files.insert(suite.files.end(), other->files.begin(), other->files.end());
        for (auto& run : other->runs) {
            const bool taken = std::any_of(suite.runs.begin(), suite.runs.end(),
                                           [&](const SuiteRun& known) { return known.id == run.id; });
            if (taken) run.id = other->id + "-" + run.id;
            if (node.text("level") == "should") run.level = SuiteRun::Level::should;
            add(node, std::move(run), suite);
        }
    }

    static bool same_file(const Path& a, const Path& b) {
        std::error_code code;
        return std::filesystem::equivalent(a, b, code);
    }

    static std::vector<std::string> all_parameters(const Suite& suite) {
        std::set<std::string> names;
        for (const auto& run : suite.runs)
            for (const auto& [name, value] : run.scenario.parameters) names.insert(name);
        return {names.begin(), names.end()};
    }

    void judge_overrides(const Suite& suite) {
        for (const auto& [name, value] : overrides_)
            if (!used_.contains(name))
                problems_.push_back(
                    {{suite.file.string(), 1, 1},
                     fmt::format("no scenario of this suite has a parameter '{}' to set", name),
                     known_parameters(name, all_parameters(suite), "they have")});
    }

    Problems& problems_;
    const markup::Parameters& overrides_;
    std::set<std::string> used_;        ///< names of overrides that some scenario has
    std::vector<const Suite*> suites_;  ///< those being read, outermost first
};

}  // namespace

std::string_view to_string(SuiteRun::Level level) {
    return level == SuiteRun::Level::must ? "must" : "should";
}

const Element& suite_element() {
    static const Element element{
        .name = "suite",
        .doc = "Scenarios that together qualify a unit.",
        .attributes = {{.name = "id",
                        .kind = Kind::word,
                        .doc = "Its name in reports: lower-case letters, digits and '-'.",
                        .required = true},
                       {.name = "title", .doc = "What it shows, in one line.", .required = true},
                       {.name = "declaration",
                        .doc = "What the vendor declares, when the command line names none: a file, relative "
                               "to the suite, or a shipped name."},
                       {.name = "persona",
                        .doc = "The emulated camera's behaviour, when the command line names none: a file, "
                               "relative to the suite, or a shipped name."}},
        .children = {{&suite_why_element(), 1, 1}, {&run_element(), 1}}};
    return element;
}

Result<Suite> load_suite(const Path& file, Problems& problems, const markup::Parameters& overrides) {
    return Loader(problems, overrides).load(file);
}

}  // namespace cambench
