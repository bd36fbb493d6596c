#include <fmt/format.h>
#include <algorithm>
#include <set>

#include "harness/checks/dns_tunnel.hpp"
#include "harness/checks/lookup_index.hpp"
#include "harness/checks/matching.hpp"
#include "harness/checks/tls_findings.hpp"
#include "harness/core/text.hpp"

namespace cambench::checks::no_plaintext_fallback {
namespace {

using analysis::PlainContact;
using analysis::TlsPosture;

/// Whether the vendor says that the camera speaks to this endpoint, in that protocol.
bool is_declared(const CheckInput& input, const PlainContact& contact) {
    if (input.declaration == nullptr) return false;
    for (const auto* destination : LookupIndex::of(input.observations).at(contact.destination.address)) {
        if (destination->port != contact.destination.port || destination->transport != contact.transport)
            continue;
        const auto found = match(*destination, input.observations, input.declaration);
        if (found.entry != nullptr && wire_protocol(found.entry->protocol) == contact.protocol) return true;
    }
    return false;
}

Finding fallback(const CheckInput& input, const TlsPosture& posture, const PlainContact& contact) {
    Finding finding;
    const auto who = contact.name.empty()
                         ? contact.destination.to_string()
                         : fmt::format("{}:{}", inert(contact.name), contact.destination.port);
    const auto what =
        contact.recognised ? inert(contact.protocol) + " in clear" : std::string("something that is not TLS");
    const auto seconds = std::chrono::duration<double>(contact.first - *posture.first_refusal).count();
    finding.title = fmt::format("speaks {} to {}/{} after TLS with {} has failed", what, who,
                                to_string(contact.transport), inert(posture.server));
    finding.detail = fmt::format("{}, the first one {:.1f} s after it refused a certificate; never before",
                                 counted(contact.times, "time"), seconds);
    if (is_declared(input, contact)) {
        finding.verdict = Verdict::pass;
        finding.detail += "; the declaration names it";
    } else if (!contact.recognised) {
        finding.verdict = Verdict::inconclusive;
        finding.detail += "; nobody knows that protocol, so it may be encrypted in its own way";
    }
    finding.evidence = {{.time = contact.first, .file = "timeline.jsonl"},
                        {.time = *posture.first_refusal, .file = "timeline.jsonl"}};
    return finding;
}

/// The server that was refused, without its port.
std::string_view host_of(const TlsPosture& posture) {
    return std::string_view(posture.server).substr(0, posture.server.rfind(':'));
}

/// What it began to say in clear to other hosts of the same owner after a refusal: whether instead, or
/// anyway, cannot be told.
std::vector<Finding> elsewhere(const CheckInput& input, const std::vector<TlsPosture>& postures) {
    std::vector<Finding> findings;
    std::set<const PlainContact*> told;
    for (const auto& posture : postures) {
        if (!posture.first_refusal || IpAddress::parse(host_of(posture))) continue;
        for (const auto& contact : input.observations.plain_contacts) {
            const bool another = contact.recognised && !contact.name.empty() &&
                                 contact.name != host_of(posture) && contact.first > *posture.first_refusal &&
                                 registrable_domain(contact.name) == registrable_domain(host_of(posture));
            if (!another || is_declared(input, contact) || !told.insert(&contact).second) continue;
            findings.push_back(
                {fmt::format(
                     "speaks {} in clear to {}:{}/{}, of the same domain, after TLS with {} has failed",
                     inert(contact.protocol), inert(contact.name), contact.destination.port,
                     to_string(contact.transport), inert(posture.server)),
                 "Never before the refusal; whether instead of TLS or for a reason of its own, this run "
                 "cannot tell.",
                 Verdict::inconclusive,
                 {{.time = contact.first, .file = "timeline.jsonl"},
                  {.time = *posture.first_refusal, .file = "timeline.jsonl"}}});
        }
    }
    return findings;
}

CheckResult judge(const CheckInput& input) {
    std::vector<Finding> findings;
    const auto postures = tls_postures(input.observations);
    auto nothing = nothing_tried(input.observations);
    const bool failed = std::any_of(postures.begin(), postures.end(),
                                    [](const TlsPosture& one) { return one.first_refusal.has_value(); });
    if (nothing)
        findings.push_back(std::move(*nothing));
    else if (!failed)
        findings.push_back({"no TLS of the camera failed, so nothing made it fall back",
                            "It took every certificate it was shown so far.",
                            Verdict::inconclusive,
                            {}});
    for (const auto& posture : postures)
        for (const auto* contact : posture.fallbacks) findings.push_back(fallback(input, posture, *contact));
    for (auto& finding : elsewhere(input, postures)) findings.push_back(std::move(finding));
    return conclude(
        input, std::move(findings),
        {"does not turn to plaintext when TLS fails",
         "When TLS fails the firmware stays silent, or tries TLS again.",
         "Observe longer, until the camera has refused a certificate and had time to try another way."});
}

}  // namespace

extern const CheckType type;
const CheckType type{.element = {.name = "no-plaintext-fallback",
                                 .doc = "The camera does not turn to an unencrypted protocol at the same "
                                        "server when TLS fails. Needs <tls> in the scenario's <internet>."},
                     .why =
                         "Who can disturb TLS can then read everything: the encryption protects only against "
                         "those who do nothing.",
                     .requirements = {"UPD-01", "PHN-04"},
                     .needs_tls_trials = true,
                     .judge = judge};

}  // namespace cambench::checks::no_plaintext_fallback
