#pragma once

#include "bench/internet/authority.hpp"
#include "bench/internet/network.hpp"
#include "bench/internet/personality.hpp"
#include "harness/core/time.hpp"

namespace cambench::internet {

/// Is the fake internet, until the engine says "finish" or closes the channel. 0, or 1 when it could not serve (the channel
/// carried the reason). Uses one thread, and a second one for a moment to make RSA keys.
[[nodiscard]] int run(const Sockets& sockets, const Network& network, const Personality& personality, const RunClock& clock, int channel,
                      CertificateAuthority authority);

}  // namespace cambench::internet
