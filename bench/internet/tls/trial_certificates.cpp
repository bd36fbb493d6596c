#include "bench/internet/tls/trial_certificates.hpp"

#include <fmt/format.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "harness/core/text.hpp"

namespace cambench::internet {
namespace {

constexpr unsigned weak_bits = 1024;
constexpr std::string_view somebody_else = "www.another-host.example";

/// Long ago, so that a camera that has not been told the time yet finds it expired too, wherever its clock
/// begins.
constexpr WallTime expired_from = std::chrono::sys_days(std::chrono::year(1990) / 1 / 1),
                   expired_until = std::chrono::sys_days(std::chrono::year(2000) / 1 / 1);
constexpr std::chrono::days valid_only_after{10 * 365}, valid_then_for{365};

std::unique_ptr<BIO, decltype(&BIO_free)> memory_of(std::string_view text) {
    return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free};
}

/// Without it the library would ask at the terminal.
int no_password(char*, int, int, void*) { return 0; }

/// Whoever issues a certificate.
struct Issuer {
    X509* certificate;
    EVP_PKEY* key;
};

Certificate issue_for(std::string_view name, EVP_PKEY* key, const Issuer& issuer, const EVP_MD* digest) {
    auto made = begin_certificate(name, key, issuer.certificate);
    auto* leaf = made.get();
    const bool done = leaf != nullptr && add_server_extensions(leaf, issuer.certificate, name) &&
                      X509_sign(leaf, issuer.key, digest) > 0;
    return done ? std::move(made) : nullptr;
}

Certificate self_signed(std::string_view name, EVP_PKEY* key) {
    auto made = begin_certificate(name, key, nullptr);
    auto* leaf = made.get();
    const bool done =
        leaf != nullptr && add_server_extensions(leaf, leaf, name) && X509_sign(leaf, key, EVP_sha256()) > 0;
    return done ? std::move(made) : nullptr;
}

Certificate valid_between(std::string_view name, EVP_PKEY* key, const Issuer& issuer, WallTime from,
                          WallTime until) {
    auto made = issue_for(name, key, issuer, EVP_sha256());
    const bool done =
        made && set_validity(made.get(), from, until) && X509_sign(made.get(), issuer.key, EVP_sha256()) > 0;
    return done ? std::move(made) : nullptr;
}

}  // namespace

Result<TrialCertificates> TrialCertificates::create(std::string_view authority) {
    TrialCertificates made;
    TRY_ASSIGN(made.weak_key_, make_rsa_key(weak_bits));
    if (authority.empty()) return made;
    made.authority_.reset(PEM_read_bio_X509(memory_of(authority).get(), nullptr, nullptr, nullptr));
    if (!made.authority_) return openssl_error("the authority given for the tests: no certificate in PEM");
    made.authority_key_.reset(
        PEM_read_bio_PrivateKey(memory_of(authority).get(), nullptr, no_password, nullptr));
    if (!made.authority_key_)
        return openssl_error("the authority given for the tests: no unencrypted private key in PEM");
    if (X509_check_private_key(made.authority_.get(), made.authority_key_.get()) != 1)
        return openssl_error("the authority given for the tests: the private key is not the certificate's");
    if (X509_check_ca(made.authority_.get()) == 0)
        return bench_error("the authority given for the tests: its certificate must not issue others");
    return made;
}

Result<TrialCertificates::Chain> TrialCertificates::make(CertificateKind kind, std::string_view name,
                                                         const CertificateAuthority::Signer& bench,
                                                         WallTime told) const {
    const bool from_bench = !given() || kind == CertificateKind::unknown_authority;
    const Issuer issuer{from_bench ? bench.certificate : authority_.get(),
                        from_bench ? bench.key : authority_key_.get()};
    Chain chain;
    chain.key = kind == CertificateKind::weak_key ? weak_key_.get() : bench.leaf_key;
    chain.root = issuer.certificate;
    if (kind == CertificateKind::self_signed) {
        chain.leaf = self_signed(name, chain.key);
        chain.root = nullptr;
    } else if (kind == CertificateKind::wrong_name) {
        chain.leaf = issue_for(somebody_else, chain.key, issuer, EVP_sha256());
    } else if (kind == CertificateKind::expired) {
        chain.leaf = valid_between(name, chain.key, issuer, expired_from, expired_until);
    } else if (kind == CertificateKind::not_yet_valid) {
        chain.leaf = valid_between(name, chain.key, issuer, told + valid_only_after,
                                   told + valid_only_after + valid_then_for);
    } else if (kind == CertificateKind::not_an_authority) {
        chain.between = issue_for(somebody_else, bench.leaf_key, issuer, EVP_sha256());
        if (chain.between)
            chain.leaf = issue_for(name, chain.key, {chain.between.get(), bench.leaf_key}, EVP_sha256());
    } else {
        chain.leaf = issue_for(name, chain.key, issuer,
                               kind == CertificateKind::weak_signature ? EVP_sha1() : EVP_sha256());
    }
    if (!chain.leaf)
        return openssl_error(fmt::format("make a certificate ({}) for {}", to_string(kind), inert(name)));
    return chain;
}

}  // namespace cambench::internet
