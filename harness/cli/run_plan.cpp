#include "harness/cli/run_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "harness/cli/names.hpp"
#include "harness/core/text.hpp"
#include "harness/scenario/declaration.hpp"
#include "harness/scenario/offered_packages.hpp"

namespace cambench::cli {
namespace {

Error all_of(const markup::Problems& problems, const Error& first) {
    if (problems.empty()) return first;
    std::vector<std::string> lines;
    for (const auto& problem : problems) lines.push_back(problem.to_string());
    return usage_error(join(lines, "\n"));
}

Result<markup::Parameters> overrides_of(const RunOptions& options) {
    markup::Parameters parameters;
    for (const auto& text : options.parameters) {
        const auto equals = text.find('=');
        if (equals == std::string::npos || equals == 0) return usage_error(fmt::format("--set {}: write it as name=value", text));
        parameters[text.substr(0, equals)] = text.substr(equals + 1);
    }
    return parameters;
}

void keep_warnings(const markup::Problems& problems, RunPlan& plan) {
    for (const auto& problem : problems) plan.warnings.push_back(problem.to_string());
}

Status add_scenarios(const std::string& wanted, const markup::Parameters& overrides, RunPlan& plan) {
    TRY_ASSIGN(const auto file, find_scenario_or_suite(wanted));
    markup::Problems problems;
    const auto root = markup::find_root(file, problems);
    if (!root) return all_of(problems, root.error());
    if (root->name == "suite") {
        if (!overrides.empty()) return usage_error(fmt::format("{} is a suite: it sets the parameters of its scenarios itself; --set is for scenarios", wanted));
        auto suite = load_suite(file, problems);
        if (!suite) return all_of(problems, suite.error());
        keep_warnings(problems, plan);
        for (const auto& run : suite->runs)
            if (const auto sound = judge_packages(run.scenario, problems); !sound) return all_of(problems, sound.error());
        for (auto& run : suite->runs) plan.scenarios.push_back({run.id, run.level, std::move(run.scenario)});
        plan.title = suite->id;
        return {};
    }
    auto scenario = load_scenario(file, problems, overrides);
    if (!scenario) return all_of(problems, scenario.error());
    if (const auto sound = judge_packages(*scenario, problems); !sound) return all_of(problems, sound.error());
    keep_warnings(problems, plan);
    plan.title = scenario->id;
    plan.scenarios.push_back({scenario->id, SuiteRun::Level::must, std::move(*scenario)});
    return {};
}

Status can_be_shared(const RunOptions& options, const RunPlan& plan) {
    if (plan.slots.size() < 2) return usage_error("--share needs several slots with units of one model: --slot all, --slot A --slot B, or --jobs N");
    if (options.personas.size() > 1) return usage_error("--share is for units of one model; give one persona for all of them");
    return {};
}

Status choose_slots(const RunOptions& options, RunPlan& plan) {
    const bool all = std::find(options.slots.begin(), options.slots.end(), "all") != options.slots.end();
    if (all || options.slots.empty()) {
        const auto wanted = all ? plan.bench.slots.size() : std::max(options.jobs, 1U);
        if (wanted > plan.bench.slots.size())
            return usage_error(fmt::format("--jobs {}: {} has {} slots", wanted, plan.bench.file.string(), plan.bench.slots.size()));
        for (std::size_t i = 0; i < wanted; ++i) plan.slots.push_back({&plan.bench.slots[i], {}, {}});
        return {};
    }
    for (const auto& name : options.slots) {
        const auto* slot = plan.bench.find(name);
        if (slot == nullptr) return usage_error(fmt::format("--slot {}: {} has {}", name, plan.bench.file.string(), join(plan.bench.slot_names(), ", ")));
        plan.slots.push_back({slot, {}, {}});
    }
    return {};
}

Status place_personas(const RunOptions& options, RunPlan& plan) {
    std::vector<PlannedSlot*> emulated;
    for (auto& slot : plan.slots)
        if (slot.slot->is_emulated()) emulated.push_back(&slot);
    if (emulated.empty() && !options.personas.empty()) return usage_error("--persona is for emulated cameras, and none of the chosen slots is emulated");
    if (options.personas.size() > 1 && options.personas.size() != emulated.size())
        return usage_error(fmt::format("{} personas for {} emulated slots; give one for all or one for each", options.personas.size(), emulated.size()));
    for (std::size_t i = 0; i < emulated.size(); ++i) {
        const auto wanted = options.personas.empty() ? "honest" : options.personas.size() == 1 ? options.personas[0] : options.personas[i];
        TRY_ASSIGN(const auto file, find_document(wanted, "persona"));
        markup::Problems problems;
        auto persona = load_persona(file, problems);
        if (!persona) return all_of(problems, persona.error());
        emulated[i]->persona = as_unit(std::move(*persona), static_cast<unsigned>(i));
        emulated[i]->persona_file = file;
    }
    return {};
}

Status read_declaration(const RunOptions& options, RunPlan& plan) {
    if (options.declaration.empty()) return {};
    TRY_ASSIGN(plan.declaration, find_document(options.declaration, "declaration"));
    markup::Problems problems;
    auto declaration = load_declaration(*plan.declaration, problems);
    if (!declaration) return all_of(problems, declaration.error());
    return {};
}

/// Two runs of one scenario keep their evidence apart.
void make_ids_unique(RunPlan& plan) {
    std::set<std::string> taken;
    for (auto& scenario : plan.scenarios) {
        const auto own = scenario.id;
        for (int number = 2; !taken.insert(scenario.id).second; ++number) scenario.id = fmt::format("{}-{}", own, number);
    }
}

}  // namespace

Result<std::unique_ptr<RunPlan>> plan_run(const RunOptions& options) {
    auto plan = std::make_unique<RunPlan>();
    TRY_ASSIGN(const auto overrides, overrides_of(options));
    for (const auto& wanted : options.scenarios) TRY(add_scenarios(wanted, overrides, *plan));
    if (options.scenarios.size() > 1) plan->title = "run";
    make_ids_unique(*plan);
    TRY_ASSIGN(const auto bench, find_document(options.bench, "bench"));
    markup::Problems problems;
    auto loaded = load_bench_file(bench, problems);
    if (!loaded) return all_of(problems, loaded.error());
    plan->bench = std::move(*loaded);
    TRY(choose_slots(options, *plan));
    if (options.share) TRY(can_be_shared(options, *plan));
    TRY(place_personas(options, *plan));
    TRY(read_declaration(options, *plan));
    return plan;
}

}  // namespace cambench::cli
