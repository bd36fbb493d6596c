#include "harness/analysis/flows/tls_sessions.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <set>

#include "harness/core/text.hpp"

namespace cambench::analysis {
namespace {

constexpr std::uint16_t tls13 = 0x0304;
constexpr std::uint8_t application_record = 23;

bool is_tls13(std::uint16_t version) { return version == tls13 || version >> 8 == 0x7f; }  // 7f: its drafts

/// Alerts that end nothing.
bool is_farewell(const std::string& alert) { return alert == "close_notify" || alert == "user_canceled"; }

/// TLS 1.3 ciphers all that follows the hellos; what it is shows by its size: an alert has two bytes,
/// Finished a hash.
void read_end_of_tls13(const TlsClear& sent, bool ended, TlsSession& session) {
    constexpr std::size_t around = 17, alert_size = 2 + around;  // type and tag
    constexpr std::size_t finished_sha256 = 4 + 32 + around, finished_sha384 = 4 + 48 + around;
    const auto& records = sent.ciphered;
    const auto finished = std::find_if(records.begin(), records.end(), [](const CipheredRecord& one) {
        return one.length == finished_sha256 || one.length == finished_sha384;
    });
    if (finished == records.end()) {
        const bool left = !records.empty() && records.front().length == alert_size;
        session.end = left                       ? TlsSession::End::alert
                      : ended && records.empty() ? TlsSession::End::closed
                                                 : TlsSession::End::unfinished;
        if (left) session.alert = "encrypted alert";
        return;
    }
    const bool data = std::any_of(std::next(finished), records.end(),
                                  [](const CipheredRecord& one) { return one.length != alert_size; });
    session.end = data    ? TlsSession::End::data
                  : ended ? TlsSession::End::no_data
                          : TlsSession::End::unfinished;
}

void read_end(const TlsClear& sent, bool ended, TlsSession& session) {
    const bool data = std::any_of(sent.ciphered.begin(), sent.ciphered.end(),
                                  [](const CipheredRecord& one) { return one.type == application_record; });
    if (data)
        session.end = TlsSession::End::data;
    else if (sent.cipher_changed)
        session.end = ended ? TlsSession::End::no_data : TlsSession::End::unfinished;
    else if (ended)
        session.end = TlsSession::End::closed;
}

}  // namespace

std::string_view to_string(TlsSession::End end) {
    switch (end) {
        case TlsSession::End::unfinished:
            return "unfinished";
        case TlsSession::End::data:
            return "data";
        case TlsSession::End::no_data:
            return "no-data";
        case TlsSession::End::alert:
            return "alert";
        case TlsSession::End::closed:
            return "closed";
        case TlsSession::End::refused:
            break;
    }
    return "refused";
}

std::string tls_version_name(std::uint16_t version) {
    switch (version) {
        case 0:
            return {};
        case 0x0200:
        case 0x0002:
            return "SSL 2.0";
        case 0x0300:
            return "SSL 3.0";
        case 0x0301:
            return "TLS 1.0";
        case 0x0302:
            return "TLS 1.1";
        case 0x0303:
            return "TLS 1.2";
        case 0x0304:
            return "TLS 1.3";
        default:
            return is_tls13(version) ? "TLS 1.3 (draft)" : fmt::format("version {:04x}", version);
    }
}

bool rejects_certificate(std::string_view alert) {
    constexpr std::array<std::string_view, 7> about{"bad_certificate",     "unsupported_certificate",
                                                    "certificate_revoked", "certificate_expired",
                                                    "certificate_unknown", "unknown_ca",
                                                    "access_denied"};
    return std::find(about.begin(), about.end(), alert) != about.end();
}

std::optional<TlsSession> read_tls_session(const TlsClear& sent, const TlsClear* received, bool ended) {
    if (!sent.hello) return std::nullopt;
    TlsSession session;
    session.asked = sent.hello->server_name;
    for (const auto version : sent.hello->versions)
        session.offered = is_tls13(version) ? tls13 : std::max(session.offered, version);
    const auto* answer = received != nullptr && received->server_hello ? &*received->server_hello : nullptr;
    if (answer != nullptr) {
        session.version = is_tls13(answer->version) ? tls13 : answer->version;
        const bool echoed = !answer->session_id.empty() && answer->session_id == sent.hello->session_id &&
                            received->certificates.empty() && received->cipher_changed;
        session.resumed = session.version == tls13 ? answer->by_shared_key : echoed;
        if (!received->certificates.empty()) {
            const std::vector<Bytes> chain(received->certificates.begin() + 1, received->certificates.end());
            if (auto facts = read_certificate(received->certificates.front(), chain))
                session.certificate = std::move(facts).value();
        }
    }
    if (const auto alert = std::find_if_not(sent.alerts.begin(), sent.alerts.end(), is_farewell);
        alert != sent.alerts.end()) {
        session.end = TlsSession::End::alert;
        session.alert = *alert;
    } else if (received != nullptr && answer == nullptr && !received->alerts.empty()) {
        session.end = TlsSession::End::refused;
        session.alert = received->alerts.front();
    } else if (session.version == tls13) {
        read_end_of_tls13(sent, ended, session);
    } else {
        read_end(sent, ended, session);
    }
    return session;
}

CertificateFlaw flaw_of(const TlsSession& session, const std::vector<std::string>& names,
                        WallTime recorded_from) {
    if (!session.certificate) return {};
    using namespace std::chrono_literals;
    const auto& certificate = *session.certificate;
    const auto known_by = session.asked.empty() ? names : std::vector{session.asked};
    const bool fits = std::any_of(known_by.begin(), known_by.end(),
                                  [&](const std::string& one) { return covers(certificate, one); });
    if (!known_by.empty() && !fits) {
        // A name of no host at all may be one that the firmware looks for instead.
        const bool of_a_host =
            std::any_of(certificate.names.begin(), certificate.names.end(), [](const std::string& one) {
                return one.find_first_of(".:") != std::string::npos || one == "localhost";
            });
        return {fmt::format("is for another host: {}", certificate.names.empty()
                                                           ? certificate.subject
                                                           : join(certificate.names, ", ").substr(0, 200)),
                of_a_host || certificate.self_signed};
    }
    constexpr auto clocks_differ = 24h;
    if (session.frame.time > certificate.not_after + clocks_differ) return {"had expired", true};
    if (!certificate.weakness.empty()) return {"has " + certificate.weakness, true};
    const auto since = certificate.root_not_before;
    constexpr auto backdated = 49h;  // interception proxies date theirs back, by two days at most
    const bool young =
        since && *since > recorded_from - backdated && *since <= session.frame.time + clocks_differ;
    if (certificate.self_signed && young)
        return {"signed itself, and came into being when the recording was made: no firmware can know it",
                true};
    if (certificate.self_signed)
        return {"signed itself: only a firmware that knows it by heart can trust it", false};
    if (young) return {"rests on an authority that came into being when the recording was made", false};
    if (session.frame.time + clocks_differ < certificate.not_before)
        return {"was not valid yet, by the recording's clock", false};
    return {};
}

std::string_view to_string(Interception stance) {
    switch (stance) {
        case Interception::none:
            return "none";
        case Interception::takes_all:
            return "accepts-all";
        case Interception::gives_way:
            return "accepts-after-failures";
        case Interception::takes_some:
            return "accepts-some";
        case Interception::refuses:
            break;
    }
    return "refuses";
}

Interception interception_of(const Destination& destination, WallTime recorded_from) {
    std::vector<std::string> names = destination.aliases;
    if (!destination.name.empty()) names.push_back(destination.name);
    std::set<std::string> refused;
    bool taken = false, gave_way = false;
    for (const auto& session : destination.tls_sessions) {
        const auto of = session.certificate ? session.certificate->fingerprint : std::string();
        const auto issuer =
            "issued by " + (session.certificate ? session.certificate->issuer : std::string());
        const bool says_no = session.end == TlsSession::End::alert &&
                             (rejects_certificate(session.alert) || session.alert == "encrypted alert");
        if (says_no) refused.insert(of);
        if (says_no && session.alert == "unknown_ca")
            refused.insert(issuer);  // another certificate of the same authority is no better
        if (session.end != TlsSession::End::data || session.resumed) continue;
        if (refused.contains(of) || refused.contains(issuer)) gave_way = true;
        taken = taken || !flaw_of(session, names, recorded_from).text.empty();
    }
    if (gave_way) return Interception::gives_way;
    if (taken) return refused.empty() ? Interception::takes_all : Interception::takes_some;
    return refused.empty() ? Interception::none : Interception::refuses;
}

}  // namespace cambench::analysis
