#pragma once

#include <string>

namespace cambench::internet {

/// "TLS 1.2" for 0x0303; "0x7f1c" for what is none.
[[nodiscard]] std::string tls_version_name(unsigned version);
/// "unknown_ca" for 48 (RFC 8446, 6); "alert 250" for what is none.
[[nodiscard]] std::string tls_alert_name(unsigned description);

}  // namespace cambench::internet
