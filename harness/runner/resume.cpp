#include "harness/runner/resume.hpp"

#include <fmt/format.h>

#include "harness/core/file.hpp"
#include "harness/core/text.hpp"
#include "harness/evidence/evidence.hpp"
#include "harness/runner/judge_evidence.hpp"
#include "harness/runner/run_inputs.hpp"

namespace cambench {
namespace {

/// In what the recorded run differs from the request; "" : in nothing.
std::string difference(const ScenarioRequest& request, const Json& recorded) {
    const auto wanted = description_of(request);
    for (const auto* key : {"kind", "tool", "scenario", "slot", "unit", "persona", "parameters"})
        if (recorded.value(key, Json()) != wanted.at(key))
            return fmt::format("its {} is {}, not {}", key, inert(recorded.value(key, Json()).dump()),
                               wanted.at(key).dump());
    if (recorded.value("addresses", Json()) != wanted.value("addresses", Json()))
        return "the unit's stated addresses are others";
    for (const auto& [file, role, named, name] : inputs_of(request)) {
        if (name.empty()) continue;
        const auto now = read_text_file(file), then = read_text_file(request.evidence / "inputs" / name,
                                                                     longest_text_file, Links::refused);
        // A run that was ended while it began has not kept all of them yet.
        if (now && then && *now != *then) return fmt::format("its inputs/{} is not {}", name, file.string());
    }
    return {};
}

Status move_aside(const std::filesystem::path& directory) {
    std::error_code code;
    for (int number = 1;; ++number) {
        const std::filesystem::path aside = fmt::format("{}.unfinished-{}", directory.string(), number);
        if (std::filesystem::exists(aside, code)) continue;
        std::filesystem::rename(directory, aside, code);
        return code
                   ? Status(bench_error(fmt::format("move {} aside: {}", directory.string(), code.message())))
                   : Status();
    }
}

}  // namespace

Json description_of(const ScenarioRequest& request) {
    Json description{{"kind", "scenario"},
                     {"tool", {{"name", "cambench"}, {"version", CAMBENCH_VERSION}}},
                     {"scenario", request.scenario->id},
                     {"bench", request.bench->name},
                     {"slot", request.slot->name},
                     {"unit", !request.unit.empty() ? Json(request.unit)
                              : request.persona     ? Json(request.persona->identity.serial)
                                                    : Json()},
                     {"persona", request.persona ? Json(request.persona->id) : Json()},
                     {"parameters", Json::object()}};
    if (!request.run.empty()) description["run"] = request.run;
    if (!request.addresses.empty()) description["addresses"] = request.addresses;
    for (const auto& [name, value] : request.scenario->parameters) description["parameters"][name] = value;
    return description;
}

Result<std::optional<ScenarioOutcome>> take_up(const ScenarioRequest& request) {
    std::error_code code;
    if (!std::filesystem::exists(request.evidence, code) || std::filesystem::is_empty(request.evidence, code))
        return std::optional<ScenarioOutcome>();
    const auto recorded = read_record(request.evidence / "run.json");
    const auto other = recorded ? difference(request, *recorded) : "it has no run.json";
    if (!other.empty())
        return usage_error(fmt::format("{} holds another run's evidence ({}); choose another --out",
                                       request.evidence.string(), other));
    const auto complaints = verify_evidence(request.evidence);
    if (complaints && complaints->empty()) {
        const auto verdict = read_record(request.evidence / "verdict.json");
        const auto judged = verdict ? verdict_of(*verdict) : Verdict::error;
        if (judged == Verdict::pass || judged == Verdict::fail)
            return std::optional(ScenarioOutcome{request.scenario->id, judged, verdict->value("reason", ""),
                                                 request.evidence});
    }
    TRY(move_aside(request.evidence));
    return std::optional<ScenarioOutcome>();
}

}  // namespace cambench
