#include "harness/runner/judge_evidence.hpp"

#include <fmt/format.h>

#include "harness/checks/judgement.hpp"
#include "harness/declaration/declaration.hpp"
#include "harness/documents/scenario.hpp"
#include "harness/evidence/evidence.hpp"
#include "harness/evidence/manifest.hpp"
#include "harness/evidence/record.hpp"

namespace cambench {
namespace {

constexpr auto never_sealed =
    "the run was ended before its evidence was sealed, so nothing shows that it is complete";

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

bool is_there(const std::filesystem::path& file) {
    std::error_code code;
    return std::filesystem::symlink_status(file, code).type() != std::filesystem::file_type::not_found;
}

Json describe(const Scenario& scenario) {
    return {{"id", scenario.id},
            {"title", scenario.title},
            {"why", scenario.why},
            {"requirements", scenario.requirements}};
}

void apply_faults(const analysis::Observations& observations, Json& verdict) {
    for (const auto& event : observations.run.events) {
        if (event.lane != "bench" || event.kind != "fault") continue;
        const auto text = event.fields.find("text");
        state_fault(verdict, text != event.fields.end() && text->is_string() ? text->get<std::string>()
                                                                             : "no reason recorded");
        return;
    }
}

}  // namespace

void state_fault(Json& verdict, const std::string& fault) {
    verdict["verdict"] = std::string(to_string(Verdict::error));
    verdict["reason"] = "the bench failed: " + fault;
}

Verdict verdict_of(const Json& verdict) {
    const auto found = verdict.find("verdict");
    const auto word =
        found != verdict.end() && found->is_string() ? found->get<std::string>() : std::string();
    for (const auto candidate : {Verdict::pass, Verdict::fail, Verdict::inconclusive})
        if (word == to_string(candidate)) return candidate;
    return Verdict::error;
}

Result<analysis::Inputs> evidence_inputs(const std::filesystem::path& directory) {
    TRY(refuse_strangers(directory));
    analysis::Inputs inputs;
    std::error_code code;
    if (is_there(directory / "capture.pcapng"))
        inputs.captures.push_back({directory / "capture.pcapng", "capture.pcapng"});
    inputs.timeline = directory / "timeline.jsonl";
    if (is_there(directory / "console.log")) inputs.console = directory / "console.log";
    if (std::filesystem::is_directory(directory / "payloads", code)) inputs.payloads = directory / "payloads";
    if (!is_there(directory / "run.json")) return inputs;
    TRY_ASSIGN(const auto record, read_run_record(directory));
    if (!record.unit.empty()) inputs.serials.push_back(record.unit);
    return inputs;
}

Nanoseconds time_for_judgement(const std::filesystem::path& directory) {
    constexpr std::uintmax_t bytes_in_a_second = 2U << 20;
    std::uintmax_t bytes = 0;
    std::error_code unknown;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory, unknown))
        if (const auto size = entry.is_regular_file(unknown) ? entry.file_size(unknown) : 0; !unknown)
            bytes += size;
    return std::chrono::minutes(2) + std::chrono::seconds(bytes / bytes_in_a_second);
}

Result<Json> judge_evidence(const std::filesystem::path& directory, const std::function<bool()>& go_on) {
    TRY(refuse_strangers(directory));
    TRY_ASSIGN(const auto record, read_run_record(directory));
    markup::Problems problems;
    TRY_ASSIGN(const auto scenario,
               load_scenario(directory / "inputs/scenario.xml", problems, record.parameters));
    std::optional<Declaration> declaration;
    if (is_there(directory / "inputs/declaration.xml")) {
        TRY_ASSIGN(declaration, load_declaration(directory / "inputs/declaration.xml", problems));
        declaration->file = "inputs/declaration.xml";
    }
    TRY_ASSIGN(auto inputs, evidence_inputs(directory));
    inputs.go_on = go_on;
    TRY_ASSIGN(const auto observations, analysis::analyze(inputs));
    const auto* declared = declaration ? &*declaration : nullptr;
    const auto judgement = judge(observations, declared, scenario.checks, Scope::run, go_on);
    auto verdict = to_json(observations, declared, judgement);
    verdict["format"] = 1;
    verdict["tool"] = {{"name", "cambench"}, {"version", CAMBENCH_VERSION}};
    verdict["scenario"] = describe(scenario);
    verdict["run"] = text_or_null(record.run);
    verdict["slot"] = text_or_null(record.slot);
    verdict["unit"] = text_or_null(record.unit);
    verdict["persona"] = text_or_null(record.persona);
    verdict["started"] = text_or_null(record.started);
    verdict["duration_s"] = static_cast<double>(observations.run.length.count()) / 1e9;
    apply_faults(observations, verdict);
    return verdict;
}

Status seal_of(const std::filesystem::path& directory) {
    TRY_ASSIGN(const auto record, read_run_record(directory));
    if (!record.finished || !is_there(directory / manifest_name)) return cancelled_error(never_sealed);
    TRY_ASSIGN(const auto complaints, verify_evidence(directory));
    if (complaints.empty()) return {};
    return bench_error(fmt::format(
        "the evidence was altered after the run, so nothing follows from it: {}{}", complaints.front(),
        complaints.size() > 1 ? fmt::format(" (and {} more)", complaints.size() - 1) : ""));
}

Result<Json> judge_sealed_evidence(const std::filesystem::path& directory) {
    TRY_ASSIGN(auto verdict, judge_evidence(directory));
    const auto seal = seal_of(directory);
    if (seal) return verdict;
    if (seal.error().fault != Fault::cancelled) {
        verdict["verdict"] = std::string(to_string(Verdict::error));
        verdict["reason"] = seal.error().message;
    } else if (verdict_of(verdict) == Verdict::pass) {
        verdict["verdict"] = std::string(to_string(Verdict::inconclusive));
        verdict["reason"] = never_sealed;
    }
    return verdict;
}

}  // namespace cambench
