#include "bench/internet/tls/certificate_parts.hpp"

#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <array>

#include "harness/core/bytes.hpp"
#include "harness/core/ip.hpp"

namespace cambench::internet {
namespace {

/// Broad, so that a camera whose clock is still at its factory date, or was moved years ahead by the
/// scenario, finds it valid.
constexpr const char* valid_from = "20000101000000Z";
constexpr const char* valid_until = "20491231235959Z";

bool set_name(X509_NAME* name, std::string_view common_name) {
    const auto text = common_name.substr(0, 64);  // X.520's bound
    return X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC,
                                      reinterpret_cast<const unsigned char*>("cambench"), -1, -1, 0) == 1 &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                      reinterpret_cast<const unsigned char*>(text.data()),
                                      static_cast<int>(text.size()), -1, 0) == 1;
}

bool set_serial(X509* certificate) {
    std::array<unsigned char, 16> bytes{};
    if (RAND_bytes(bytes.data(), bytes.size()) != 1) return false;
    bytes[0] = static_cast<unsigned char>((bytes[0] & 0x7f) | 1);
    const std::unique_ptr<BIGNUM, decltype(&BN_free)> number(BN_bin2bn(bytes.data(), bytes.size(), nullptr),
                                                             BN_free);
    return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

}  // namespace

void KeyDeleter::operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
void CertificateDeleter::operator()(X509* certificate) const { X509_free(certificate); }

Error openssl_error(std::string_view what) {
    char text[256] = "no reason given";
    if (const auto code = ERR_get_error(); code != 0) ERR_error_string_n(code, text, sizeof text);
    ERR_clear_error();
    return bench_error(fmt::format("{}: {}", what, text));
}

// A key that is wrapped around an EC_KEY goes into a certificate in a few microseconds; one of EVP_EC_gen is
// encoded and decoded again for every certificate (X509_set_pubkey in OpenSSL 3.0), which takes longer than
// the rest of a handshake.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
Result<Key> make_elliptic_key() {
    std::unique_ptr<EC_KEY, decltype(&EC_KEY_free)> elliptic(EC_KEY_new_by_curve_name(NID_X9_62_prime256v1),
                                                             EC_KEY_free);
    Key key(EVP_PKEY_new());
    if (!elliptic || !key || EC_KEY_generate_key(elliptic.get()) != 1 ||
        EVP_PKEY_assign_EC_KEY(key.get(), elliptic.get()) != 1)
        return openssl_error("make an elliptic key");
    (void)elliptic.release();
    return key;
}
#pragma GCC diagnostic pop

Result<Key> make_rsa_key(unsigned bits) {
    Key key(EVP_RSA_gen(bits));
    if (!key) return openssl_error(fmt::format("make an RSA key of {} bits", bits));
    return key;
}

bool add_extension(X509* certificate, X509* issuer, int id, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
        X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str()), X509_EXTENSION_free);
    return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool add_alternative_name(X509* certificate, std::string_view name) {
    const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> names(GENERAL_NAMES_new(),
                                                                              GENERAL_NAMES_free);
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

Certificate begin_certificate(std::string_view name, EVP_PKEY* key, X509* issuer) {
    Certificate certificate(X509_new());
    if (!certificate || X509_set_version(certificate.get(), 2) != 1 || !set_serial(certificate.get()))
        return nullptr;
    auto* subject = X509_get_subject_name(certificate.get());
    const bool done = set_name(subject, name) &&
                      ASN1_TIME_set_string(X509_getm_notBefore(certificate.get()), valid_from) == 1 &&
                      ASN1_TIME_set_string(X509_getm_notAfter(certificate.get()), valid_until) == 1 &&
                      X509_set_pubkey(certificate.get(), key) == 1 &&
                      X509_set_issuer_name(certificate.get(),
                                           issuer == nullptr ? subject : X509_get_subject_name(issuer)) == 1;
    return done ? std::move(certificate) : nullptr;
}

bool set_validity(X509* certificate, WallTime from, WallTime until) {
    const auto seconds = [](WallTime time) {
        return static_cast<time_t>(std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
    };
    return ASN1_TIME_set(X509_getm_notBefore(certificate), seconds(from)) != nullptr &&
           ASN1_TIME_set(X509_getm_notAfter(certificate), seconds(until)) != nullptr;
}

bool add_server_extensions(X509* certificate, X509* issuer, std::string_view name) {
    return add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(certificate, issuer, NID_key_usage, "critical,digitalSignature,keyEncipherment") &&
           add_extension(certificate, issuer, NID_ext_key_usage, "serverAuth") &&
           add_alternative_name(certificate, name);
}

}  // namespace cambench::internet
