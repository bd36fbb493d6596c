#pragma once

#include <future>
#include <memory>

#include "bench/internet/authority.hpp"
#include "bench/internet/tls_ladder.hpp"
#include "bench/internet/trial_certificates.hpp"

struct ssl_ctx_st;

namespace cambench::internet {

/// What all TLS servers of the world share. One thread, apart from the making of RSA keys.
class TlsService {
public:
    [[nodiscard]] static Result<std::unique_ptr<TlsService>> create(CertificateAuthority authority);
    ~TlsService();
    TlsService(const TlsService&) = delete;
    TlsService& operator=(const TlsService&) = delete;

    /// Begins to make the RSA keys in a thread, so that the first old client need not wait for them.
    void prepare_in_background();
    [[nodiscard]] Result<CertificateAuthority::Leaf> leaf(std::string_view name, CertificateAuthority::Algorithm algorithm);
    /// From now on every camera's TLS is put to the test.
    [[nodiscard]] Status begin_trials(const TlsLadder& ladder);
    [[nodiscard]] TlsTrials* trials() const { return trials_.get(); }  ///< nullptr: it is not put to the test
    /// For servers on the ladder; `told` is the time the camera is told. After begin_trials() only.
    [[nodiscard]] Result<TrialCertificates::Chain> trial_certificate(CertificateKind kind, std::string_view name, CertificateAuthority::Algorithm algorithm,
                                                                     WallTime told);
    [[nodiscard]] ssl_ctx_st* context() const { return context_; }

private:
    explicit TlsService(CertificateAuthority authority);
    [[nodiscard]] Status set_up();

    CertificateAuthority authority_;
    std::future<Status> rsa_;
    std::unique_ptr<TlsTrials> trials_;
    std::unique_ptr<TrialCertificates> trial_certificates_;
    ssl_ctx_st* context_ = nullptr;
};

}  // namespace cambench::internet
