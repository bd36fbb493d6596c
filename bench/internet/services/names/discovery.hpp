#pragma once

#include "bench/internet/world/world.hpp"

namespace cambench::internet {

/// A search for devices on the local network, or an announcement there: WS-Discovery, SADP, and those of two
/// makers' private protocols. Recorded as "discovery"; nobody is there to answer. False when it is none.
[[nodiscard]] bool record_discovery(World& world, const Flow& flow, ByteView datagram);

}  // namespace cambench::internet
