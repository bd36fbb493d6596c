#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/analysis/observations/observations.hpp"

namespace cambench::analysis {

/// Gathers from a timeline's network events what the trials of the camera's TLS gave, and what it spoke in
/// clear.
class TlsTrialReader {
public:
    void take(const Event& event);
    void finish(TlsTrials& trials, std::vector<PlainContact>& contacts, ReachedBounds& bounds);

private:
    void take_attempt(const Event& event);
    void take_plain(const Event& event, std::string protocol, bool recognised);

    struct Plain {
        PlainContact contact;
        std::uint64_t connection = 0;
    };
    TlsTrials trials_;
    std::vector<Plain> plain_;
    std::uint64_t further_attempts_ = 0, further_plain_ = 0;  ///< that found no room
    std::set<std::uint64_t> encrypted_;  ///< connections on which TLS was begun, be it later (STARTTLS)
};

/// What a camera made of one certificate at one server, over all attempts.
enum class TlsResult {
    accepted,   ///< it gave data
    refused,    ///< by an alert, or by ending the connection in mid-handshake
    finished,   ///< the handshake went well, then it left without a word
    unclear,    ///< what happened tells nothing
    not_shown,  ///< no attempt got so far
};
[[nodiscard]] std::string_view to_string(TlsResult result);

struct CertificateResult {
    std::string certificate;
    TlsResult result = TlsResult::not_shown;
    std::uint64_t attempts = 0;
    const TlsAttempt* telling = nullptr;  ///< the first attempt with that result; points into Observations
};

enum class TlsStance {
    takes_any,    ///< one from an unknown authority or one it signed itself
    takes_some,   ///< some that it must refuse
    verifies,     ///< refuses all that it must, takes that of the authority it was given
    refuses_all,  ///< took none of those shown; no right one was shown
    unclear,      ///< too little was seen
};
[[nodiscard]] std::string_view to_string(TlsStance stance);  ///< "takes-any", ...

/// How a camera deals with the certificates of one server.
struct TlsPosture {
    std::string server;  ///< "cloud.vendor.example:443"
    Endpoint destination;
    TlsStance stance = TlsStance::unclear;
    std::uint64_t attempts = 0;
    std::vector<CertificateResult>
        certificates;       ///< all the run shows, in order; the given authority's last, if there is one
    bool gave_way = false;  ///< took a certificate it had refused before
    std::optional<Nanoseconds> silent_for;  ///< it stopped trying before it had seen all, and for how long
    std::optional<Nanoseconds> first_refusal;
    /// What it spoke in clear to the same name or address for the first time after it had refused a
    /// certificate.
    std::vector<const PlainContact*> fallbacks;
};

/// Whether a certificate is one that a camera must refuse for what it is; an old version is another matter.
[[nodiscard]] bool is_defective(std::string_view certificate);
/// Whether the camera agreed to speak TLS 1.0 or 1.1 in that attempt, whatever it made of the certificate
/// then.
[[nodiscard]] bool agreed_to_old_version(const TlsAttempt& attempt);

/// One for each server, in order of first appearance.
[[nodiscard]] std::vector<TlsPosture> tls_postures(const Observations& observations);

}  // namespace cambench::analysis
