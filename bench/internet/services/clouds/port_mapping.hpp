#pragma once

#include <optional>

#include "bench/internet/world/world.hpp"

namespace cambench::internet {

/// NAT-PMP (RFC 6886) and PCP (RFC 6887): what would the camera have its router open? Recorded as
/// "port-mapping" and granted.
[[nodiscard]] std::optional<Bytes> answer_port_mapping(World& world, const Flow& flow, ByteView datagram);

}  // namespace cambench::internet
