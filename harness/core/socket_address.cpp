#include "harness/core/socket_address.hpp"

#include <netinet/in.h>

#include <algorithm>
#include <cstring>

namespace cambench {
namespace {

template <typename T>
ByteView view_of(const T& object) {
    return {reinterpret_cast<const std::byte*>(&object), sizeof object};
}

}  // namespace

Endpoint endpoint_of(const sockaddr_storage& address) {
    if (address.ss_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &address, sizeof v4);
        return {IpAddress::v4(view_of(v4.sin_addr)), ntohs(v4.sin_port)};
    }
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof v6);
    const auto bytes = view_of(v6.sin6_addr);
    if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) return {IpAddress::v4(bytes.subspan(12)), ntohs(v6.sin6_port)};
    return {IpAddress::v6(bytes), ntohs(v6.sin6_port)};
}

SocketAddress socket_address_of(const Endpoint& endpoint, int interface_index) {
    SocketAddress result;
    const auto bytes = endpoint.address.bytes();
    if (endpoint.address.is_v4()) {
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        v4.sin_port = htons(endpoint.port);
        std::memcpy(&v4.sin_addr, bytes.data(), bytes.size());
        std::memcpy(&result.storage, &v4, result.length = sizeof v4);
    } else {
        sockaddr_in6 v6{};
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(endpoint.port);
        std::memcpy(&v6.sin6_addr, bytes.data(), bytes.size());
        if (endpoint.address.is_link_local()) v6.sin6_scope_id = static_cast<std::uint32_t>(interface_index);
        std::memcpy(&result.storage, &v6, result.length = sizeof v6);
    }
    return result;
}

}  // namespace cambench
