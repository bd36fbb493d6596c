#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/bytes.hpp"
#include "harness/core/ip.hpp"
#include "harness/wire/http_message.hpp"

/// Messages of STUN (RFC 8489) as TURN uses them (RFC 8656, 6062).
namespace cambench::internet {

struct TurnMethod {
    static constexpr std::uint16_t binding = 1, allocate = 3, refresh = 4, send = 6, data = 7,
                                   create_permission = 8, channel_bind = 9, connect = 10,
                                   connection_bind = 11;
};

struct TurnMessage {
    std::uint16_t method = 0;
    unsigned kind = 0;  ///< 0 request, 1 indication, 2 success, 3 failure
    ByteView transaction;
    std::string user, realm, nonce, software;
    std::vector<Endpoint> peers;
    std::optional<std::uint16_t> channel;
    std::optional<std::uint32_t> lifetime;
    unsigned transport = 0, family = 1;  ///< wanted of the relay: a protocol's number; 1: IPv4, 2: IPv6
    bool fingerprint = false;
    ByteView data;
    ByteView integrity;           ///< the HMAC over what is before it; empty: not signed
    std::size_t signed_size = 0;  ///< bytes of the message that are before it
};
/// nullopt when it is none. Its texts and views are of `bytes`.
[[nodiscard]] std::optional<TurnMessage> parse_turn(ByteView bytes);

/// The next piece of a stream of messages and channel data: its whole size, its channel (0: a message). Size
/// 0: not whole yet; nullopt: neither.
struct TurnFrame {
    std::size_t size = 0, padded = 0;
    std::uint16_t channel = 0;
};
[[nodiscard]] std::optional<TurnFrame> next_turn_frame(ByteView bytes);
[[nodiscard]] Likeness turn_likeness(ByteView first_bytes);

/// The key of a long-term login (RFC 8489, 9.2.2).
[[nodiscard]] Bytes turn_key(std::string_view user, std::string_view realm, std::string_view password);
/// Whether `message` (as it came) was signed with that key.
[[nodiscard]] bool is_signed_with(ByteView bytes, const TurnMessage& message, ByteView key);

class TurnWriter {
public:
    TurnWriter(std::uint16_t method, unsigned kind, ByteView transaction);
    TurnWriter& text(std::uint16_t attribute, std::string_view text);
    TurnWriter& number(std::uint16_t attribute, std::uint32_t value);
    TurnWriter& error(unsigned code, std::string_view reason);
    TurnWriter& endpoint(std::uint16_t attribute, const Endpoint& endpoint);  ///< masked
    /// Signed when there is a key, and with a checksum when that is wanted.
    [[nodiscard]] Bytes take(ByteView key, bool fingerprint);

private:
    ByteWriter writer_;
    Bytes transaction_;
};

struct TurnAttribute {
    static constexpr std::uint16_t user = 0x0006, integrity = 0x0008, error = 0x0009, channel = 0x000c,
                                   lifetime = 0x000d, peer = 0x0012, data = 0x0013, realm = 0x0014,
                                   nonce = 0x0015, relayed = 0x0016, family = 0x0017, transport = 0x0019,
                                   mapped = 0x0020, connection = 0x002a, software = 0x8022,
                                   fingerprint = 0x8028;
};

}  // namespace cambench::internet
