#pragma once

#include <cstdint>
#include <vector>

#include "harness/core/ip.hpp"

namespace cambench::probe {

/// The first 1,024 ports, and what cameras, recorders and their makers' tools use.
[[nodiscard]] std::vector<std::uint16_t> usual_ports();

/// Those of the usual ports at which the camera listens, sorted. Tried gently, 64 at a time.
[[nodiscard]] std::vector<std::uint16_t> listening_ports(const IpAddress& address);

}  // namespace cambench::probe
