#pragma once

#include <sys/socket.h>

#include "harness/core/ip.hpp"

namespace cambench {

/// An address as the system's calls want it.
struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t length = sizeof(sockaddr_storage);

    [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
    [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

/// `interface_index`: where a link-local address is meant; 0 elsewhere.
[[nodiscard]] SocketAddress socket_address_of(const Endpoint& endpoint, int interface_index = 0);

/// IPv4 and IPv6 as they are; an IPv4-mapped IPv6 address becomes IPv4.
[[nodiscard]] Endpoint endpoint_of(const sockaddr_storage& address);

}  // namespace cambench
