#pragma once

#include <optional>
#include <string>

#include "harness/analysis/observations/observations.hpp"
#include "harness/wire/tls.hpp"

namespace cambench::analysis {

/// What a certificate in DER says; `chain`: the further ones that were sent with it. Fails when it is none.
[[nodiscard]] Result<CertificateFacts> read_certificate(ByteView der, const std::vector<Bytes>& chain = {});

/// Whether a certificate is for a name or an address (RFC 6125: a star stands for one label).
[[nodiscard]] bool covers(const CertificateFacts& certificate, std::string_view name);

/// The handshake with which a stream begins, by what each side sent. `ended`: nothing more will come.
/// nullopt: the camera sent no hello.
[[nodiscard]] std::optional<TlsSession> read_tls_session(const TlsClear& sent, const TlsClear* received,
                                                         bool ended);

/// "TLS 1.2"
[[nodiscard]] std::string tls_version_name(std::uint16_t version);

/// Whether an alert means that the certificate was not trusted.
[[nodiscard]] bool rejects_certificate(std::string_view alert);

/// How the camera took the certificates of one server that it had no reason to trust.
enum class Interception {
    none,        ///< it was shown none
    takes_all,   ///< it gave data each time
    gives_way,   ///< it refused first, and gave data to the same certificate afterwards
    takes_some,  ///< of several it took one and refused others
    refuses,     ///< it gave none of them data
};
[[nodiscard]] std::string_view to_string(Interception stance);

/// What speaks against a certificate as it was shown.
struct CertificateFlaw {
    std::string text;      ///< "is for another host: *.proxy.example"; "": nothing
    bool certain = false;  ///< no firmware can have had a reason to trust it
};
/// `names`: what the camera knows the server by (its hello's name, else what DNS gave). `recorded`: the first
/// and the last moment of the recording.
[[nodiscard]] CertificateFlaw flaw_of(const TlsSession& session, const std::vector<std::string>& names,
                                      WallTime recorded_from);

[[nodiscard]] Interception interception_of(const Destination& destination, WallTime recorded_from);

}  // namespace cambench::analysis
