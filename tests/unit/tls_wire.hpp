#pragma once

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

#include "tests/unit/packets.hpp"

/// Handshakes of TLS as they stand on the wire, made by hand: servers' certificates of any sort, and every
/// way in which a client may end.
namespace cambench::packets {

/// What a certificate for tests says.
struct CertificateRequest {
    std::vector<std::string> names;              ///< the first is the common name, too
    std::string issuer = "Vendor CA";            ///< "": signs itself
    std::int64_t from_day = -100, to_day = 300;  ///< of the wire's usual beginning
    int bits = 0;                                ///< of RSA; 0: an elliptic curve
};

inline Bytes certificate(const CertificateRequest& request) {
    constexpr std::int64_t wire_begins = 1'700'000'000, day = 86'400;
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
        request.bits > 0 ? EVP_RSA_gen(static_cast<unsigned>(request.bits)) : EVP_EC_gen("P-256"),
        EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> made(X509_new(), X509_free);
    X509_set_version(made.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 7);
    ASN1_TIME_set(X509_getm_notBefore(made.get()), wire_begins + request.from_day * day);
    ASN1_TIME_set(X509_getm_notAfter(made.get()), wire_begins + request.to_day * day);
    X509_set_pubkey(made.get(), key.get());
    const auto put = [](X509_NAME* name, const std::string& text) {
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char*>(text.c_str()), -1, -1, 0);
    };
    put(X509_get_subject_name(made.get()), request.names.front());
    put(X509_get_issuer_name(made.get()), request.issuer.empty() ? request.names.front() : request.issuer);
    std::string alternatives;
    for (const auto& name : request.names)
        alternatives +=
            (alternatives.empty() ? "" : ",") + std::string(IpAddress::parse(name) ? "IP:" : "DNS:") + name;
    if (auto* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, alternatives.c_str())) {
        X509_add_ext(made.get(), extension, -1);
        X509_EXTENSION_free(extension);
    }
    X509_sign(made.get(), key.get(), EVP_sha256());
    unsigned char* der = nullptr;
    const int size = i2d_X509(made.get(), &der);
    Bytes bytes(reinterpret_cast<std::byte*>(der), reinterpret_cast<std::byte*>(der) + size);
    OPENSSL_free(der);
    return bytes;
}

inline Bytes tls_record(std::uint8_t type, const Bytes& content, std::uint16_t version = 0x0303) {
    return ByteWriter()
        .u8(type)
        .u16(version)
        .u16(static_cast<std::uint16_t>(content.size()))
        .bytes(content)
        .take();
}
inline Bytes tls_message(std::uint8_t type, const Bytes& body) {
    return ByteWriter().u8(type).u24(static_cast<std::uint32_t>(body.size())).bytes(body).take();
}
inline Bytes tls_alert(std::uint8_t number, std::uint16_t version = 0x0303) {
    return tls_record(21, ByteWriter().u8(2).u8(number).take(), version);
}

/// A hello that offers `version` at most, and wants to go on with a session unless `session` is empty.
inline Bytes tls_client_hello(std::string_view name, std::uint16_t version, const Bytes& session = {}) {
    ByteWriter extensions;
    if (!name.empty()) {
        const auto length = static_cast<std::uint16_t>(name.size());
        extensions.u16(0).u16(length + 5).u16(length + 3).u8(0).u16(length).text(name);
    }
    if (version == 0x0304) extensions.u16(43).u16(5).u8(4).u16(0x0304).u16(0x0303);
    ByteWriter body;
    body.u16(std::min<std::uint16_t>(version, 0x0303))
        .zeros(32)
        .u8(static_cast<std::uint8_t>(session.size()))
        .bytes(session)
        .u16(4)
        .u16(0x1301)
        .u16(0xc02f)
        .u8(1)
        .u8(0);
    body.u16(static_cast<std::uint16_t>(extensions.size())).bytes(extensions.view());
    return tls_record(22, tls_message(1, body.take()), 0x0301);
}

inline Bytes tls_server_hello(std::uint16_t version, const Bytes& session = {}, bool by_shared_key = false) {
    ByteWriter extensions;
    if (version == 0x0304) extensions.u16(43).u16(2).u16(0x0304);
    if (by_shared_key) extensions.u16(41).u16(2).u16(0);
    ByteWriter body;
    body.u16(std::min<std::uint16_t>(version, 0x0303))
        .zeros(32)
        .u8(static_cast<std::uint8_t>(session.size()))
        .bytes(session)
        .u16(version == 0x0304 ? 0x1301 : 0xc02f)
        .u8(0);
    body.u16(static_cast<std::uint16_t>(extensions.size())).bytes(extensions.view());
    return tls_record(22, tls_message(2, body.take()), std::min<std::uint16_t>(version, 0x0303));
}

/// One handshake as the two sides' bytes.
struct Handshake {
    Bytes hello, flight, reaction;
};

enum class Reaction { data, no_data, alert, silence };

/// Up to TLS 1.2 with the certificates in clear; TLS 1.3 as the sizes of its records.
inline Handshake handshake(std::string_view name, std::uint16_t version, const std::vector<Bytes>& chain,
                           Reaction reaction, std::uint8_t alert = 48, std::uint16_t offered = 0x0303) {
    Handshake made{tls_client_hello(name, std::max(version, offered)), tls_server_hello(version), {}};
    const auto legacy = std::min<std::uint16_t>(version, 0x0303);
    const auto ciphered = [&](std::uint8_t type, std::size_t size) {
        return tls_record(type, Bytes(size), legacy);
    };
    if (version == 0x0304) {
        made.flight = made.flight + tls_record(20, Bytes(1)) + ciphered(23, 900) + ciphered(23, 53);
        if (reaction == Reaction::alert)
            made.reaction = tls_record(20, Bytes(1)) + ciphered(23, 19);
        else if (reaction != Reaction::silence)
            made.reaction = tls_record(20, Bytes(1)) + ciphered(23, 53) +
                            (reaction == Reaction::data ? ciphered(23, 200) : ciphered(23, 19));
        return made;
    }
    ByteWriter list;
    for (const auto& one : chain) list.u24(static_cast<std::uint32_t>(one.size())).bytes(one);
    made.flight =
        made.flight +
        tls_record(
            22,
            tls_message(11,
                        ByteWriter().u24(static_cast<std::uint32_t>(list.size())).bytes(list.view()).take()),
            legacy) +
        tls_record(22, tls_message(14, {}), legacy);
    if (reaction == Reaction::alert) made.reaction = tls_alert(alert, legacy);
    if (reaction == Reaction::data || reaction == Reaction::no_data) {
        made.reaction = tls_record(22, tls_message(16, Bytes(66)), legacy) +
                        tls_record(20, Bytes(1), legacy) + ciphered(22, 40);
        if (reaction == Reaction::data) made.reaction = made.reaction + ciphered(23, 300);
    }
    return made;
}

/// Plays a handshake over a connection of the camera's; `before`: what both said in clear first.
inline std::uint64_t shake_hands(Wire& wire, const IpAddress& to, std::uint16_t port, const Handshake& made,
                                 const std::vector<std::pair<Bytes, Bytes>>& before = {}) {
    static std::uint16_t own = 30000;
    const auto from = ++own;
    std::uint32_t sent = 1001, got = 5001;
    const auto first = wire.out(to, 6, tcp(from, port, sent - 1, 0, syn));
    wire.in(to, 6, tcp(port, from, got - 1, sent, syn | ack));
    const auto say = [&](const Bytes& bytes) {
        for (std::size_t at = 0; at < bytes.size(); at += 1400) {
            const Bytes piece(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                              bytes.begin() + static_cast<std::ptrdiff_t>(std::min(bytes.size(), at + 1400)));
            wire.out(to, 6, tcp(from, port, sent, got, ack | psh, piece));
            sent += static_cast<std::uint32_t>(piece.size());
        }
    };
    const auto hear = [&](const Bytes& bytes) {
        for (std::size_t at = 0; at < bytes.size(); at += 1400) {
            const Bytes piece(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                              bytes.begin() + static_cast<std::ptrdiff_t>(std::min(bytes.size(), at + 1400)));
            wire.in(to, 6, tcp(port, from, got, sent, ack | psh, piece));
            got += static_cast<std::uint32_t>(piece.size());
        }
    };
    for (const auto& [theirs, ours] : before) hear(theirs), say(ours);
    say(made.hello), hear(made.flight), say(made.reaction);
    wire.out(to, 6, tcp(from, port, sent, got, fin | ack));
    wire.in(to, 6, tcp(port, from, got, sent + 1, fin | ack));
    return first;
}

}  // namespace cambench::packets
