#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "harness/core/bytes.hpp"
#include "harness/core/ip.hpp"

/// The bench's heartbeat on the camera's wire: a datagram that comes in as the camera's do, and that only the
/// bench can make.
namespace cambench::internet {

/// From and to addresses that nobody has (RFC 7600, RFC 7723): a camera's datagram to there is judged as any
/// other.
[[nodiscard]] Endpoint pulse_source();
[[nodiscard]] Endpoint pulse_destination();

/// A key of a run: 32 bytes of the kernel's random numbers, as text.
[[nodiscard]] std::string make_pulse_key();

/// What the datagram of that number carries.
[[nodiscard]] Bytes pulse_payload(const std::string& key, std::uint64_t number);

/// Knows the datagrams of a key. Each number counts once, and none after a later one: what comes again is
/// somebody else's.
class PulseEar {
public:
    explicit PulseEar(std::string key) : key_(std::move(key)) {}
    /// Its number; nullopt: it is no heartbeat. Without a key nothing is.
    [[nodiscard]] std::optional<std::uint64_t> take(const Endpoint& from, const Endpoint& to,
                                                    ByteView payload);

private:
    std::string key_;
    std::uint64_t last_ = 0;
};

}  // namespace cambench::internet
