#include "bench/internet/tls/tls_hello.hpp"

#include <openssl/ssl.h>

#include <algorithm>

#include "bench/internet/world/name_directory.hpp"

namespace cambench::internet {
namespace {

ByteView extension_of(SSL* ssl, unsigned type) {
    const unsigned char* data = nullptr;
    std::size_t size = 0;
    if (SSL_client_hello_get0_ext(ssl, type, &data, &size) != 1) return {};
    return {reinterpret_cast<const std::byte*>(data), size};
}

std::string server_name_of(ByteView extension) {
    ByteReader reader(extension);
    reader.skip(2);
    if (reader.u8() != 0) return {};
    const auto name = reader.take(reader.u16());
    return reader.failed() || name.size() > 253 ? std::string() : canonical_name(as_text(name));
}

std::vector<std::string> protocols_of(ByteView extension) {
    std::vector<std::string> protocols;
    ByteReader reader(extension);
    reader.skip(2);
    while (!reader.failed() && !reader.empty() && protocols.size() < 16) {
        const auto protocol = reader.take(reader.u8());
        if (!reader.failed()) protocols.emplace_back(as_text(protocol));
    }
    return protocols;
}

unsigned highest_version(ByteView supported_versions, unsigned legacy) {
    ByteReader reader(supported_versions);
    reader.skip(1);
    unsigned highest = 0;
    while (!reader.failed() && reader.remaining() >= 2) {
        const unsigned version = reader.u16();
        if (version <= 0x0304) highest = std::max(highest, version);
    }
    return highest != 0 ? highest : legacy;
}

bool lists(ByteView extension, std::size_t skipped, unsigned wanted) {
    ByteReader reader(extension);
    reader.skip(skipped);
    while (!reader.failed() && reader.remaining() >= 2)
        if (reader.u16() == wanted) return true;
    return false;
}

/// Cipher suites that authenticate with ECDSA, and TLS 1.3's, which leave it to the signature algorithms.
bool offers_ecdsa_suite(ByteView suites) {
    ByteReader reader(suites);
    while (reader.remaining() >= 2) {
        const unsigned suite = reader.u16();
        const bool ecdsa = (suite >= 0xc006 && suite <= 0xc00a) || (suite >= 0xc023 && suite <= 0xc024) ||
                           (suite >= 0xc02b && suite <= 0xc02c) || suite == 0xcca9 ||
                           (suite >= 0xc0ac && suite <= 0xc0af);
        if (ecdsa || suite >> 8 == 0x13) return true;
    }
    return false;
}

/// RFC 4279, 4785, 5487, 5489, 6209, 6367, 6655, 7905 and 8442: those that want a certificate beside the key
/// (RSA_PSK) too.
bool is_shared_key_suite(unsigned suite) {
    return (suite >= 0x2c && suite <= 0x2e) || (suite >= 0x8a && suite <= 0x95) ||
           (suite >= 0xa8 && suite <= 0xb9) || (suite >= 0xc033 && suite <= 0xc03b) ||
           (suite >= 0xc064 && suite <= 0xc071) || (suite >= 0xc08e && suite <= 0xc09b) ||
           (suite >= 0xc0a4 && suite <= 0xc0ab) || (suite >= 0xccab && suite <= 0xccae) ||
           (suite >= 0xd001 && suite <= 0xd005);
}

bool offers_only_shared_keys(ByteView suites) {
    constexpr unsigned renegotiation = 0x00ff, fallback = 0x5600;
    ByteReader reader(suites);
    bool any = false;
    while (reader.remaining() >= 2) {
        const unsigned suite = reader.u16();
        if (suite == renegotiation || suite == fallback) continue;
        if (!is_shared_key_suite(suite)) return false;
        any = true;
    }
    return any;
}

}  // namespace

std::optional<unsigned> read_plain_alert(ByteView bytes) {
    constexpr std::size_t record_size = 7;
    constexpr unsigned alert = 21, warning = 1, fatal = 2;
    if (bytes.size() < record_size) return std::nullopt;
    ByteReader reader(bytes.last(record_size));
    const auto type = reader.u8();
    const auto version = reader.u16(), length = reader.u16();
    const auto level = reader.u8();
    const unsigned description = reader.u8();
    const bool is_alert =
        type == alert && version >> 8 == 3 && length == 2 && (level == warning || level == fatal);
    return is_alert ? std::optional(description) : std::nullopt;
}

TlsOffer read_hello(SSL* ssl) {
    const unsigned char* suites = nullptr;
    const auto suites_size = SSL_client_hello_get0_ciphers(ssl, &suites);
    TlsOffer offer;
    offer.server_name = server_name_of(extension_of(ssl, TLSEXT_TYPE_server_name));
    offer.protocols = protocols_of(extension_of(ssl, TLSEXT_TYPE_application_layer_protocol_negotiation));
    offer.version = highest_version(extension_of(ssl, TLSEXT_TYPE_supported_versions),
                                    SSL_client_hello_get0_legacy_version(ssl));
    offer.only_shared_keys =
        offers_only_shared_keys({reinterpret_cast<const std::byte*>(suites), suites_size});
    constexpr unsigned ecdsa_secp256r1_sha256 = 0x0403, secp256r1 = 23;
    offer.ecdsa = offers_ecdsa_suite({reinterpret_cast<const std::byte*>(suites), suites_size}) &&
                  lists(extension_of(ssl, TLSEXT_TYPE_signature_algorithms), 2, ecdsa_secp256r1_sha256) &&
                  lists(extension_of(ssl, TLSEXT_TYPE_supported_groups), 2, secp256r1);
    return offer;
}

}  // namespace cambench::internet
