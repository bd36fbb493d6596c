#include "bench/internet/authority.hpp"

#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <array>
#include <list>
#include <optional>
#include <unordered_map>

#include "harness/core/ip.hpp"
#include "harness/core/text.hpp"

namespace cambench::internet {
namespace {

/// Broad, so that a camera whose clock is still at its factory date, or was moved years ahead by the scenario, finds it valid.
constexpr const char* valid_from = "20000101000000Z";
constexpr const char* valid_until = "20491231235959Z";
constexpr int rsa_bits = 2048;
constexpr std::size_t most_leaves = 8192;

struct KeyDeleter {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct CertificateDeleter {
    void operator()(X509* certificate) const { X509_free(certificate); }
};
using Key = std::unique_ptr<EVP_PKEY, KeyDeleter>;
using Certificate = std::unique_ptr<X509, CertificateDeleter>;

Error openssl_error(std::string_view what) {
    char text[256] = "no reason given";
    if (const auto code = ERR_get_error(); code != 0) ERR_error_string_n(code, text, sizeof text);
    ERR_clear_error();
    return bench_error(fmt::format("{}: {}", what, text));
}

Result<Key> make_key(CertificateAuthority::Algorithm algorithm) {
    Key key(algorithm == CertificateAuthority::Algorithm::ecdsa ? EVP_EC_gen("P-256") : EVP_RSA_gen(rsa_bits));
    if (!key) return openssl_error("make a key");
    return key;
}

bool set_name(X509_NAME* name, std::string_view common_name) {
    const auto text = common_name.substr(0, 64);  // X.520's bound
    return X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("cambench"), -1, -1, 0) == 1 &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()), -1, 0) == 1;
}

bool set_serial(X509* certificate) {
    std::array<unsigned char, 16> bytes{};
    if (RAND_bytes(bytes.data(), bytes.size()) != 1) return false;
    bytes[0] = static_cast<unsigned char>((bytes[0] & 0x7f) | 1);
    const std::unique_ptr<BIGNUM, decltype(&BN_free)> number(BN_bin2bn(bytes.data(), bytes.size(), nullptr), BN_free);
    return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool add_extension(X509* certificate, X509* issuer, int id, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str()),
                                                                                      X509_EXTENSION_free);
    return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

/// Subject alternative name from foreign text, put together without a configuration language that would interpret it.
bool add_alternative_name(X509* certificate, std::string_view name) {
    const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> names(GENERAL_NAMES_new(), GENERAL_NAMES_free);
    std::unique_ptr<GENERAL_NAME, decltype(&GENERAL_NAME_free)> entry(GENERAL_NAME_new(), GENERAL_NAME_free);
    if (!names || !entry) return false;
    const auto address = IpAddress::parse(name);
    const auto content = address ? std::string(as_text(address->bytes())) : std::string(name);
    auto* text = address ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new();
    if (text == nullptr) return false;
    GENERAL_NAME_set0_value(entry.get(), address ? GEN_IPADD : GEN_DNS, text);
    if (ASN1_STRING_set(text, content.data(), static_cast<int>(content.size())) != 1) return false;
    if (sk_GENERAL_NAME_push(names.get(), entry.get()) == 0) return false;
    (void)entry.release();
    return X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, X509V3_ADD_DEFAULT) == 1;
}

/// Common to roots and leaves; unsigned. `issuer` is nullptr for a root.
Certificate begin_certificate(std::string_view name, EVP_PKEY* key, X509* issuer) {
    Certificate certificate(X509_new());
    if (!certificate || X509_set_version(certificate.get(), 2) != 1 || !set_serial(certificate.get())) return nullptr;
    auto* subject = X509_get_subject_name(certificate.get());
    const bool done = set_name(subject, name) && ASN1_TIME_set_string(X509_getm_notBefore(certificate.get()), valid_from) == 1 &&
                      ASN1_TIME_set_string(X509_getm_notAfter(certificate.get()), valid_until) == 1 && X509_set_pubkey(certificate.get(), key) == 1 &&
                      X509_set_issuer_name(certificate.get(), issuer == nullptr ? subject : X509_get_subject_name(issuer)) == 1;
    return done ? std::move(certificate) : nullptr;
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
    half.root = begin_certificate(algorithm == Algorithm::ecdsa ? "cambench root E1" : "cambench root R1", half.root_key.get(), nullptr);
    auto* root = half.root.get();
    const bool done = root != nullptr && add_extension(root, root, NID_basic_constraints, "critical,CA:TRUE") &&
                      add_extension(root, root, NID_key_usage, "critical,keyCertSign,cRLSign") && add_extension(root, root, NID_subject_key_identifier, "hash") &&
                      X509_sign(root, half.root_key.get(), EVP_sha256()) > 0;
    if (!done) return openssl_error("make a root certificate");
    place = std::move(half);
    return {};
}

Result<Certificate> CertificateAuthority::State::issue(std::string_view name, Half& half) {
    auto made = begin_certificate(name, half.leaf_key.get(), half.root.get());
    auto* leaf = made.get();
    const bool done = leaf != nullptr && add_extension(leaf, half.root.get(), NID_basic_constraints, "critical,CA:FALSE") &&
                      add_extension(leaf, half.root.get(), NID_key_usage, "critical,digitalSignature,keyEncipherment") &&
                      add_extension(leaf, half.root.get(), NID_ext_key_usage, "serverAuth") &&
                      add_extension(leaf, half.root.get(), NID_authority_key_identifier, "keyid") && add_alternative_name(leaf, name) &&
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
    return Leaf{leaves.front().certificate.get(), half.root.get(), half.leaf_key.get()};
}

Result<std::string> CertificateAuthority::certificates_pem() {
    TRY(prepare());
    const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), BIO_free);
    if (!memory) return openssl_error("write the root certificates");
    for (const auto& half : state_->halves)
        if (half && PEM_write_bio_X509(memory.get(), half->root.get()) != 1) return openssl_error("write the root certificates");
    char* text = nullptr;
    const auto size = BIO_get_mem_data(memory.get(), &text);
    return std::string(text, static_cast<std::size_t>(size));
}

}  // namespace cambench::internet
