#pragma once

#include <span>
#include <string_view>

namespace cambench {

/// The outcome of a check or a run.
///
/// A bench fault is `error`, never `fail`; what could not be seen is `inconclusive`, never `pass`.
enum class Verdict { pass, fail, inconclusive, error };

/// "PASS", "FAIL", "INCONCLUSIVE", "ERROR"
[[nodiscard]] std::string_view to_string(Verdict verdict);

/// The process exit code of a verdict: 0 PASS, 1 FAIL, 2 INCONCLUSIVE, 3 ERROR.
[[nodiscard]] int exit_code(Verdict verdict);

/// The verdict over several: ERROR outranks FAIL, which outranks INCONCLUSIVE, which outranks PASS; none at
/// all is ERROR.
///
/// A proven FAIL stays a FAIL beside an INCONCLUSIVE check. Beside an ERROR it does not: the bench itself was
/// not sound.
[[nodiscard]] Verdict combined(std::span<const Verdict> verdicts);

}  // namespace cambench
