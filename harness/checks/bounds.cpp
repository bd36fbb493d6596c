#include "harness/checks/bounds.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>

#include "harness/checks/findings.hpp"

namespace cambench {
namespace {

using analysis::Subject;

bool rests_on(const CheckType& type, Subject subject) {
    const auto& subjects = type.rests_on;
    return subject == Subject::everything || subjects.empty() ||
           std::find(subjects.begin(), subjects.end(), subject) != subjects.end();
}

int gravity(Verdict verdict) {
    return verdict == Verdict::error          ? 0
           : verdict == Verdict::fail         ? 1
           : verdict == Verdict::inconclusive ? 2
                                              : 3;
}

void drop_least_grave(std::vector<Finding>& findings) {
    std::stable_sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
        return gravity(a.verdict) < gravity(b.verdict);
    });
    std::array<std::uint64_t, 4> dropped{};
    for (auto i = most_findings_of_a_check; i < findings.size(); ++i)
        ++dropped[static_cast<std::size_t>(gravity(findings[i].verdict))];
    findings.resize(most_findings_of_a_check);
    for (const auto verdict : {Verdict::error, Verdict::fail, Verdict::inconclusive, Verdict::pass}) {
        const auto count = dropped[static_cast<std::size_t>(gravity(verdict))];
        if (count > 0)
            findings.push_back({fmt::format("{} of this kind", counted(count, "further finding")),
                                "They are counted, and not listed one by one.",
                                verdict,
                                {}});
    }
}

void cut(std::string& text) {
    constexpr std::size_t longest = 4000;
    if (text.size() <= longest) return;
    text.resize(longest);
    text += " ...";
}

}  // namespace

std::string describe(const analysis::ReachedBound& bound, const analysis::Observations& observations) {
    auto text = bound.bound == 0 ? bound.what : fmt::format("more than {} {}", bound.bound, bound.what);
    if (bound.bound == 0 && bound.beyond > 0) text = fmt::format("{} {}", bound.beyond, bound.what);
    if (bound.bound != 0)
        text += bound.beyond > 0 ? fmt::format(": {} further were not judged", bound.beyond)
                                 : ": what is beyond was not judged";
    if (bound.since)
        text += fmt::format(", from {} on", describe_duration(run_time(observations, {0, *bound.since, 0})));
    return text;
}

void doubt_the_bounded(CheckResult& result, const CheckType& type,
                       const analysis::Observations& observations) {
    if (result.verdict != Verdict::pass) return;
    for (const auto& bound : observations.bounds) {
        if (!rests_on(type, bound.subject)) continue;
        if (result.verdict == Verdict::pass)
            result.title =
                fmt::format("{}; but the recording has {}", result.title, describe(bound, observations));
        result.verdict = Verdict::inconclusive;
        Finding finding{"the recording has " + describe(bound, observations),
                        "What was not looked at clears nobody.",
                        Verdict::inconclusive,
                        {}};
        if (bound.since) finding.evidence.push_back({.time = run_time(observations, {0, *bound.since, 0})});
        result.findings.push_back(std::move(finding));
    }
    if (result.verdict != Verdict::inconclusive) return;
    result.remedy = "Record for a shorter time, or find out why the unit does so much of it.";
}

void shorten(CheckResult& result) {
    if (result.findings.size() > most_findings_of_a_check) drop_least_grave(result.findings);
    for (auto& finding : result.findings) {
        if (finding.evidence.size() > most_pointers_of_a_finding)
            finding.evidence.resize(most_pointers_of_a_finding);
        cut(finding.title);
        cut(finding.detail);
    }
    for (auto* text : {&result.title, &result.seen}) cut(*text);
    if (result.evidence.size() > most_pointers_of_a_check) result.evidence.resize(most_pointers_of_a_check);
}

}  // namespace cambench
