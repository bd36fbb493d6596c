#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/analysis/observations/frame_ref.hpp"
#include "harness/core/time.hpp"

/// What recordings show of sessions of TLS.
namespace cambench::analysis {

/// What the camera made of the certificate the fake internet showed it.
struct CertificateAnswer {
    std::string outcome;  ///< "established" or why not
    std::string alert;    ///< sent by the camera; "": none
    std::string version;  ///< of TLS; "" when none was agreed on
    std::uint64_t times = 1;
};

/// What a server's certificate says, as far as the recording has it in clear (TLS 1.2 and older).
struct CertificateFacts {
    std::string fingerprint;         ///< SHA-256, hexadecimal
    std::string subject, issuer;     ///< their common names, else organisations
    std::vector<std::string> names;  ///< DNS names it is for, lower case; addresses as text
    WallTime not_before{}, not_after{};
    bool self_signed = false;  ///< it names itself as its issuer
    /// Since when there is the self-signed certificate that the chain which was sent ends in.
    std::optional<WallTime> root_not_before;
    std::string weakness;  ///< "a key of 512 bits (RSA)"; "": none
};

/// One handshake of TLS that the camera began, as its records show it.
struct TlsSession {
    enum class End {
        unfinished,  ///< the recording ends, or nothing more came
        data,        ///< the camera sent data of its own
        no_data,     ///< the handshake went well, then it left without a word
        alert,       ///< the camera ended it by an alert
        closed,      ///< the camera left before it had agreed
        refused,     ///< the server ended it
    };
    FrameRef frame;             ///< with which the camera's hello was whole
    std::string asked;          ///< the name in its hello
    std::uint16_t version = 0;  ///< agreed on: 0x0301 is TLS 1.0; 0: the server did not answer
    std::uint16_t offered = 0;  ///< the newest that the camera offered
    std::optional<CertificateFacts> certificate;
    bool resumed = false;  ///< of an earlier session: no certificate is shown again
    End end = End::unfinished;
    std::string alert;  ///< by name; "encrypted alert" where only its size tells
};
[[nodiscard]] std::string_view to_string(TlsSession::End end);

}  // namespace cambench::analysis
