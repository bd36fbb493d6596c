#include "harness/documents/scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "bench/internet/world/personality.hpp"
#include "harness/analysis/run/upgrades.hpp"
#include "harness/checks/check.hpp"
#include "harness/core/text.hpp"
#include "harness/documents/contradictions.hpp"
#include "harness/documents/requirements.hpp"
#include "harness/documents/step_order.hpp"
#include "harness/steps/step.hpp"

namespace cambench {
namespace {

using markup::Element;
using markup::Kind;
using markup::Node;
using markup::Problems;
using markup::Reading;

const Element& why_element() {
    static const Element element{.name = "why",
                                 .doc = "Why this is tested, for whoever reads the report.",
                                 .content = Element::Content::text};
    return element;
}

Element phase(std::string name, std::string doc) {
    return {.name = std::move(name), .doc = std::move(doc), .children = step_children()};
}

const Element& setup_element() {
    static const Element element = phase("setup",
                                         "Steps that bring the unit into the state the scenario begins with; "
                                         "when it does not follow, the run is INCONCLUSIVE.");
    return element;
}

const Element& steps_element() {
    static const Element element = phase("steps", "What is done, in order.");
    return element;
}

const Element& teardown_element() {
    static const Element element = phase("teardown", "Steps that always run in the end, whatever happened.");
    return element;
}

const Element& checks_element() {
    static const Element element = [] {
        Element checks{
            .name = "checks",
            .doc = "What is judged. The checks of every run are judged even when they are not listed."};
        for (const auto* type : check_types()) checks.children.push_back({&type->element, 0, 1});
        return checks;
    }();
    return element;
}

std::vector<Node> children_of(const Node& root, std::string_view phase_name) {
    const auto* phase_node = root.first(phase_name);
    return phase_node == nullptr ? std::vector<Node>() : phase_node->children();
}

markup::Parameters parameters_of(const Node& root, const markup::Parameters& overrides) {
    markup::Parameters parameters;
    for (const auto* node : root.all("parameter")) parameters[node->text("name")] = node->text("default");
    for (const auto& [name, value] : overrides) parameters[name] = value;
    return parameters;
}

/// An <internet> with every default, for scenarios that have none.
Node plain_internet() {
    Problems none;
    return *markup::read_text("<internet/>", "defaults", internet::internet_element(), none);
}

/// Whether a phase was left out or is there with all its elements: what an unknown one was meant to be,
/// nobody knows.
bool is_readable(const Reading& reading, std::string_view phase_name) {
    const auto* node = reading.root.first(phase_name);
    return node == nullptr || reading.has_all_elements(*node);
}

bool has_readable_steps(const Reading& reading) {
    return is_readable(reading, "setup") && is_readable(reading, "steps") && is_readable(reading, "internet");
}

void judge_checks(const Reading& reading, const Scenario& scenario, Problems& problems) {
    const auto& root = reading.root;
    const auto* checks = root.first("checks");
    if (scenario.checks.empty() && is_readable(reading, "checks"))
        problems.push_back(warning_at(checks != nullptr ? *checks : root, "no check is listed",
                                      "list at least one; a run with nothing to judge is ERROR"));
    if (has_readable_steps(reading)) judge_what_checks_need(scenario, problems);
}

bool needs_update_server(const std::vector<markup::Node>& steps) {
    return std::any_of(steps.begin(), steps.end(), [](const markup::Node& step) {
        return step.name() == "offer-update" ? !analysis::is_brought(step.text("way"))
                                             : needs_update_server(step.children());
    });
}

void judge_internet(const Scenario& scenario, Problems& problems) {
    const auto personality = internet::make_personality(scenario.internet);
    if (personality && (needs_update_server(scenario.setup) || needs_update_server(scenario.steps)) &&
        personality->update_servers.empty())
        problems.push_back(problem_at(scenario.internet,
                                      "there is no server for the firmware of <offer-update>",
                                      "<update host=\"update.vendor.example\" package=\"/*\"/>"));
    if (personality) return;
    // The message begins with a place of its own; the problem has one already.
    auto message = personality.error().message;
    if (const auto file = scenario.internet.position().file; message.starts_with(file))
        if (const auto end = message.find(": ", file.size()); end != std::string::npos)
            message.erase(0, end + 2);
    problems.push_back(problem_at(scenario.internet, message));
}

void judge(const Reading& reading, const Scenario& scenario, Problems& problems) {
    const auto& root = reading.root;
    if (root.given("id") && !is_id(scenario.id))
        problems.push_back(problem_at_attribute(root, "id", fmt::format("'{}' is not an id", scenario.id),
                                                "use lower-case letters, digits and '-'"));
    if (root.first("why") != nullptr && scenario.why.empty())
        problems.push_back(warning_at(*root.first("why"), "<why> says nothing",
                                      "write one or two sentences for whoever reads the report"));
    if (auto catalogue = requirements_beside(scenario.file, problems))
        judge_requirement_ids(root, "requirements", *catalogue, problems);
    judge_contradictions(root, problems);
    const auto* internet_node = root.first("internet");
    if (is_readable(reading, "steps") && (internet_node == nullptr || reading.whole(*internet_node)))
        judge_internet(scenario, problems);
    if (has_readable_steps(reading)) judge_step_order(scenario, problems);
    judge_checks(reading, scenario, problems);
}

}  // namespace

bool is_id(std::string_view text) {
    const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
    return !text.empty() && text.size() <= 64 && text.front() != '-' &&
           std::all_of(text.begin(), text.end(), fits);
}

std::string one_line(std::string_view text) {
    std::string flat(text);
    std::replace_if(
        flat.begin(), flat.end(), [](unsigned char c) { return c < 0x20; }, ' ');
    return join(split(flat, ' '), " ");
}

const Element& scenario_element() {
    static const Element element{
        .name = "scenario",
        .doc = "Steps that act on one slot, and checks that judge what was recorded meanwhile.",
        .attributes = {{.name = "id",
                        .kind = Kind::word,
                        .doc = "Its name in suites and reports: lower-case letters, digits and '-'.",
                        .required = true},
                       {.name = "title", .doc = "What it shows, in one line.", .required = true},
                       {.name = "requirements",
                        .kind = Kind::words,
                        .doc = "The ids of the requirements it tests."}},
        .children = {{&why_element(), 1, 1},
                     {&markup::parameter_element()},
                     {&internet::internet_element(), 0, 1},
                     {&setup_element(), 0, 1},
                     {&steps_element(), 1, 1},
                     {&teardown_element(), 0, 1},
                     {&checks_element(), 0, 1}}};
    return element;
}

Result<Scenario> load_scenario(const std::filesystem::path& file, Problems& problems,
                               const markup::Parameters& overrides) {
    const auto before = problems.size();
    TRY_ASSIGN(const auto reading, markup::read_what_is_right(file, scenario_element(), problems, overrides));
    const auto& root = reading.root;
    const auto *internet_node = root.first("internet"), *why = root.first("why");
    Scenario scenario{.file = file,
                      .id = root.text("id"),
                      .title = root.text("title"),
                      .why = why == nullptr ? std::string() : one_line(why->content()),
                      .requirements = root.words("requirements"),
                      .parameters = parameters_of(root, overrides),
                      .internet = internet_node != nullptr ? *internet_node : plain_internet(),
                      .setup = children_of(root, "setup"),
                      .steps = children_of(root, "steps"),
                      .teardown = children_of(root, "teardown"),
                      .checks = children_of(root, "checks")};
    judge(reading, scenario, problems);
    TRY(markup::first_error(problems, before));
    return scenario;
}

}  // namespace cambench
