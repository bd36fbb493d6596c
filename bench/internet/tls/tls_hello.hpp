#pragma once

#include <openssl/types.h>

#include <optional>
#include <string>
#include <vector>

#include "harness/core/bytes.hpp"

namespace cambench::internet {

/// What a camera's hello offers.
struct TlsOffer {
    std::string server_name;
    std::vector<std::string> protocols;  ///< ALPN
    unsigned version = 0;                ///< the highest
    bool only_shared_keys = false;       ///< no suite that needs a certificate
    bool ecdsa = false;                  ///< takes an ECDSA certificate on P-256
};

/// The description of an alert in clear at the end of these bytes. OpenSSL does not read one whose record
/// says another version than the one just agreed on, as that of a camera does that will not have that
/// version.
[[nodiscard]] std::optional<unsigned> read_plain_alert(ByteView bytes);

/// For use in OpenSSL's callback for hellos.
[[nodiscard]] TlsOffer read_hello(SSL* ssl);

}  // namespace cambench::internet
