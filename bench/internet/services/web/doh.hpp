#pragma once

#include <optional>

#include "bench/internet/world/web.hpp"
#include "bench/internet/world/world.hpp"

namespace cambench::internet {

/// DNS over HTTPS (RFC 8484, GET and POST, and the JSON form of public resolvers), wherever it is asked: the
/// same resolver as everywhere. Records "dns-query". nullopt: the request is no question of that kind.
[[nodiscard]] std::optional<WebAnswer> answer_doh(World& world, const Flow& flow, const HttpHead& head,
                                                  ByteView body);

/// Whether the head announces a question in its body.
[[nodiscard]] bool is_doh_post(const HttpHead& head);

}  // namespace cambench::internet
