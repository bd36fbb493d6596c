#pragma once

#include <filesystem>
#include <functional>

#include "harness/analysis/analyze.hpp"
#include "harness/checks/verdict.hpp"
#include "harness/core/event.hpp"
#include "harness/core/result.hpp"

namespace cambench {

/// Judges a finished run from its evidence directory alone: inputs/, timeline, console and capture. What
/// `run` does at the end and `replay` does later is this one pure function, so both give the same
/// verdict.json (format 1).
///
/// `go_on` is asked now and then; once it says no the verdict is about what was found so far, and
/// INCONCLUSIVE where that proves nothing.
[[nodiscard]] Result<Json> judge_evidence(const std::filesystem::path& directory,
                                          const std::function<bool()>& go_on = {});

/// How long a run waits for its verdict: far longer than judging so large a recording takes, and not for
/// ever.
[[nodiscard]] Nanoseconds time_for_judgement(const std::filesystem::path& directory);

/// The same for who looks at it later: what was never sealed is no PASS, what was altered since is an ERROR,
/// whatever it says.
[[nodiscard]] Result<Json> judge_sealed_evidence(const std::filesystem::path& directory);

/// Whether the evidence is as it was sealed. Fails with `cancelled` where it never was (the run was killed),
/// with `bench` where it was altered.
[[nodiscard]] Status seal_of(const std::filesystem::path& directory);

/// The recordings in the evidence directory of a scenario. Fails where it holds links, FIFOs or devices, or
/// its run.json is not ours.
[[nodiscard]] Result<analysis::Inputs> evidence_inputs(const std::filesystem::path& directory);

/// Makes a verdict an ERROR: a fault of the bench outranks every check.
void state_fault(Json& verdict, const std::string& fault);

/// "verdict" of a verdict.json; ERROR when it has none.
[[nodiscard]] Verdict verdict_of(const Json& verdict);

}  // namespace cambench
