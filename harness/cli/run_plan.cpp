#include "harness/cli/run_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "harness/checks/check.hpp"
#include "harness/cli/names.hpp"
#include "harness/core/text.hpp"
#include "harness/declaration/declaration.hpp"
#include "harness/documents/documents.hpp"
#include "harness/documents/offered_packages.hpp"
#include "harness/steps/stated_network.hpp"

namespace cambench::cli {
namespace {

/// Reads everything a run is made of and keeps all that is wrong with it: what can be known is told in one
/// round.
class Planner {
public:
    Planner(const RunOptions& options, RunPlan& plan) : options_(options), plan_(plan) {}

    Status plan() {
        read_parameters();
        for (const auto& wanted : options_.scenarios) add_scenarios(wanted);
        if (options_.scenarios.size() > 1) plan_.title = "run";
        judge_parameters();
        make_ids_unique();
        read_bench();
        read_declaration();
        judge_out();
        return mistakes_.empty() ? Status() : Status(usage_error(join(mistakes_, "\n")));
    }

private:
    void mistake(std::string text) {
        if (std::find(mistakes_.begin(), mistakes_.end(), text) == mistakes_.end())
            mistakes_.push_back(std::move(text));
    }

    /// Errors become mistakes, warnings stand beside them.
    void take(const markup::Problems& problems, const Status& status) {
        bool told = false;
        for (const auto& problem : problems) {
            const bool error = problem.severity == markup::Problem::Severity::error;
            told = told || error;
            if (error)
                mistake(problem.to_string());
            else
                plan_.warnings.push_back(problem.to_string());
        }
        if (!status.ok() && !told) mistake(status.error().message);
    }

    template <typename T>
    static Status status_of(const Result<T>& result) {
        return result ? Status() : Status(result.error());
    }

    /// The file of a document; nullopt and a mistake where there is none.
    std::optional<std::filesystem::path> found(Result<std::filesystem::path> file) {
        if (file) return std::move(*file);
        mistake(file.error().message);
        return std::nullopt;
    }

    void read_parameters() {
        for (const auto& text : options_.parameters) {
            const auto equals = text.find('=');
            if (equals == std::string::npos || equals == 0)
                mistake(fmt::format("--set {}: write it as name=value", text));
            else if (!parameters_.emplace(text.substr(0, equals), text.substr(equals + 1)).second)
                mistake(fmt::format("--set {}: this is set twice; keep one", text.substr(0, equals)));
        }
    }

    void add_scenarios(const std::string& wanted) {
        const auto file = found(find_scenario_or_suite(wanted));
        if (!file) return;
        markup::Problems problems;
        const auto root = markup::find_root(*file, problems);
        if (!root) return take(problems, root.error());
        if (root->name == "suite")
            add_suite(*file);
        else
            add_scenario(*file);
    }

    void add_scenario(const std::filesystem::path& file) {
        markup::Problems problems, plain_problems;
        const auto plain = load_scenario(file, plain_problems);
        const auto own = plain ? those_of(plain->parameters) : markup::Parameters();
        auto scenario = plain ? load_scenario(file, problems, own) : load_scenario(file, problems);
        auto status = status_of(scenario);
        judge_files(file, problems, own, places());
        if (scenario) {
            if (const auto sound = judge_packages(*scenario, problems); !sound) status = sound;
            note_parameters(scenario->parameters);
        }
        take(problems, status);
        if (!scenario) return;
        plan_.title = scenario->id;
        plan_.scenarios.push_back({scenario->id, SuiteRun::Level::must, std::move(*scenario)});
    }

    void add_suite(const std::filesystem::path& file) {
        markup::Problems problems, plain_problems;
        const auto plain = load_suite(file, plain_problems);
        markup::Parameters all;
        if (plain)
            for (const auto& run : plain->runs)
                for (const auto& [name, value] : run.scenario.parameters)
                    all[name] = all[run.id + "." + name] = value;
        note_parameters(all);
        const auto own = those_of(all);
        auto suite = plain ? load_suite(file, problems, own) : load_suite(file, problems);
        auto status = status_of(suite);
        if (suite)
            for (const auto& run : suite->runs) {
                judge_files(run.scenario.file, problems, run.scenario.parameters, places(suite->files));
                if (const auto sound = judge_packages(run.scenario, problems); !sound) status = sound;
            }
        take(problems, status);
        if (!suite) return;
        plan_.suites.insert(plan_.suites.end(), suite->files.begin(), suite->files.end());
        if (!declaration_) declaration_ = suite->declaration;
        if (!persona_) persona_ = suite->persona;
        for (auto& run : suite->runs) plan_.scenarios.push_back({run.id, run.level, std::move(run.scenario)});
        plan_.title = suite->id;
    }

    /// Files that documents name lie beside them, beside the suites that set their names, or where the user
    /// says.
    FilePlaces places(const std::vector<std::filesystem::path>& suites = {}) const {
        FilePlaces places{options_.allow, {}};
        for (const auto& suite : suites) places.allowed.push_back(suite.parent_path());
        for (const auto& [name, value] : parameters_) places.said.push_back(value);
        return places;
    }

    void note_parameters(const markup::Parameters& parameters) {
        for (const auto& [name, value] : parameters) known_.push_back(name);
    }

    /// Of what the user sets, what this scenario has; the rest is some other one's, or a mistake that is told
    /// in the end.
    markup::Parameters those_of(const markup::Parameters& parameters) const {
        markup::Parameters own;
        for (const auto& [name, value] : parameters_)
            if (parameters.contains(name)) own[name] = value;
        return own;
    }

    void judge_parameters() {
        if (!mistakes_.empty()) return;  // of a document that could not be read nobody knows the parameters
        for (const auto& [name, value] : parameters_) {
            if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
            const auto near = nearest(name, known_);
            std::set<std::string> all;
            std::copy_if(known_.begin(), known_.end(), std::inserter(all, all.end()),
                         [](const std::string& one) { return one.find('.') == std::string::npos; });
            mistake(fmt::format(
                "--set {}: no scenario has this parameter; {}", name,
                !near.empty() ? fmt::format("did you mean '{}'?", near)
                : all.empty()
                    ? "they have none"
                    : "they have: " + join(std::vector<std::string>(all.begin(), all.end()), ", ")));
        }
    }

    /// Two runs of one scenario keep their evidence apart.
    void make_ids_unique() {
        std::set<std::string> taken;
        for (auto& scenario : plan_.scenarios) {
            const auto own = scenario.id;
            for (int number = 2; !taken.insert(scenario.id).second; ++number)
                scenario.id = fmt::format("{}-{}", own, number);
        }
    }

    void read_bench() {
        if (options_.jobs == 0U)
            mistake(
                "--jobs 0 would run nothing; give 1 or more, or leave it out for all chosen slots at once");
        const auto file = found(find_document(options_.bench, "bench"));
        if (!file) return;
        markup::Problems problems;
        auto bench = load_bench_file(*file, problems);
        take(problems, status_of(bench));
        if (!bench) return;
        plan_.bench = std::move(*bench);
        choose_slots();
        if (options_.share) judge_share();
        place_personas();
        place_units();
    }

    void choose_slots() {
        const bool all =
            std::find(options_.slots.begin(), options_.slots.end(), "all") != options_.slots.end();
        if (all || options_.slots.empty()) {
            const auto wanted = all ? plan_.bench.slots.size() : std::max(options_.jobs.value_or(1), 1U);
            if (wanted > plan_.bench.slots.size())
                return mistake(fmt::format("--jobs {}: {} has {} slots", wanted, plan_.bench.file.string(),
                                           plan_.bench.slots.size()));
            for (std::size_t i = 0; i < wanted; ++i)
                plan_.slots.push_back({&plan_.bench.slots[i], {}, {}, {}});
            return;
        }
        for (const auto& name : options_.slots) {
            const auto* slot = plan_.bench.find(name);
            const auto is_it = [&](const PlannedSlot& planned) { return planned.slot == slot; };
            if (slot == nullptr)
                mistake(fmt::format("--slot {}: {} has {}", name, plan_.bench.file.string(),
                                    join(plan_.bench.slot_names(), ", ")));
            else if (std::any_of(plan_.slots.begin(), plan_.slots.end(), is_it))
                mistake(
                    fmt::format("--slot {}: this slot is named twice, and holds one unit; keep one", name));
            else
                plan_.slots.push_back({slot, {}, {}, {}});
        }
    }

    void judge_share() {
        if (plan_.slots.size() < 2)
            mistake(
                "--share needs several slots with units of one model: --slot all, --slot A --slot B, or "
                "--jobs N");
        if (options_.personas.size() > 1)
            mistake("--share is for units of one model; give one persona for all of them");
    }

    void place_personas() {
        std::vector<PlannedSlot*> emulated;
        for (auto& slot : plan_.slots)
            if (slot.slot->is_emulated()) emulated.push_back(&slot);
        if (emulated.empty() && !options_.personas.empty() && !plan_.slots.empty())
            return mistake("--persona is for emulated cameras, and none of the chosen slots is emulated");
        if (options_.personas.size() > 1 && options_.personas.size() != emulated.size())
            return mistake(fmt::format("{} personas for {} emulated slots; give one for all or one for each",
                                       options_.personas.size(), emulated.size()));
        for (std::size_t i = 0; i < emulated.size(); ++i) {
            const auto file = persona_file(i);
            if (!file) continue;
            markup::Problems problems;
            auto persona = load_persona(*file, problems);
            judge_files(*file, problems, {}, places());
            take(problems, status_of(persona));
            if (!persona) continue;
            emulated[i]->persona = as_unit(std::move(*persona), static_cast<unsigned>(i));
            emulated[i]->persona_file = *file;
        }
    }

    std::optional<std::filesystem::path> persona_file(std::size_t index) {
        if (options_.personas.empty() && persona_) return persona_;
        return found(find_document(options_.personas.empty()
                                       ? "honest"
                                       : options_.personas[options_.personas.size() == 1 ? 0 : index],
                                   "persona"));
    }

    /// Serial numbers in the order of the chosen slots. An emulated unit has its persona's.
    void place_units() {
        if (options_.units.empty() || plan_.slots.empty()) return;
        if (options_.units.size() != plan_.slots.size())
            return mistake(fmt::format(
                "{} serial numbers (--unit) for {} slots; give one for each, in the order of the slots",
                options_.units.size(), plan_.slots.size()));
        for (std::size_t i = 0; i < plan_.slots.size(); ++i) {
            auto& slot = plan_.slots[i];
            const auto serial = std::string(trim(options_.units[i]));
            if (serial.empty()) mistake("--unit: an empty serial number names no unit");
            if (slot.persona && serial != slot.persona->identity.serial)
                mistake(
                    fmt::format("--unit {}: slot {} holds an emulated camera, whose persona states {}; leave "
                                "--unit out, or write a persona with that serial number",
                                serial, slot.slot->name, slot.persona->identity.serial));
            if (std::count(options_.units.begin(), options_.units.end(), options_.units[i]) > 1)
                mistake(fmt::format("--unit {}: one unit cannot be in two slots", serial));
            slot.unit = serial;
        }
    }

    void read_declaration() {
        auto file = options_.declaration.empty() ? declaration_
                                                 : found(find_document(options_.declaration, "declaration"));
        if (!file) return options_.declaration.empty() ? warn_of_missing_declaration() : void();
        markup::Problems problems;
        auto declaration = load_declaration(*file, problems);
        judge_files(*file, problems, {}, places());
        take(problems, status_of(declaration));
        if (declaration) judge_what_is_declared(*declaration, *file);
        plan_.declaration = std::move(file);
    }

    /// Checks that compare with a declaration cannot tell anything without one.
    void warn_of_missing_declaration() {
        std::set<std::string> checks;
        for (const auto& planned : plan_.scenarios)
            for (const auto& check : planned.scenario.checks)
                if (const auto* type = find_check(check.name()); type != nullptr && type->needs_declaration)
                    checks.insert(check.name());
        if (!checks.empty())
            plan_.warnings.push_back(
                fmt::format("no declaration is given (--declaration), so {} can only be INCONCLUSIVE",
                            join(std::vector<std::string>(checks.begin(), checks.end()), ", ")));
    }

    /// Steps that need what this declaration does not state.
    void judge_what_is_declared(const Declaration& declaration, const std::filesystem::path& file) {
        for (const auto& planned : plan_.scenarios) {
            for (const auto* steps : {&planned.scenario.setup, &planned.scenario.steps})
                judge_steps(*steps, planned.id, declaration, file);
        }
    }

    void judge_steps(const std::vector<markup::Node>& steps, const std::string& id,
                     const Declaration& declaration, const std::filesystem::path& file) {
        const auto lacks = [&](const std::string& step, const std::string& what) {
            plan_.warnings.push_back(
                fmt::format("{}: <{}> needs {}, which {} does not have, so the run will be INCONCLUSIVE", id,
                            step, what, file.string()));
        };
        for (const auto& step : steps) {
            if (step.name() == "switch-cloud" && declaration.cloud_off.request.empty())
                lacks(step.name(), "<cloud>");
            if (step.name() == "trigger" && !declaration.stimuli.contains(step.text("stimulus")))
                lacks(step.name(), fmt::format("<stimulus name=\"{}\">", step.text("stimulus")));
            if (step.name() == "factory-reset" && declaration.operator_access.factory_reset.request.empty())
                lacks(step.name(), "<operator factory-reset=\"\">");
            judge_steps(step.children(), id, declaration, file);
        }
    }

    /// What is recorded is never written over; a run that is gone on with looks for itself whether it is the
    /// same.
    void judge_out() {
        std::error_code code;
        if (options_.out.empty() || options_.resume || !std::filesystem::exists(options_.out, code)) return;
        if (!std::filesystem::is_directory(options_.out, code))
            mistake(fmt::format("--out {}: this is a file; name a directory, new or empty",
                                options_.out.string()));
        else if (!std::filesystem::is_empty(options_.out, code))
            mistake(
                fmt::format("--out {}: it exists and is not empty; nothing recorded is ever overwritten: "
                            "name another, or go on with it by --resume",
                            options_.out.string()));
    }

    const RunOptions& options_;
    RunPlan& plan_;
    markup::Parameters parameters_;
    std::vector<std::string> known_;                              ///< parameters that some scenario has
    std::optional<std::filesystem::path> declaration_, persona_;  ///< as the suites name them
    std::vector<std::string> mistakes_;
};

}  // namespace

Result<std::unique_ptr<RunPlan>> plan_run(const RunOptions& options) {
    auto plan = std::make_unique<RunPlan>();
    TRY(Planner(options, *plan).plan());
    if (const auto stated = stated_network(options.addresses, plan->declaration); !stated)
        return stated.error();
    return plan;
}

}  // namespace cambench::cli
