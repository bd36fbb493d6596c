#pragma once

#include "bench/internet/world/world.hpp"

namespace cambench::internet {

/// The question of mDNS or LLMNR, recorded as "local-name"; nullopt when it is none.
[[nodiscard]] bool record_local_name(World& world, const Flow& flow, ByteView datagram);

}  // namespace cambench::internet
