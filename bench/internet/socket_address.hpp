#pragma once

#include <sys/socket.h>

#include "harness/core/ip.hpp"

namespace cambench::internet {

/// IPv4 and IPv6 as they are; an IPv4-mapped IPv6 address becomes IPv4.
[[nodiscard]] Endpoint endpoint_of(const sockaddr_storage& address);
[[nodiscard]] sockaddr_storage socket_address_of(const Endpoint& endpoint, int interface_index, socklen_t& size);

}  // namespace cambench::internet
