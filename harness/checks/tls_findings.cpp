#include "harness/checks/tls_findings.hpp"

#include <fmt/format.h>
#include <array>

#include "harness/core/text.hpp"

namespace cambench {

using analysis::TlsResult;

std::string describe_certificates(const analysis::TlsPosture& posture) {
    constexpr std::array<std::pair<TlsResult, std::string_view>, 5> words{
        {{TlsResult::accepted, "gave data under"},
         {TlsResult::finished, "finished the handshake and left under"},
         {TlsResult::refused, "refused"},
         {TlsResult::unclear, "told nothing about"},
         {TlsResult::not_shown, "was not shown"}}};
    std::vector<std::string> parts;
    for (const auto& [result, word] : words) {
        std::vector<std::string> certificates;
        for (const auto& one : posture.certificates) {
            if (one.result != result) continue;
            const bool alert = one.telling != nullptr && !one.telling->alert.empty();
            certificates.push_back(alert ? fmt::format("{} ({})", one.certificate, inert(one.telling->alert))
                                         : one.certificate);
        }
        if (!certificates.empty()) parts.push_back(fmt::format("{} {}", word, join(certificates, ", ")));
    }
    return fmt::format("{}: {}", counted(posture.attempts, "attempt"), join(parts, "; "));
}

std::vector<Pointer> pointers_to(const analysis::TlsPosture& posture, TlsResult result) {
    std::vector<Pointer> pointers;
    for (const auto& one : posture.certificates)
        if (one.result == result && one.telling != nullptr)
            pointers.push_back({.time = one.telling->time, .file = "timeline.jsonl"});
    return pointers;
}

std::optional<Finding> nothing_tried(const analysis::Observations& observations) {
    const auto& trials = observations.tls_trials;
    if (!trials.present)
        return Finding{"the camera's TLS was not put to the test",
                       "Every certificate it met was of one kind: put <tls/> into the scenario's <internet>.",
                       Verdict::inconclusive,
                       {}};
    if (trials.attempts.empty())
        return Finding{"the camera tried no TLS server",
                       "Observe it for longer, or do what makes it call its servers.",
                       Verdict::inconclusive,
                       {}};
    return std::nullopt;
}

}  // namespace cambench
