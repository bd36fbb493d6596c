#include "harness/checks/console_findings.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/checks/findings.hpp"
#include "harness/core/text.hpp"

namespace cambench {
namespace {

constexpr std::size_t most_pointers = 8, longest_quote = 120;
constexpr std::uint64_t enough_bytes = 64;

int rank(Verdict verdict) {
    return verdict == Verdict::error          ? 0
           : verdict == Verdict::fail         ? 1
           : verdict == Verdict::inconclusive ? 2
                                              : 3;
}

}  // namespace

std::optional<Finding> console_unreadable(const analysis::Console& console) {
    if (!console.recorded)
        return Finding{"there is no recording of the console",
                       "Connect it, or leave the check out for this slot.",
                       Verdict::inconclusive,
                       {}};
    if (console.bytes == 0)
        return Finding{"the console said nothing",
                       "A silent UART, a wire that is not connected and a wrong pin look the same from here.",
                       Verdict::inconclusive,
                       {{.file = "console.log"}}};
    const auto damaged = static_cast<std::uint64_t>(
        std::count_if(console.lines.begin(), console.lines.end(),
                      [](const auto& line) { return analysis::is_damaged(line.text); }));
    if (console.bytes < enough_bytes || damaged * 10 < console.lines.size() * 4) return std::nullopt;
    return Finding{"the console is not readable",
                   fmt::format("{} of {} have bytes that no text has: a wrong rate, or a bad ground.",
                               damaged, counted(console.lines.size(), "line")),
                   Verdict::inconclusive,
                   {{.file = "console.log"}}};
}

std::optional<Finding> typing_unproven(const analysis::Observations& observations, std::uint64_t since) {
    if (analysis::echo_of_typing(observations, since) != nullptr) return std::nullopt;
    return Finding{"nothing shows that what the bench typed reached the unit",
                   "No echo and no answer came: the wire to the unit's receiver may be missing, or its "
                   "receiver may be off. The two look the same from here.",
                   Verdict::inconclusive,
                   {{.file = "console.log"}}};
}

Finding console_finding(Verdict verdict, std::string title, std::string detail,
                        const std::vector<const analysis::ConsoleLine*>& lines) {
    Finding finding{std::move(title), std::move(detail), verdict, {}};
    for (const auto* line : lines)
        if (finding.evidence.size() < most_pointers) finding.evidence.push_back(pointer_to(*line));
    return finding;
}

CheckResult conclude_console(std::vector<Finding> findings, const ConsoleTexts& texts,
                             const std::vector<const analysis::ConsoleLine*>& basis) {
    CheckResult result;
    std::stable_sort(findings.begin(), findings.end(),
                     [](const Finding& a, const Finding& b) { return rank(a.verdict) < rank(b.verdict); });
    result.verdict = findings.empty() ? Verdict::pass : findings.front().verdict;
    result.title = result.verdict == Verdict::pass ? texts.pass_title : findings.front().title;
    result.seen = texts.seen;
    if (result.verdict == Verdict::fail) result.remedy = texts.remedy;
    if (result.verdict == Verdict::inconclusive) result.remedy = texts.again;
    for (const auto* line : basis)
        if (result.evidence.size() < most_pointers) result.evidence.push_back(pointer_to(*line));
    for (const auto& finding : findings)
        result.evidence.insert(result.evidence.end(), finding.evidence.begin(), finding.evidence.end());
    result.findings = std::move(findings);
    return result;
}

std::string quoted(const analysis::ConsoleLine& line) {
    auto text = inert(trim(std::string_view(line.text).substr(0, longest_quote)));
    if (line.text.size() > longest_quote) text += " ...";
    return text;
}

}  // namespace cambench
