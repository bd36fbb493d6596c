#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/core/time.hpp"

namespace cambench::internet {

/// What the servers of protocols in which the server speaks first say at such a port; "" where the client
/// begins.
[[nodiscard]] std::string banner(std::uint16_t port, WallTime now);

/// Who speaks first at such a port.
enum class ServerFirst { no, ftp, smtp, ssh, other };
[[nodiscard]] ServerFirst server_first(std::uint16_t port);
/// Whether it does so only once TLS stands.
[[nodiscard]] bool tls_first(std::uint16_t port);

/// What is tried at a port where clients came and left without a word so many times; "" when none did.
[[nodiscard]] std::string banner_for_the_mute(unsigned attempts);

/// What a simple server of that port replies to one line; `starttls`: it can go on in TLS. "" for no reply.
struct LineReply {
    std::string text;
    bool close = false;
    bool upgrade = false;  ///< TLS begins now
};
[[nodiscard]] LineReply reply_to_line(std::uint16_t port, std::string_view line, bool starttls = false);

}  // namespace cambench::internet
