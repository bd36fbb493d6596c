#include <fmt/format.h>
#include <algorithm>

#include "harness/checks/tls_findings.hpp"
#include "harness/checks/tls_recorded.hpp"
#include "harness/core/text.hpp"

namespace cambench::checks::no_old_tls {
namespace {

using analysis::TlsAttempt;
using analysis::TlsResult;

constexpr std::string_view old_version = "old-version";

Finding agreed(const analysis::TlsPosture& posture, const TlsAttempt& attempt) {
    Finding finding;
    const auto cipher =
        attempt.cipher.empty() ? std::string() : fmt::format(" with {}", inert(attempt.cipher));
    finding.title = fmt::format("agrees to speak {} with {}", inert(attempt.version), inert(posture.server));
    finding.detail = attempt.outcome == "data"
                         ? fmt::format("It gave data under {}{}.", inert(attempt.version), cipher)
                         : "It refused the certificate only after it had agreed to the version.";
    finding.evidence = {{.time = attempt.time, .file = "timeline.jsonl"}};
    return finding;
}

Finding untold(const analysis::TlsPosture& posture) {
    return {fmt::format("whether {} may speak TLS 1.0 or 1.1 was not seen", inert(posture.server)),
            describe_certificates(posture),
            Verdict::inconclusive,
            {}};
}

CheckResult judge(const CheckInput& input) {
    if (!input.observations.run.present)
        return conclude(
            input, judge_recorded_versions(input),
            {"agreed on nothing older than TLS 1.2 on record", "The firmware offers TLS 1.2 and 1.3 only.",
             "Record handshakes from their beginning on, answers included."});
    const auto& trials = input.observations.tls_trials;
    std::vector<Finding> findings;
    if (auto nothing = nothing_tried(input.observations)) findings.push_back(std::move(*nothing));
    for (const auto& posture : tls_postures(input.observations)) {
        const auto found =
            std::find_if(trials.attempts.begin(), trials.attempts.end(), [&](const TlsAttempt& one) {
                return one.server == posture.server && agreed_to_old_version(one);
            });
        const auto result = std::find_if(posture.certificates.begin(), posture.certificates.end(),
                                         [](const auto& one) { return one.certificate == old_version; });
        if (found != trials.attempts.end())
            findings.push_back(agreed(posture, *found));
        else if (result == posture.certificates.end() || result->result != TlsResult::refused)
            findings.push_back(untold(posture));
    }
    return conclude(input, std::move(findings),
                    {"speaks no TLS older than 1.2", "The firmware offers TLS 1.2 and 1.3 only.",
                     "Observe longer: old-version has to be among the certificates shown, and be reached."});
}

}  // namespace

extern const CheckType type;
const CheckType type{
    .element = {.name = "no-old-tls",
                .doc = "The camera does not agree to speak TLS 1.0 or 1.1. Needs <tls> in the scenario's "
                       "<internet>; of a foreign recording, what servers chose counts."},
    .why =
        "TLS 1.0 and 1.1 rest on broken hashes and are withdrawn (RFC 8996); who accepts them can be talked "
        "down to them.",
    .requirements = {"NET-05"},
    .rests_on = {analysis::Subject::destinations, analysis::Subject::sessions, analysis::Subject::timeline},
    .for_captures = true,
    .judge = judge};

}  // namespace cambench::checks::no_old_tls
