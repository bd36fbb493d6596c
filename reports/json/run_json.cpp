#include "reports/json/run_json.hpp"

#include "harness/core/text.hpp"

namespace cambench::reports {
namespace {

/// A pointer with the members the contract names, and only when they say something.
Json pointer_json(const Pointer& pointer) {
    auto json = Json::object();
    if (pointer.frame) json["frame"] = *pointer.frame;
    if (pointer.line) json["line"] = *pointer.line;
    if (pointer.time) json["time"] = *pointer.time;
    if (!pointer.file.empty()) json["file"] = to_utf8(pointer.file);
    return json;
}

Json check_json(const Check& check) {
    auto evidence = Json::array();
    for (const auto& pointer : check.evidence)
        if (auto json = pointer_json(pointer); !json.empty()) evidence.push_back(std::move(json));
    return {{"check", to_utf8(check.check)},
            {"verdict", to_string(check.verdict)},
            {"title", to_utf8(check.title)},
            {"evidence", std::move(evidence)}};
}

Json or_null(const std::string& text) { return text.empty() ? Json() : Json(to_utf8(text)); }

Json scenario_json(const ScenarioRun& run) {
    auto checks = Json::array();
    for (const auto& check : run.checks) checks.push_back(check_json(check));
    return {{"id", to_utf8(run.id)},
            {"verdict", to_string(run.verdict)},
            {"reason", to_utf8(run.reason)},
            {"run", or_null(run.run)},
            {"slot", or_null(run.slot)},
            {"unit", or_null(run.unit)},
            {"persona", or_null(run.persona)},
            {"level", or_null(run.level)},
            {"evidence", to_utf8(run.directory.string())},
            {"checks", std::move(checks)}};
}

}  // namespace

Json run_json(const FinishedRun& run) {
    auto scenarios = Json::array();
    for (const auto& scenario : run.scenarios) scenarios.push_back(scenario_json(scenario));
    return {{"run", or_null(run.id)},
            {"verdict", to_string(run.verdict)},
            {"reason", to_utf8(run.reason)},
            {"altered", run.altered},
            {"evidence", to_utf8(run.directory.string())},
            {"scenarios", std::move(scenarios)}};
}

}  // namespace cambench::reports
