#include "harness/wire/tls_names.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <utility>

namespace cambench::internet {

std::string tls_version_name(unsigned version) {
    switch (version) {
        case 0x0002:
            return "SSL 2.0";
        case 0x0300:
            return "SSL 3.0";
        case 0x0301:
            return "TLS 1.0";
        case 0x0302:
            return "TLS 1.1";
        case 0x0303:
            return "TLS 1.2";
        case 0x0304:
            return "TLS 1.3";
        case 0xfeff:
            return "DTLS 1.0";
        case 0xfefd:
            return "DTLS 1.2";
        case 0xfefc:
            return "DTLS 1.3";
        default:
            return fmt::format("0x{:04x}", version);
    }
}

std::string tls_alert_name(unsigned description) {
    static constexpr std::array<std::pair<unsigned, std::string_view>, 30> names{
        {{0, "close_notify"},
         {10, "unexpected_message"},
         {20, "bad_record_mac"},
         {21, "decryption_failed"},
         {22, "record_overflow"},
         {30, "decompression_failure"},
         {40, "handshake_failure"},
         {41, "no_certificate"},
         {42, "bad_certificate"},
         {43, "unsupported_certificate"},
         {44, "certificate_revoked"},
         {45, "certificate_expired"},
         {46, "certificate_unknown"},
         {47, "illegal_parameter"},
         {48, "unknown_ca"},
         {49, "access_denied"},
         {50, "decode_error"},
         {51, "decrypt_error"},
         {70, "protocol_version"},
         {71, "insufficient_security"},
         {80, "internal_error"},
         {86, "inappropriate_fallback"},
         {90, "user_canceled"},
         {100, "no_renegotiation"},
         {109, "missing_extension"},
         {110, "unsupported_extension"},
         {112, "unrecognized_name"},
         {113, "bad_certificate_status_response"},
         {115, "unknown_psk_identity"},
         {120, "no_application_protocol"}}};
    for (const auto& [number, name] : names)
        if (number == description) return std::string(name);
    return fmt::format("alert {}", description);
}

}  // namespace cambench::internet
