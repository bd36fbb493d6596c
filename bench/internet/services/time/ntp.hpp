#pragma once

#include "bench/internet/world/world.hpp"

namespace cambench::internet {

/// Whether a datagram to port 123 or elsewhere can be a question for the time (NTP or SNTP, versions 1 to 4).
[[nodiscard]] bool looks_like_ntp(ByteView datagram);

/// Tells the time of the fake internet, wherever it is asked, and records "ntp". Empty: nothing is answered.
[[nodiscard]] Bytes answer_ntp(World& world, const Flow& flow, ByteView datagram);

/// NTP's 64-bit format: seconds since 1900 (modulo 2^32, so that eras after 2036 come out right) and binary
/// fraction.
[[nodiscard]] std::uint64_t ntp_timestamp(WallTime time);

}  // namespace cambench::internet
