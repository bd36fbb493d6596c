#pragma once

#include <optional>

#include "bench/internet/world/web.hpp"
#include "bench/internet/world/world.hpp"

namespace cambench::internet {

/// SSDP: an M-SEARCH for a gateway, or for everything, is answered with a gateway's description. Recorded as
/// "ssdp".
[[nodiscard]] std::optional<Bytes> answer_ssdp(World& world, const Flow& flow, ByteView datagram);

/// That gateway's description and its SOAP control, on the router alone; nullopt when the request is none of
/// it.
[[nodiscard]] std::optional<WebAnswer> answer_gateway(World& world, const Flow& flow, const HttpHead& head,
                                                      ByteView body);

}  // namespace cambench::internet
