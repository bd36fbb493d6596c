#pragma once

#include "bench/internet/world/world.hpp"

namespace cambench::internet {

/// The resolver, wherever it is asked: 192.168.77.1, 8.8.8.8 and every other address are the same one.
///
/// Answers one message (for TCP without its length) and records "dns-query". Empty: nothing is answered.
[[nodiscard]] Bytes answer_dns(World& world, const Flow& flow, ByteView message);

}  // namespace cambench::internet
