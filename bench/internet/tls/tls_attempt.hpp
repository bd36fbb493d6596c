#pragma once

#include <optional>
#include <string>

#include "bench/internet/tls/tls_hello.hpp"
#include "bench/internet/world/tls_ladder.hpp"
#include "bench/internet/world/world.hpp"

namespace cambench::internet {

/// One attempt of a camera at one certificate of the ladder: sees how it ends and records that, once, as
/// "tls-attempt".
///
/// A finished handshake is no acceptance: in TLS 1.3 the alert may follow it, and many clients look at the
/// name only then. What counts is the first application data.
class TlsAttempt {
public:
    /// Begins one. `name` is whom the certificate is for.
    TlsAttempt(World& world, TlsTrials& trials, const Flow& flow, const TlsOffer& offer,
               const std::string& name);

    [[nodiscard]] CertificateKind certificate() const { return attempt_.certificate; }

    // What happened, in order. The first that decides is recorded.
    void shown() { shown_ = true; }
    void alert(unsigned description);
    void established(unsigned version, std::string_view cipher);
    void data();
    void failed(std::string_view reason, unsigned version);
    void camera_finished();
    void reset();
    void closed();

private:
    void record(std::string_view outcome, std::string_view reason = {});

    World& world_;
    TlsTrials& trials_;
    Flow flow_;
    TlsOffer offer_;
    TlsTrials::Attempt attempt_;
    bool shown_ = false, established_ = false, recorded_ = false;
    std::optional<unsigned> alert_;
    unsigned version_ = 0;
    std::string cipher_;
};

/// Records which certificates are shown in this run.
void record_trials(World& world);

}  // namespace cambench::internet
