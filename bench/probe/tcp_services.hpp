#pragma once

#include <cstdint>
#include <vector>

#include "harness/core/ip.hpp"

namespace cambench::probe {

/// The TCP ports at which the camera listens, sorted: all 65,535 are tried, 8,000 a second at most. A port
/// that says nothing is tried once more for longer, unless many do, as behind a packet filter. Takes 8 s of a
/// camera that refuses, 90 s of one that is silent.
[[nodiscard]] std::vector<std::uint16_t> listening_ports(const IpAddress& address, int link = 0);

}  // namespace cambench::probe
