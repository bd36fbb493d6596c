#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/core/bytes.hpp"
#include "harness/core/result.hpp"

namespace cambench::analysis {

struct ClientHello {
    std::string server_name;             ///< lower case, no trailing dot; "" without SNI
    std::vector<std::string> protocols;  ///< ALPN
    std::vector<std::uint16_t>
        versions;  ///< offered: supported_versions, else the legacy one; GREASE left out
    std::uint16_t legacy_version = 0;
    std::vector<std::uint16_t> ciphers, extensions, groups,
        signature_algorithms;  ///< in order, GREASE left out
    std::vector<std::uint8_t> point_formats;
    bool encrypted = false;         ///< carries encrypted_client_hello: the name in clear is a cover
    Bytes session_id;               ///< that the client wants to resume, or (TLS 1.3) chosen at random
    std::size_t stream_length = 0;  ///< bytes of the stream up to its end
};

struct ServerHello {
    std::uint16_t version = 0;  ///< agreed on: 0x0304 is TLS 1.3
    std::uint16_t cipher = 0;
    Bytes session_id;
    bool by_shared_key = false;  ///< TLS 1.3: goes on from an earlier session
};

/// A record whose content is ciphered.
struct CipheredRecord {
    std::uint8_t type = 0;  ///< as it stands in clear: 23 is data (TLS 1.3: anything)
    std::size_t length = 0;
};

/// What one direction of a TLS stream shows in clear.
struct TlsClear {
    bool is_tls = false;
    std::optional<ClientHello> hello;
    std::vector<std::string> alerts;  ///< "unknown_ca"
    std::vector<std::string>
        certificate_names;  ///< subject alternative names and common name of the first certificate
    bool application_data = false;
    std::optional<ServerHello> server_hello;
    std::vector<Bytes> certificates;       ///< in DER, the server's own first; at most 8
    bool cipher_changed = false;           ///< a change_cipher_spec came
    std::vector<CipheredRecord> ciphered;  ///< in order, at most 32
};

/// The start of a TLS stream, records and handshake messages put together across segments. `bytes` may end
/// anywhere; what is whole is reported. Fails when the bytes are no TLS.
[[nodiscard]] Result<TlsClear> parse_tls(ByteView bytes);

/// Where TLS begins in a stream that was in clear before (STARTTLS, STLS, AUTH TLS, CONNECT): the place of
/// its first record, which holds a hello (of the client, or of the server), or nullopt.
[[nodiscard]] std::optional<std::size_t> find_later_tls(ByteView bytes);

/// The body of a ClientHello message (after its four-byte header).
[[nodiscard]] Result<ClientHello> parse_client_hello(ByteView body);

/// DNS names in a DER certificate: subject alternative names, else the common name.
[[nodiscard]] std::vector<std::string> certificate_names(ByteView der);

/// JA3: MD5 over version, ciphers, extensions, groups and point formats, GREASE left out; 32 hex digits.
[[nodiscard]] std::string ja3(const ClientHello& hello);
/// JA4 (the client's): "t13d1516h2_8daaf6152771_e5627efa2ab1". `transport` is 't' for TCP, 'q' for QUIC, 'd'
/// for DTLS.
[[nodiscard]] std::string ja4(const ClientHello& hello, char transport);

[[nodiscard]] std::string tls_alert_name(std::uint8_t description);

}  // namespace cambench::analysis
