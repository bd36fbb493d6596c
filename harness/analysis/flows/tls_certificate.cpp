#include <openssl/asn1.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <fmt/format.h>
#include <ctime>
#include <memory>

#include "harness/analysis/flows/tls_sessions.hpp"
#include "harness/core/digest.hpp"
#include "harness/core/text.hpp"

namespace cambench::analysis {
namespace {

struct FreeCertificate {
    void operator()(X509* one) const { X509_free(one); }
};
using Certificate = std::unique_ptr<X509, FreeCertificate>;

Certificate parsed(ByteView der) {
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    return Certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
}

/// The common name, else the organisation; "" without either.
std::string name_in(const X509_NAME* name) {
    for (const int field : {NID_commonName, NID_organizationName, NID_organizationalUnitName}) {
        const int at = X509_NAME_get_index_by_NID(name, field, -1);
        if (at < 0) continue;
        const auto* text = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
        return std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                           static_cast<std::size_t>(ASN1_STRING_length(text)))
            .substr(0, 128);
    }
    return {};
}

WallTime time_of(const ASN1_TIME* time) {
    std::tm broken{};
    if (time == nullptr || ASN1_TIME_to_tm(time, &broken) != 1) return {};
    constexpr std::time_t beyond_clock =
        9'000'000'000;  // what fits nanoseconds in 64 bits, and "no expiry" (year 9999) does not
    return WallTime(std::chrono::seconds(std::min(timegm(&broken), beyond_clock)));
}

bool is_self_signed(const X509* certificate) {
    return X509_NAME_cmp(X509_get_subject_name(certificate), X509_get_issuer_name(certificate)) == 0;
}

/// What makes a certificate worthless whoever issued it.
std::string weakness_of(const X509* certificate) {
    constexpr int shortest_key = 1024;
    const auto* key = X509_get0_pubkey(certificate);
    if (key != nullptr && EVP_PKEY_base_id(key) == EVP_PKEY_RSA && EVP_PKEY_bits(key) < shortest_key)
        return fmt::format("a key of {} bits (RSA)", EVP_PKEY_bits(key));
    const auto signature = X509_get_signature_nid(certificate);
    if (!is_self_signed(certificate) &&
        (signature == NID_md5WithRSAEncryption || signature == NID_md2WithRSAEncryption))
        return "a signature over an MD5 hash";
    return {};
}

}  // namespace

Result<CertificateFacts> read_certificate(ByteView der, const std::vector<Bytes>& chain) {
    const auto certificate = parsed(der);
    if (!certificate) return dut_error("no certificate");
    CertificateFacts facts;
    facts.fingerprint = sha256_of(der);
    facts.subject = name_in(X509_get_subject_name(certificate.get()));
    facts.issuer = name_in(X509_get_issuer_name(certificate.get()));
    facts.names = certificate_names(der);
    facts.not_before = time_of(X509_get0_notBefore(certificate.get()));
    facts.not_after = time_of(X509_get0_notAfter(certificate.get()));
    facts.self_signed = is_self_signed(certificate.get());
    facts.weakness = weakness_of(certificate.get());
    if (facts.self_signed) facts.root_not_before = facts.not_before;
    for (const auto& one : chain) {
        const auto further = parsed(one);
        if (further && is_self_signed(further.get()))
            facts.root_not_before = time_of(X509_get0_notBefore(further.get()));
    }
    std::unique_ptr<GENERAL_NAMES, void (*)(GENERAL_NAMES*)> alternatives(
        static_cast<GENERAL_NAMES*>(
            X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr)),
        GENERAL_NAMES_free);
    for (int i = 0; alternatives && i < sk_GENERAL_NAME_num(alternatives.get()) && i < 100; ++i) {
        const auto* one = sk_GENERAL_NAME_value(alternatives.get(), i);
        if (one->type != GEN_IPADD) continue;
        const ByteView bytes(reinterpret_cast<const std::byte*>(ASN1_STRING_get0_data(one->d.iPAddress)),
                             static_cast<std::size_t>(ASN1_STRING_length(one->d.iPAddress)));
        if (bytes.size() == 4) facts.names.push_back(IpAddress::v4(bytes).to_string());
        if (bytes.size() == 16) facts.names.push_back(IpAddress::v6(bytes).to_string());
    }
    return facts;
}

bool covers(const CertificateFacts& certificate, std::string_view name) {
    const auto wanted = lower(name);
    for (const auto& one : certificate.names) {
        if (lower(one) == wanted) return true;
        const auto dot = wanted.find('.');
        if (one.starts_with("*.") && dot != std::string::npos && dot > 0 &&
            lower(one).substr(1) == wanted.substr(dot))
            return true;
    }
    return false;
}

}  // namespace cambench::analysis
