#include "harness/checks/tls_recorded.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "harness/analysis/flows/tls_sessions.hpp"
#include "harness/core/text.hpp"

namespace cambench {
namespace {

using analysis::Destination;
using analysis::Interception;
using analysis::Resolution;
using analysis::TlsSession;

WallTime beginning(const analysis::Observations& observations) {
    std::optional<WallTime> first;
    for (const auto& capture : observations.captures)
        if (capture.first) first = std::min(first.value_or(*capture.first), *capture.first);
    return first.value_or(WallTime());
}

std::vector<std::string> names_of(const Destination& destination) {
    auto names = destination.aliases;
    if (!destination.name.empty()) names.push_back(destination.name);
    names.insert(names.end(), destination.other_names.begin(), destination.other_names.end());
    return names;
}

std::string describe_session(const TlsSession& session) {
    auto text = analysis::tls_version_name(session.version);
    if (!session.certificate) return text;
    const auto& certificate = *session.certificate;
    return fmt::format("{}, certificate {} for {} by {}", text, certificate.fingerprint.substr(0, 16),
                       inert(certificate.names.empty() ? certificate.subject : certificate.names.front()),
                       inert(certificate.issuer));
}

bool refused_certificate(const TlsSession& session) {
    return session.end == TlsSession::End::alert && analysis::rejects_certificate(session.alert);
}

/// One finding for each thing that speaks against the certificates a server's data was given under.
void judge_taken(const CheckInput& input, const Destination& destination, std::vector<Finding>& findings) {
    std::vector<std::string> said;
    for (const auto& session : destination.tls_sessions) {
        if (session.end != TlsSession::End::data || session.resumed) continue;
        const auto flaw = analysis::flaw_of(session, names_of(destination), beginning(input.observations));
        if (flaw.text.empty() || std::find(said.begin(), said.end(), flaw.text) != said.end()) continue;
        said.push_back(flaw.text);
        const bool certain = flaw.certain && destination.resolution != Resolution::lan;
        findings.push_back({fmt::format("gives data to {} under a certificate that {}", describe(destination),
                                        inert(flaw.text)),
                            describe_session(session),
                            certain ? Verdict::fail : Verdict::inconclusive,
                            {pointer_to(input.observations, session.frame)}});
    }
}

/// What it refused, and whether it took the same later.
void judge_refusals(const CheckInput& input, const Destination& destination, std::vector<Finding>& findings) {
    const auto& sessions = destination.tls_sessions;
    const auto first = std::find_if(sessions.begin(), sessions.end(), refused_certificate);
    const auto stance = analysis::interception_of(destination, beginning(input.observations));
    if (stance == Interception::gives_way) {
        const auto taken = std::find_if(sessions.rbegin(), sessions.rend(), [](const TlsSession& one) {
            return one.end == TlsSession::End::data && !one.resumed;
        });
        // An authority that was unknown may have come with its chain later: only the very same certificate is
        // proof.
        const bool certain =
            taken->certificate && std::any_of(sessions.begin(), sessions.end(), [&](const TlsSession& one) {
                return refused_certificate(one) && one.certificate &&
                       one.certificate->fingerprint == taken->certificate->fingerprint;
            });
        const auto alerts = std::count_if(sessions.begin(), sessions.end(), [](const TlsSession& one) {
            return one.end == TlsSession::End::alert;
        });
        findings.push_back({fmt::format("gives data to {} after it had refused {}{}", describe(destination),
                                        certain              ? "the same certificate"
                                        : taken->certificate ? "another certificate of the same authority"
                                                             : "a handshake",
                                        alerts > 1 ? fmt::format(" {} times", alerts) : ""),
                            certain              ? "Failures make it give way: " + describe_session(*taken)
                            : taken->certificate ? describe_session(*taken)
                                                 : "TLS 1.3 hides which certificates it was shown",
                            certain ? Verdict::fail : Verdict::inconclusive,
                            {pointer_to(input.observations, taken->frame)}});
        return;
    }
    if (first != sessions.end()) {
        findings.push_back(
            {fmt::format("refuses a certificate of {} ({})", describe(destination), inert(first->alert)),
             describe_session(*first),
             Verdict::pass,
             {pointer_to(input.observations, first->frame)}});
        return;
    }
    const auto hidden = std::find_if(sessions.begin(), sessions.end(), [](const TlsSession& one) {
        return one.end == TlsSession::End::alert && one.alert == "encrypted alert";
    });
    if (hidden != sessions.end())
        findings.push_back(
            {fmt::format("breaks off TLS with {} by an encrypted alert", describe(destination)),
             "Whether for the certificate, TLS 1.3 hides.",
             Verdict::inconclusive,
             {pointer_to(input.observations, hidden->frame)}});
}

bool is_old(std::uint16_t version) { return version != 0 && version < 0x0303; }

/// The camera went on under the version, or stumbled over the certificate only.
bool agreed(const TlsSession& session) {
    return session.end == TlsSession::End::data || session.end == TlsSession::End::no_data ||
           refused_certificate(session);
}

std::optional<Finding> judge_version(const CheckInput& input, const Destination& destination,
                                     const TlsSession& session) {
    const std::vector<Pointer> evidence{pointer_to(input.observations, session.frame)};
    const auto version = analysis::tls_version_name(session.version);
    if (is_old(session.version) && agreed(session))
        return Finding{fmt::format("agrees to speak {} with {}", version, describe(destination)),
                       fmt::format("It offers {} at most; {}", analysis::tls_version_name(session.offered),
                                   describe_session(session)),
                       Verdict::fail, evidence};
    if (is_old(session.version) && session.end == TlsSession::End::alert)
        return Finding{fmt::format("breaks off when {} chooses {} ({})", describe(destination), version,
                                   inert(session.alert)),
                       describe_session(session), Verdict::pass, evidence};
    if (is_old(session.version))
        return Finding{fmt::format("{} chooses {}; whether the camera agrees is not on record",
                                   describe(destination), version),
                       describe_session(session), Verdict::inconclusive, evidence};
    if (is_old(session.offered))
        return Finding{fmt::format("offers {} nothing newer than {}", describe(destination),
                                   analysis::tls_version_name(session.offered)),
                       "No server's answer is on record.", Verdict::inconclusive, evidence};
    return std::nullopt;
}

}  // namespace

std::vector<Finding> judge_recorded_certificates(const CheckInput& input) {
    std::vector<Finding> findings;
    for (const auto& destination : input.observations.destinations) {
        judge_taken(input, destination, findings);
        judge_refusals(input, destination, findings);
    }
    if (findings.empty())
        findings.push_back({"no server showed the camera a certificate that it has to refuse",
                            "How it takes one was not seen.",
                            Verdict::inconclusive,
                            {}});
    return findings;
}

std::vector<Finding> judge_recorded_versions(const CheckInput& input) {
    std::vector<Finding> findings;
    bool any = false;
    for (const auto& destination : input.observations.destinations) {
        std::vector<std::uint16_t> said;
        for (const auto& session : destination.tls_sessions) {
            any = any || session.version != 0 || is_old(session.offered);
            auto finding = judge_version(input, destination, session);
            if (!finding || std::find(said.begin(), said.end(), session.version) != said.end()) continue;
            said.push_back(session.version);
            findings.push_back(std::move(*finding));
        }
    }
    if (!any)
        findings.push_back({"no handshake of TLS is on record",
                            "Which versions it agrees to was not seen.",
                            Verdict::inconclusive,
                            {}});
    return findings;
}

}  // namespace cambench
