#include "harness/analysis/run/tls_trials.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "harness/core/event_fields.hpp"

namespace cambench::analysis {
namespace {

constexpr std::size_t most_tls_attempts = 100'000, most_plain = 100'000, most_plain_contacts = 4096;
constexpr std::string_view given_authority = "given-authority", old_version = "old-version";

/// Kinds of events that show a protocol in clear, by the protocol's name.
constexpr std::array<std::pair<std::string_view, std::string_view>, 11> plain_kinds{{{"http-request", "http"},
                                                                                     {"mqtt", "mqtt"},
                                                                                     {"ftp", "ftp"},
                                                                                     {"smtp", "smtp"},
                                                                                     {"smtp-message", "smtp"},
                                                                                     {"rtmp", "rtmp"},
                                                                                     {"rtsp-request", "rtsp"},
                                                                                     {"tftp", "tftp"},
                                                                                     {"syslog", "syslog"},
                                                                                     {"snmp", "snmp"},
                                                                                     {"camera-cloud", ""}}};

TlsResult result_of_attempt(const TlsAttempt& attempt) {
    if (attempt.outcome == "data") return TlsResult::accepted;
    if (attempt.outcome == "no-data") return TlsResult::finished;
    for (const auto* word : {"alert", "closed", "reset", "not-offered"})
        if (attempt.outcome == word) return TlsResult::refused;
    return TlsResult::unclear;
}

/// Which of two results of the same certificate says more: one acceptance outweighs any refusal.
int telling_weight(TlsResult result) {
    switch (result) {
        case TlsResult::accepted:
            return 4;
        case TlsResult::refused:
            return 3;
        case TlsResult::finished:
            return 2;
        case TlsResult::unclear:
            return 1;
        case TlsResult::not_shown:
            break;
    }
    return 0;
}

std::string host_of(const std::string& server) { return server.substr(0, server.rfind(':')); }

CertificateResult result_for(const std::string& certificate, const std::vector<const TlsAttempt*>& attempts) {
    CertificateResult found{.certificate = certificate};
    for (const auto* attempt : attempts) {
        if (attempt->certificate != certificate) continue;
        ++found.attempts;
        const auto result = result_of_attempt(*attempt);
        if (telling_weight(result) <= telling_weight(found.result)) continue;
        found.result = result;
        found.telling = attempt;
    }
    return found;
}

bool gave_way(const std::vector<const TlsAttempt*>& attempts) {
    std::set<std::string> refused;
    for (const auto* attempt : attempts) {
        const auto result = result_of_attempt(*attempt);
        if (result == TlsResult::refused) refused.insert(attempt->certificate);
        if (result == TlsResult::accepted && is_defective(attempt->certificate) &&
            refused.contains(attempt->certificate))
            return true;
    }
    return false;
}

TlsStance stance_of(const TlsPosture& posture) {
    bool any = false, some = false, all_refused = true, right = false;
    for (const auto& one : posture.certificates) {
        const bool taken = one.result == TlsResult::accepted;
        if (one.certificate == given_authority) right = taken;
        if (!is_defective(one.certificate)) continue;
        any = any || (taken && (one.certificate == "unknown-authority" || one.certificate == "self-signed"));
        some = some || taken;
        all_refused = all_refused && (one.result == TlsResult::refused || one.result == TlsResult::finished);
    }
    if (any) return TlsStance::takes_any;
    if (some) return TlsStance::takes_some;
    if (!all_refused) return TlsStance::unclear;
    return right ? TlsStance::verifies : TlsStance::refuses_all;
}

/// How long a server has not been tried any more, when that is far longer than any pause before.
std::optional<Nanoseconds> silence_after(const std::vector<const TlsAttempt*>& attempts, Nanoseconds end) {
    constexpr Nanoseconds least = std::chrono::seconds(60);
    Nanoseconds longest{};
    for (std::size_t i = 1; i < attempts.size(); ++i)
        longest = std::max(longest, attempts[i]->time - attempts[i - 1]->time);
    const auto since = end - attempts.back()->time;
    return since > std::max(least, 3 * longest) ? std::optional(since) : std::nullopt;
}

TlsPosture posture_of(const Observations& observations, const std::vector<const TlsAttempt*>& attempts) {
    const auto& trials = observations.tls_trials;
    TlsPosture posture{.server = attempts.front()->server,
                       .destination = attempts.front()->destination,
                       .attempts = attempts.size()};
    for (const auto& certificate : trials.certificates)
        posture.certificates.push_back(result_for(certificate, attempts));
    if (trials.authority_given)
        posture.certificates.push_back(result_for(std::string(given_authority), attempts));
    posture.stance = stance_of(posture);
    posture.gave_way = gave_way(attempts);
    const bool seen_all = std::none_of(posture.certificates.begin(), posture.certificates.end(),
                                       [](const auto& one) { return one.attempts == 0; });
    if (!seen_all) posture.silent_for = silence_after(attempts, observations.run.length);
    for (const auto* attempt : attempts)
        if (result_of_attempt(*attempt) == TlsResult::refused && !posture.first_refusal)
            posture.first_refusal = attempt->time;
    if (!posture.first_refusal) return posture;
    for (const auto& contact : observations.plain_contacts) {
        const bool same = (!contact.name.empty() && contact.name == host_of(posture.server)) ||
                          contact.destination.address == posture.destination.address;
        if (same && contact.first > *posture.first_refusal) posture.fallbacks.push_back(&contact);
    }
    return posture;
}

}  // namespace

std::string_view to_string(TlsResult result) {
    switch (result) {
        case TlsResult::accepted:
            return "accepted";
        case TlsResult::refused:
            return "refused";
        case TlsResult::finished:
            return "finished";
        case TlsResult::unclear:
            return "unclear";
        case TlsResult::not_shown:
            break;
    }
    return "not-shown";
}

std::string_view to_string(TlsStance stance) {
    switch (stance) {
        case TlsStance::takes_any:
            return "takes-any";
        case TlsStance::takes_some:
            return "takes-some";
        case TlsStance::verifies:
            return "verifies";
        case TlsStance::refuses_all:
            return "refuses-all";
        case TlsStance::unclear:
            break;
    }
    return "unclear";
}

bool is_defective(std::string_view certificate) {
    return certificate != given_authority && certificate != old_version;
}

bool agreed_to_old_version(const TlsAttempt& attempt) {
    if (attempt.certificate != old_version || (attempt.version != "TLS 1.0" && attempt.version != "TLS 1.1"))
        return false;
    if (attempt.outcome == "data" || attempt.outcome == "no-data") return true;
    // An alert about the certificate comes after the version was agreed on; the others mean the version
    // itself.
    const auto about_certificate = [](unsigned alert) {
        return (alert >= 41 && alert <= 46) || alert == 48 || alert == 49 || alert == 51;
    };
    return attempt.outcome == "alert" && about_certificate(attempt.alert_number);
}

void TlsTrialReader::take_attempt(const Event& event) {
    const auto destination = endpoint_of(text_of(event.fields, "destination"));
    if (!destination) return;
    if (trials_.attempts.size() >= most_tls_attempts) return void(++further_attempts_);
    TlsAttempt attempt;
    attempt.server = text_of(event.fields, "server");
    attempt.destination = *destination;
    attempt.certificate = text_of(event.fields, "certificate");
    attempt.issuer = text_of(event.fields, "issuer");
    attempt.outcome = text_of(event.fields, "outcome");
    attempt.alert = text_of(event.fields, "alert");
    attempt.alert_number = static_cast<unsigned>(count_of(event.fields, "alert_number"));
    attempt.version = text_of(event.fields, "version");
    attempt.cipher = text_of(event.fields, "cipher");
    attempt.reason = text_of(event.fields, "reason");
    attempt.round = static_cast<unsigned>(count_of(event.fields, "round"));
    attempt.time = event.time;
    trials_.attempts.push_back(std::move(attempt));
}

void TlsTrialReader::take_plain(const Event& event, std::string protocol, bool recognised) {
    const auto destination = endpoint_of(text_of(event.fields, "destination"));
    if (!destination || !text_of(event.fields, "inside").empty()) return;
    if (plain_.size() >= most_plain) return void(++further_plain_);
    if (protocol.empty()) protocol = text_of(event.fields, "protocol");
    const auto transport = transport_of(event.fields);
    plain_.push_back({{text_of(event.fields, "name"), *destination, transport, std::move(protocol),
                       recognised, event.time, event.time},
                      count_of(event.fields, "connection")});
}

void TlsTrialReader::take(const Event& event) {
    if (event.kind == "tls" || event.kind == "tls-attempt")
        encrypted_.insert(count_of(event.fields, "connection"));
    if (event.kind == "tls-attempt") return take_attempt(event);
    if (event.kind == "tls-trials") {
        trials_.present = true;
        trials_.authority_given = flag_of(event.fields, "authority_given");
        if (const auto listed = event.fields.find("certificates");
            listed != event.fields.end() && listed->is_array())
            for (const auto& one : *listed)
                if (one.is_string()) trials_.certificates.push_back(one.get<std::string>());
        return;
    }
    if (event.kind == "tcp-payload") return take_plain(event, "", false);
    for (const auto& [kind, protocol] : plain_kinds)
        if (event.kind == kind) return take_plain(event, std::string(protocol), true);
}

void TlsTrialReader::finish(TlsTrials& trials, std::vector<PlainContact>& contacts, ReachedBounds& bounds) {
    trials = std::move(trials_);
    if (trials.present && further_attempts_ > 0)
        bounds.note(Subject::sessions, "attempts at certificates", most_tls_attempts, std::nullopt,
                    further_attempts_);
    if (trials.present && further_plain_ > 0)
        bounds.note(Subject::sessions, "contacts in clear", most_plain, std::nullopt, further_plain_);
    encrypted_.erase(0);
    std::map<std::tuple<std::string, std::string, std::string, Transport>, std::size_t> known;
    for (auto& [contact, connection] : plain_) {
        if (encrypted_.contains(connection)) continue;
        const auto [place, fresh] = known.try_emplace(
            {contact.name, contact.destination.to_string(), contact.protocol, contact.transport},
            contacts.size());
        if (!fresh) {
            contacts[place->second].last = contact.last;
            ++contacts[place->second].times;
        } else if (contacts.size() < most_plain_contacts) {
            contacts.push_back(std::move(contact));
        } else {
            if (trials.present)
                bounds.note(Subject::sessions, "servers spoken to in clear", most_plain_contacts,
                            std::nullopt, 0);
            known.erase(place);
        }
    }
}

std::vector<TlsPosture> tls_postures(const Observations& observations) {
    std::vector<std::string> order;
    std::map<std::string, std::vector<const TlsAttempt*>> by_server;
    for (const auto& attempt : observations.tls_trials.attempts) {
        auto& attempts = by_server[attempt.server];
        if (attempts.empty()) order.push_back(attempt.server);
        attempts.push_back(&attempt);
    }
    std::vector<TlsPosture> postures;
    for (const auto& server : order) postures.push_back(posture_of(observations, by_server.at(server)));
    return postures;
}

}  // namespace cambench::analysis
