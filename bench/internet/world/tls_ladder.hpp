#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/result.hpp"
#include "harness/core/time.hpp"

namespace cambench::internet {

/// What a server shows to a camera whose TLS is put to the test: each certificate has one defect, the last
/// has none.
enum class CertificateKind {
    unknown_authority,  ///< right in itself, from an authority nobody gave the camera
    self_signed,
    wrong_name,  ///< another host's
    expired,
    not_yet_valid,
    not_an_authority,  ///< issued by a server's certificate, which must not issue any
    weak_key,          ///< RSA of 1024 bits
    weak_signature,    ///< signed over SHA-1
    old_version,       ///< a right one, by a server that speaks TLS 1.0 and 1.1 alone
    given_authority,   ///< right, from the authority the camera was given for the tests
};
[[nodiscard]] std::string_view to_string(CertificateKind kind);  ///< "unknown-authority", ...
[[nodiscard]] Result<CertificateKind> parse_certificate_kind(std::string_view text);
/// All with a defect, in the order they are shown unless the scenario says otherwise.
[[nodiscard]] const std::vector<CertificateKind>& defective_certificates();

/// How the TLS of a camera is put to the test: <tls>.
struct TlsLadder {
    std::vector<CertificateKind> certificates = defective_certificates();  ///< in the order they are shown
    unsigned attempts = 1;  ///< with each certificate, at each server
    unsigned rounds = 1;    ///< through the list, before the given authority's certificate is shown for good
    std::string authority;  ///< PEM: certificate and key of the authority the camera was given; "" : none was
};

/// Where each server stands on the ladder. A server is a name (or an address) and a port; its state outlives
/// connections.
///
/// The next certificate is shown when enough attempts with the present one have come to an end. Connections
/// that are open side by side see the same one; whoever keeps one open without a word holds up the others for
/// a while, not for ever.
class TlsTrials {
public:
    enum class Authority { given, none };
    TlsTrials(TlsLadder ladder, Authority authority);

    struct Attempt {
        std::string server;  ///< "cloud.vendor.example:443"
        CertificateKind certificate = CertificateKind::unknown_authority;
        std::uint64_t number = 0;  ///< of all attempts at this server, from 1
        std::uint64_t rung = 0;    ///< counts on through the rounds
        unsigned round = 0;        ///< from 1
    };
    [[nodiscard]] Attempt begin(std::string server, Monotonic::time_point now);
    /// The camera has shown what it makes of the certificate, or cannot any more. Once for each attempt.
    void end(const Attempt& attempt);

    [[nodiscard]] const TlsLadder& ladder() const { return ladder_; }
    [[nodiscard]] bool given() const { return authority_ == Authority::given; }

private:
    struct Server {
        std::uint64_t rung = 0, attempts = 0;
        unsigned ended = 0, open = 0;  ///< attempts on this rung
        Monotonic::time_point latest{};
    };
    void climb(Server& server);
    [[nodiscard]] CertificateKind certificate_at(std::uint64_t rung) const;

    TlsLadder ladder_;
    Authority authority_;
    std::map<std::string, Server, std::less<>> servers_;
};

}  // namespace cambench::internet
