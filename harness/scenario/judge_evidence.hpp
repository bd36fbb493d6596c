#pragma once

#include <filesystem>

#include "harness/analysis/analyze.hpp"
#include "harness/checks/verdict.hpp"
#include "harness/core/event.hpp"
#include "harness/core/result.hpp"

namespace cambench {

/// Judges a finished run from its evidence directory alone: inputs/, timeline, console and capture. What `run` does at the
/// end and `replay` does later is this one pure function, so both give the same verdict.json (format 1).
[[nodiscard]] Result<Json> judge_evidence(const std::filesystem::path& directory);

/// The recordings in the evidence directory of a scenario.
[[nodiscard]] analysis::Inputs evidence_inputs(const std::filesystem::path& directory);

/// Makes a verdict an ERROR: a fault of the bench outranks every check.
void state_fault(Json& verdict, const std::string& fault);

/// "verdict" of a verdict.json; ERROR when it has none.
[[nodiscard]] Verdict verdict_of(const Json& verdict);

}  // namespace cambench
