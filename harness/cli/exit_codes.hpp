#pragma once

namespace cambench::cli {

// What every command ends with; verdicts have their own (0 PASS, 1 FAIL, 2 INCONCLUSIVE, 3 ERROR).
inline constexpr int usage_exit_code = 64;       ///< the command line or a file it names is wrong
inline constexpr int bench_error_exit_code = 3;  ///< the bench could not do it

}  // namespace cambench::cli
