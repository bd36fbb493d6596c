#include "harness/checks/attestation_findings.hpp"

#include <fmt/format.h>

#include "harness/analysis/run/attestation.hpp"
#include "harness/checks/findings.hpp"
#include "harness/core/text.hpp"

namespace cambench {
namespace {

constexpr std::size_t most_doubts = 8;

double in_seconds(Nanoseconds time) { return static_cast<double>(time.count()) / 1e9; }

std::string name_of(const analysis::AttestedWindow& window) {
    return window.label.empty() ? std::string("a window")
                                : fmt::format("the window '{}'", inert(window.label));
}

std::string describe(const analysis::AttestationDoubt& doubt) {
    if (doubt.span.begin == doubt.span.end)
        return fmt::format("{} for a moment at {:.1f} s", doubt.what, in_seconds(doubt.span.begin));
    return fmt::format("{} from {:.1f} s to {:.1f} s", doubt.what, in_seconds(doubt.span.begin),
                       in_seconds(doubt.span.end));
}

Finding not_attested(const analysis::AttestedWindow& window) {
    Finding finding;
    finding.verdict = Verdict::inconclusive;
    finding.title =
        fmt::format("{:.1f} of {:.1f} s of {} are attested: {}", in_seconds(window.attested),
                    in_seconds(window.span.length()), name_of(window), describe(window.doubts.front()));
    for (std::size_t i = 0; i < window.doubts.size() && i < most_doubts; ++i) {
        finding.detail += (i > 0 ? "\n" : "") + describe(window.doubts[i]);
        finding.evidence.push_back({.time = window.doubts[i].span.begin, .file = "timeline.jsonl"});
    }
    return finding;
}

Finding restarted(const analysis::UnorderedRestart& restart) {
    return {fmt::format("the unit started anew at {:.1f} s, and nothing of the bench's had it do so",
                        in_seconds(restart.time)),
            fmt::format("The console shows '{}'.", inert(restart.sign.substr(0, 120))),
            Verdict::inconclusive,
            {{.line = restart.line, .time = restart.time, .file = "console.log"}}};
}

Finding changed(const analysis::ChangedUnit& change) {
    return {fmt::format("another unit is in the slot {}: {} was heard, and then only {}",
                        change.since_last_scenario ? "than in the scenario before"
                                                   : fmt::format("from {:.1f} s on", in_seconds(change.time)),
                        change.before.to_string(), change.after.to_string()),
            "What is said of one unit is not said of another.",
            Verdict::inconclusive,
            {{.time = change.time, .file = "timeline.jsonl"}}};
}

}  // namespace

AttestationFindings attestation_findings(const analysis::Observations& observations) {
    AttestationFindings result;
    const auto attestation = analysis::attest(observations);
    if (!attestation.present) return result;
    Nanoseconds attested{}, watched{};
    for (const auto& window : attestation.windows) {
        attested += window.attested;
        watched += window.span.length();
        if (!window.doubts.empty()) result.findings.push_back(not_attested(window));
    }
    for (std::size_t i = 0; i < attestation.outside.size() && i < most_doubts; ++i)
        result.findings.push_back({describe(attestation.outside[i]),
                                   "",
                                   Verdict::inconclusive,
                                   {{.time = attestation.outside[i].span.begin, .file = "timeline.jsonl"}}});
    for (const auto& restart : attestation.restarts) result.findings.push_back(restarted(restart));
    if (attestation.changed) result.findings.push_back(changed(*attestation.changed));
    result.seen = attestation.windows.empty()
                      ? std::string("no window was watched")
                      : fmt::format("{:.1f} of {:.1f} s of {} attested", in_seconds(attested),
                                    in_seconds(watched), counted(attestation.windows.size(), "window"));
    return result;
}

}  // namespace cambench
