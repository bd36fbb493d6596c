#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "harness/checks/check.hpp"

namespace cambench {

/// The outcome of all checks over one set of observations.
struct Judgement {
    Verdict verdict = Verdict::error;
    std::string reason;                ///< one sentence: the gravest finding, or what a PASS rests on
    std::vector<CheckResult> results;  ///< listed ones first, in order; then those judged always
    std::vector<std::string> limits;   ///< what could not have been seen, one sentence each
};

/// Which checks are judged.
enum class Scope {
    run,       ///< those listed, and those judged in every run; none listed is ERROR
    captures,  ///< a foreign recording: the checks that make sense without a run, whatever is listed
};

/// Judges. Pure; a failing check never keeps the others from being judged. `declaration` may be nullptr.
/// `go_on` is asked before each check: once it says no, the others are INCONCLUSIVE. It may be empty.
[[nodiscard]] Judgement judge(const analysis::Observations& observations, const Declaration* declaration,
                              std::span<const markup::Node> checks, Scope scope = Scope::run,
                              const std::function<bool()>& go_on = {});

/// What the observations and the judgement contribute to verdict.json (format 1): "verdict", "reason",
/// "camera", "checks", "destinations", "dns", "limits", "capture", "declaration", "powered_s", "observed_s".
/// The caller adds "format", "tool", "scenario", "slot", "unit", "persona", "started" and "duration_s".
[[nodiscard]] Json to_json(const analysis::Observations& observations, const Declaration* declaration,
                           const Judgement& judgement);

/// A member of a JSON object that is made when it is wanted: together they may need much memory.
struct LazyMember {
    std::string name;
    std::function<Json()> make;
};

/// The members of the JSON of `cambench analyze`, in order of their names; `capture` is the path as the user
/// gave it. What is handed in must outlive them.
[[nodiscard]] std::vector<LazyMember> analyze_members(const analysis::Observations& observations,
                                                      const Declaration* declaration,
                                                      const Judgement& judgement, const std::string& capture);
/// All of them.
[[nodiscard]] Json analyze_json(const analysis::Observations& observations, const Declaration* declaration,
                                const Judgement& judgement, const std::string& capture);

}  // namespace cambench
