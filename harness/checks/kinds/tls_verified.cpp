#include <fmt/format.h>
#include <algorithm>

#include "harness/checks/tls_findings.hpp"
#include "harness/checks/tls_recorded.hpp"
#include "harness/core/text.hpp"

namespace cambench::checks::tls_verified {
namespace {

using analysis::CertificateResult;
using analysis::TlsPosture;
using analysis::TlsResult;

std::vector<std::string> certificates_with(const TlsPosture& posture, TlsResult result) {
    std::vector<std::string> found;
    for (const auto& one : posture.certificates)
        if (one.result == result && analysis::is_defective(one.certificate)) found.push_back(one.certificate);
    return found;
}

bool took_right_one(const TlsPosture& posture) {
    return std::any_of(posture.certificates.begin(), posture.certificates.end(),
                       [](const CertificateResult& one) {
                           return one.certificate == "given-authority" && one.result == TlsResult::accepted;
                       });
}

/// Certificates of which it is not known what the camera makes of them. One that is left without a word
/// counts as refused only where the camera does speak to a server it trusts.
std::vector<std::string> untold(const TlsPosture& posture) {
    auto found = certificates_with(posture, TlsResult::not_shown);
    for (const auto& one : certificates_with(posture, TlsResult::unclear)) found.push_back(one);
    if (!took_right_one(posture))
        for (const auto& one : certificates_with(posture, TlsResult::finished)) found.push_back(one);
    return found;
}

Finding accepted(const TlsPosture& posture, const std::vector<std::string>& taken) {
    Finding finding;
    const bool any = posture.stance == analysis::TlsStance::takes_any;
    finding.title = any ? fmt::format("gives data to {} whatever certificate it shows", inert(posture.server))
                        : fmt::format("gives data to {} under certificates it must refuse: {}",
                                      inert(posture.server), join(taken, ", "));
    finding.detail = describe_certificates(posture);
    if (posture.gave_way) finding.detail += "; it took what it had refused before: failures make it give way";
    finding.evidence = pointers_to(posture, TlsResult::accepted);
    return finding;
}

Finding unfinished(const TlsPosture& posture, const std::vector<std::string>& missing) {
    Finding finding;
    finding.verdict = Verdict::inconclusive;
    finding.title = fmt::format("what {} may show was not tried to the end: {} open", inert(posture.server),
                                join(missing, ", "));
    finding.detail = describe_certificates(posture);
    if (posture.silent_for)
        finding.detail +=
            fmt::format("; it gave up {} before the end", describe_duration(*posture.silent_for));
    finding.evidence = pointers_to(posture, TlsResult::refused);
    return finding;
}

Finding refused(const TlsPosture& posture, bool authority_given) {
    Finding note;
    note.verdict = Verdict::pass;
    note.title = fmt::format("refuses every defective certificate of {}", inert(posture.server));
    note.detail = describe_certificates(posture);
    if (!authority_given)
        note.detail +=
            "; the declaration gives no authority it trusts, so each certificate had that defect besides its "
            "own";
    else if (!took_right_one(posture))
        note.detail += "; it was not seen to trust the authority it was given";
    note.evidence = pointers_to(posture, TlsResult::refused);
    return note;
}

CheckResult judge(const CheckInput& input) {
    if (!input.observations.run.present)
        return conclude(input, judge_recorded_certificates(input),
                        {"refuses the defective certificates on record",
                         "The firmware verifies chain, name, validity and strength of every server's "
                         "certificate before it sends anything.",
                         "Let a bench show it defective certificates: <tls/> in a scenario's <internet>."});
    std::vector<Finding> findings;
    if (auto nothing = nothing_tried(input.observations)) findings.push_back(std::move(*nothing));
    for (const auto& posture : tls_postures(input.observations)) {
        const auto taken = certificates_with(posture, TlsResult::accepted), missing = untold(posture);
        if (!taken.empty())
            findings.push_back(accepted(posture, taken));
        else if (!missing.empty())
            findings.push_back(unfinished(posture, missing));
        else
            findings.push_back(refused(posture, input.observations.tls_trials.authority_given));
    }
    return conclude(input, std::move(findings),
                    {"gives data to no server with a defective certificate",
                     "The firmware verifies chain, name, validity and strength of every server's certificate "
                     "before it sends anything.",
                     "Observe longer or start the camera more often, until every server has been tried with "
                     "every certificate."});
}

}  // namespace

extern const CheckType type;
const CheckType type{
    .element = {.name = "tls-verified",
                .doc = "The camera gives data to no server whose certificate is defective. Needs <tls> in "
                       "the scenario's <internet>; of a foreign recording, those certificates count that "
                       "servers showed in clear (up to TLS 1.2)."},
    .why =
        "Whoever sits between the camera and its cloud can read, change and command everything when any "
        "certificate will do.",
    .requirements = {"UPD-02"},
    .rests_on = {analysis::Subject::destinations, analysis::Subject::sessions, analysis::Subject::timeline},
    .for_captures = true,
    .needs_tls_trials = true,
    .judge = judge};

}  // namespace cambench::checks::tls_verified
