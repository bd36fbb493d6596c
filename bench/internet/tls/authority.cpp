#include "bench/internet/tls/authority.hpp"

#include <fmt/format.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <list>
#include <optional>
#include <unordered_map>

#include "bench/internet/tls/certificate_parts.hpp"
#include "harness/core/text.hpp"

namespace cambench::internet {
namespace {

constexpr unsigned rsa_bits = 2048;
constexpr std::size_t most_leaves = 8192;

Result<Key> make_key(CertificateAuthority::Algorithm algorithm) {
    return algorithm == CertificateAuthority::Algorithm::ecdsa ? make_elliptic_key() : make_rsa_key(rsa_bits);
}

}  // namespace

struct CertificateAuthority::State {
    /// One algorithm's root and the one key all its leaves share.
    struct Half {
        Key root_key, leaf_key;
        Certificate root;
    };
    struct CachedLeaf {
        std::string name;
        Certificate certificate;
    };
    std::array<std::optional<Half>, 2> halves;
    std::array<std::list<CachedLeaf>, 2> leaves;  ///< the longest unused last
    std::array<std::unordered_map<std::string_view, std::list<CachedLeaf>::iterator>, 2> by_name;

    Status make_half(Algorithm algorithm);
    Result<Certificate> issue(std::string_view name, Half& half);
};

Status CertificateAuthority::State::make_half(Algorithm algorithm) {
    auto& place = halves[static_cast<std::size_t>(algorithm)];
    if (place) return {};
    Half half;
    TRY_ASSIGN(half.root_key, make_key(algorithm));
    TRY_ASSIGN(half.leaf_key, make_key(algorithm));
    half.root = begin_certificate(algorithm == Algorithm::ecdsa ? "cambench root E1" : "cambench root R1",
                                  half.root_key.get(), nullptr);
    auto* root = half.root.get();
    const bool done = root != nullptr &&
                      add_extension(root, root, NID_basic_constraints, "critical,CA:TRUE") &&
                      add_extension(root, root, NID_key_usage, "critical,keyCertSign,cRLSign") &&
                      add_extension(root, root, NID_subject_key_identifier, "hash") &&
                      X509_sign(root, half.root_key.get(), EVP_sha256()) > 0;
    if (!done) return openssl_error("make a root certificate");
    place = std::move(half);
    return {};
}

Result<Certificate> CertificateAuthority::State::issue(std::string_view name, Half& half) {
    auto made = begin_certificate(name, half.leaf_key.get(), half.root.get());
    auto* leaf = made.get();
    const bool done = leaf != nullptr && add_server_extensions(leaf, half.root.get(), name) &&
                      add_extension(leaf, half.root.get(), NID_authority_key_identifier, "keyid") &&
                      X509_sign(leaf, half.root_key.get(), EVP_sha256()) > 0;
    if (!done) return openssl_error(fmt::format("make a certificate for {}", inert(name)));
    return made;
}

CertificateAuthority::CertificateAuthority(std::unique_ptr<State> state) : state_(std::move(state)) {}
CertificateAuthority::CertificateAuthority(CertificateAuthority&&) noexcept = default;
CertificateAuthority& CertificateAuthority::operator=(CertificateAuthority&&) noexcept = default;
CertificateAuthority::~CertificateAuthority() = default;

Result<CertificateAuthority> CertificateAuthority::create() {
    auto state = std::make_unique<State>();
    TRY(state->make_half(Algorithm::ecdsa));
    return CertificateAuthority(std::move(state));
}

Status CertificateAuthority::prepare() { return state_->make_half(Algorithm::rsa); }

Result<CertificateAuthority::Leaf> CertificateAuthority::leaf(std::string_view name, Algorithm algorithm) {
    TRY(state_->make_half(algorithm));
    const auto index = static_cast<std::size_t>(algorithm);
    auto& half = *state_->halves[index];
    auto& leaves = state_->leaves[index];
    auto& by_name = state_->by_name[index];
    if (const auto found = by_name.find(name); found != by_name.end()) {
        leaves.splice(leaves.begin(), leaves, found->second);
    } else {
        TRY_ASSIGN(auto certificate, state_->issue(name, half));
        leaves.push_front({std::string(name), std::move(certificate)});
        by_name.emplace(leaves.front().name, leaves.begin());
        if (leaves.size() > most_leaves) {
            by_name.erase(leaves.back().name);
            leaves.pop_back();
        }
    }
    return Leaf{leaves.front().certificate.get(), half.leaf_key.get()};
}

Result<CertificateAuthority::Signer> CertificateAuthority::signer(Algorithm algorithm) {
    TRY(state_->make_half(algorithm));
    const auto& half = *state_->halves[static_cast<std::size_t>(algorithm)];
    return Signer{half.root.get(), half.root_key.get(), half.leaf_key.get()};
}

Result<std::string> CertificateAuthority::certificates_pem() {
    TRY(prepare());
    const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), BIO_free);
    if (!memory) return openssl_error("write the root certificates");
    for (const auto& half : state_->halves)
        if (half && PEM_write_bio_X509(memory.get(), half->root.get()) != 1)
            return openssl_error("write the root certificates");
    char* text = nullptr;
    const auto size = BIO_get_mem_data(memory.get(), &text);
    return std::string(text, static_cast<std::size_t>(size));
}

}  // namespace cambench::internet
