#include "bench/internet/tls/tls_attempt.hpp"

#include <fmt/format.h>

#include "bench/internet/tls/tls.hpp"
#include "harness/wire/protocols.hpp"
#include "harness/wire/tls_names.hpp"

namespace cambench::internet {
namespace {

constexpr unsigned close_notify = 0, no_renegotiation = 100, newest_old_version = 0x0302;

}  // namespace

TlsAttempt::TlsAttempt(World& world, TlsTrials& trials, const Flow& flow, const TlsOffer& offer,
                       const std::string& name)
    : world_(world), trials_(trials), flow_(flow), offer_(offer) {
    const Endpoint literal{flow.destination.address, flow.destination.port};
    const bool named = name != flow.destination.address.to_string();
    attempt_ = trials.begin(named ? fmt::format("{}:{}", name, flow.destination.port) : literal.to_string(),
                            Monotonic::now());
}

void TlsAttempt::record(std::string_view outcome, std::string_view reason) {
    if (std::exchange(recorded_, true)) return;
    const auto kind = attempt_.certificate;
    auto fields = flow_fields(world_, flow_, protocol::tls);
    fields.text("server", attempt_.server).text("certificate", to_string(kind));
    const bool from_bench = !trials_.given() || kind == CertificateKind::unknown_authority;
    fields.text("issuer", kind == CertificateKind::self_signed ? "itself" : from_bench ? "bench" : "given");
    fields.number("attempt", static_cast<std::int64_t>(attempt_.number))
        .number("round", attempt_.round)
        .text("outcome", outcome);
    if (alert_) fields.text("alert", tls_alert_name(*alert_)).number("alert_number", *alert_);
    if (!reason.empty()) fields.text("reason", reason);
    if (!offer_.server_name.empty()) fields.text("sni", offer_.server_name);
    fields.text("version_offered", tls_version_name(offer_.version));
    if (version_ != 0) fields.text("version", tls_version_name(version_));
    if (!cipher_.empty()) fields.text("cipher", cipher_);
    world_.recorder.event(world_.now(), "tls-attempt", fields);
    trials_.end(attempt_);
}

void TlsAttempt::alert(unsigned description) {
    if (description == close_notify && established_)
        return record("no-data");  // it says goodbye, and sent nothing
    if (description == close_notify || description == no_renegotiation) return;
    alert_ = description;
    if (established_) record("alert");  // before that failed() follows, and knows more
}

void TlsAttempt::established(unsigned version, std::string_view cipher) {
    established_ = true;
    alert_.reset();  // it was a warning
    version_ = version;
    cipher_ = cipher;
}

void TlsAttempt::data() { record("data"); }

void TlsAttempt::failed(std::string_view reason, unsigned version) {
    if (shown_) version_ = version;
    if (alert_) return record("alert");
    if (!shown_ && attempt_.certificate == CertificateKind::old_version &&
        offer_.version > newest_old_version)
        return record("not-offered", reason);
    record(shown_ ? "failed" : "not-shown", reason);
}

void TlsAttempt::camera_finished() { record(alert_ ? "alert" : established_ ? "no-data" : "closed"); }

void TlsAttempt::reset() { record(alert_ ? "alert" : established_ ? "no-data" : "reset"); }

void TlsAttempt::closed() { record(alert_ ? "alert" : "unfinished"); }

void record_trials(World& world) {
    const auto& trials = *world.tls->trials();
    std::vector<std::string> certificates;
    for (const auto kind : trials.ladder().certificates) certificates.emplace_back(to_string(kind));
    JsonText fields;
    fields.texts("certificates", certificates)
        .number("attempts", trials.ladder().attempts)
        .number("rounds", trials.ladder().rounds)
        .flag("authority_given", trials.given());
    world.recorder.event(world.now(), "tls-trials", fields);
}

}  // namespace cambench::internet
