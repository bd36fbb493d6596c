#pragma once

#include <future>
#include <memory>

#include "bench/internet/authority.hpp"

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
    [[nodiscard]] ssl_ctx_st* context() const { return context_; }

private:
    explicit TlsService(CertificateAuthority authority);
    [[nodiscard]] Status set_up();

    CertificateAuthority authority_;
    std::future<Status> rsa_;
    ssl_ctx_st* context_ = nullptr;
};

}  // namespace cambench::internet
