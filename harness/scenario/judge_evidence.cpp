#include "harness/scenario/judge_evidence.hpp"

#include <fmt/format.h>

#include "harness/checks/judgement.hpp"
#include "harness/evidence/evidence.hpp"
#include "harness/scenario/declaration.hpp"
#include "harness/scenario/scenario.hpp"

namespace cambench {
namespace {

markup::Parameters parameters_of(const Json& description) {
    markup::Parameters parameters;
    const auto given = description.value("parameters", Json::object());
    for (const auto& [name, value] : given.items())
        if (value.is_string()) parameters[name] = value.get<std::string>();
    return parameters;
}

Json describe(const Scenario& scenario) {
    return {{"id", scenario.id}, {"title", scenario.title}, {"why", scenario.why}, {"requirements", scenario.requirements}};
}

void apply_faults(const analysis::Observations& observations, Json& verdict) {
    for (const auto& event : observations.run.events) {
        if (event.lane != "bench" || event.kind != "fault") continue;
        state_fault(verdict, event.fields.value("text", std::string("no reason recorded")));
        return;
    }
}

}  // namespace

void state_fault(Json& verdict, const std::string& fault) {
    verdict["verdict"] = std::string(to_string(Verdict::error));
    verdict["reason"] = "the bench failed: " + fault;
}

Verdict verdict_of(const Json& verdict) {
    const auto word = verdict.value("verdict", std::string());
    for (const auto candidate : {Verdict::pass, Verdict::fail, Verdict::inconclusive})
        if (word == to_string(candidate)) return candidate;
    return Verdict::error;
}

analysis::Inputs evidence_inputs(const std::filesystem::path& directory) {
    analysis::Inputs inputs;
    if (std::filesystem::exists(directory / "capture.pcapng")) inputs.captures.push_back({directory / "capture.pcapng", "capture.pcapng"});
    inputs.timeline = directory / "timeline.jsonl";
    if (std::filesystem::exists(directory / "console.log")) inputs.console = directory / "console.log";
    if (std::filesystem::is_directory(directory / "payloads")) inputs.payloads = directory / "payloads";
    if (const auto description = read_record(directory / "run.json"); description && description->value("unit", Json()).is_string()) inputs.serials.push_back(description->value("unit", ""));
    return inputs;
}

Result<Json> judge_evidence(const std::filesystem::path& directory) {
    TRY_ASSIGN(const auto description, read_record(directory / "run.json"));
    markup::Problems problems;
    TRY_ASSIGN(const auto scenario, load_scenario(directory / "inputs/scenario.xml", problems, parameters_of(description)));
    std::optional<Declaration> declaration;
    if (std::filesystem::exists(directory / "inputs/declaration.xml")) {
        TRY_ASSIGN(declaration, load_declaration(directory / "inputs/declaration.xml", problems));
        declaration->file = "inputs/declaration.xml";
    }
    TRY_ASSIGN(const auto observations, analysis::analyze(evidence_inputs(directory)));
    const auto* declared = declaration ? &*declaration : nullptr;
    const auto judgement = judge(observations, declared, scenario.checks);
    auto verdict = to_json(observations, declared, judgement);
    verdict["format"] = 1;
    verdict["tool"] = {{"name", "cambench"}, {"version", CAMBENCH_VERSION}};
    verdict["scenario"] = describe(scenario);
    for (const auto* field : {"run", "slot", "unit", "persona", "started"}) verdict[field] = description.value(field, Json());
    verdict["duration_s"] = static_cast<double>(observations.run.length.count()) / 1e9;
    apply_faults(observations, verdict);
    return verdict;
}

}  // namespace cambench
