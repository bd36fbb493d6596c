#pragma once

#include "bench/internet/tls/authority.hpp"
#include "bench/internet/tls/certificate_parts.hpp"
#include "bench/internet/world/tls_ladder.hpp"

namespace cambench::internet {

/// Makes certificates with exactly one defect.
///
/// All but the self-signed one are issued by the authority the camera was given for the tests: then the
/// defect alone can be why it refuses them. Without such an authority they come from the bench's own, which
/// is a second reason to refuse.
class TrialCertificates {
public:
    /// `authority`: PEM of a certificate that may issue and of its key; "" : none was given.
    [[nodiscard]] static Result<TrialCertificates> create(std::string_view authority);

    struct Chain {
        Certificate leaf;
        Certificate between;      ///< between leaf and root; nullptr: none
        X509* root = nullptr;     ///< owned by its authority; nullptr: none
        EVP_PKEY* key = nullptr;  ///< of the leaf; owned by this object or the bench's authority
    };
    /// `told`: what time the camera is told.
    [[nodiscard]] Result<Chain> make(CertificateKind kind, std::string_view name,
                                     const CertificateAuthority::Signer& bench, WallTime told) const;

    [[nodiscard]] bool given() const { return authority_ != nullptr; }

private:
    Certificate authority_;
    Key authority_key_;
    Key weak_key_;
};

}  // namespace cambench::internet
