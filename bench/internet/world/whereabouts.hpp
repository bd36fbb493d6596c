#pragma once

#include <optional>

#include "bench/internet/world/web.hpp"
#include "bench/internet/world/world.hpp"

namespace cambench::internet {

/// The camera's address as the internet sees it: the personality's, else one of a Korean provider (clients of
/// gateways refuse the addresses that are kept for documents).
[[nodiscard]] IpAddress public_address(const World& world);

/// What services say that tell a device its public address, its country and its time zone; nullopt for other
/// hosts.
[[nodiscard]] std::optional<WebAnswer> answer_whereabouts(const World& world, const HttpHead& head);

}  // namespace cambench::internet
