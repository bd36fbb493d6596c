#include "harness/checks/verdict.hpp"

#include <algorithm>

namespace cambench {

std::string_view to_string(Verdict verdict) {
    switch (verdict) {
        case Verdict::pass:
            return "PASS";
        case Verdict::fail:
            return "FAIL";
        case Verdict::inconclusive:
            return "INCONCLUSIVE";
        case Verdict::error:
            return "ERROR";
    }
    return "ERROR";
}

int exit_code(Verdict verdict) { return static_cast<int>(verdict); }

Verdict combined(std::span<const Verdict> verdicts) {
    const auto has = [&](Verdict wanted) {
        return std::find(verdicts.begin(), verdicts.end(), wanted) != verdicts.end();
    };
    if (verdicts.empty() || has(Verdict::error)) return Verdict::error;
    if (has(Verdict::fail)) return Verdict::fail;
    if (has(Verdict::inconclusive)) return Verdict::inconclusive;
    return Verdict::pass;
}

}  // namespace cambench
