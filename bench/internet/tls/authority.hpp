#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "harness/core/result.hpp"

struct x509_st;
struct evp_pkey_st;

namespace cambench::internet {

/// Makes server certificates for any name. Its own keys live and die with it: nothing of a run can be used
/// against another. Movable; used by one thread.
class CertificateAuthority {
public:
    enum class Algorithm { ecdsa, rsa };

    /// Makes the ECDSA half at once (under a millisecond); the RSA half when it is first asked for, or by
    /// prepare().
    [[nodiscard]] static Result<CertificateAuthority> create();
    CertificateAuthority(CertificateAuthority&&) noexcept;
    CertificateAuthority& operator=(CertificateAuthority&&) noexcept;
    ~CertificateAuthority();

    /// Makes the RSA keys now: up to a second of work.
    [[nodiscard]] Status prepare();

    struct Leaf {
        x509_st* certificate = nullptr;  ///< owned by the authority, valid as long as it
        evp_pkey_st* key = nullptr;
    };
    /// For a DNS name or an address written out, to be shown alone, as servers do not send their root; kept
    /// and given again for the same name.
    [[nodiscard]] Result<Leaf> leaf(std::string_view name, Algorithm algorithm);

    /// What its certificates are made with; owned by the authority.
    struct Signer {
        x509_st* certificate = nullptr;
        evp_pkey_st* key = nullptr;
        evp_pkey_st* leaf_key = nullptr;  ///< all its leaves have this one
    };
    [[nodiscard]] Result<Signer> signer(Algorithm algorithm);

    /// The root certificates in PEM, for clients that shall trust the bench. Makes the RSA half if need be.
    [[nodiscard]] Result<std::string> certificates_pem();

private:
    struct State;
    explicit CertificateAuthority(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace cambench::internet
