#pragma once

#include "bench/internet/world/network.hpp"
#include "bench/internet/world/personality.hpp"
#include "harness/core/time.hpp"

namespace cambench::internet {

/// Is the fake internet, until the engine says "finish" or closes the channel. 0, or 1 when it could not
/// serve (the channel carried the reason). Makes its own certificate authority. Uses one thread, and a second
/// one for a moment if a client wants RSA keys. `channel` stays the caller's. `pulse_key`: of the bench's
/// heartbeat (pulse.hpp); "": there is none.
[[nodiscard]] int run(const Sockets& sockets, const Network& network, const Personality& personality,
                      const RunClock& clock, int channel, const std::string& pulse_key = {});

}  // namespace cambench::internet
