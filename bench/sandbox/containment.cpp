#include "bench/sandbox/containment.hpp"

#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "bench/sandbox/namespaces.hpp"
#include "harness/core/socket_address.hpp"
#include "harness/core/text.hpp"

namespace cambench::sandbox {
namespace {

constexpr std::string_view token = "cambench leak self-test";

std::vector<IpAddress> own_addresses() {
    std::vector<IpAddress> addresses;
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0) return addresses;
    for (const auto* entry = list; entry != nullptr; entry = entry->ifa_next) {
        if (entry->ifa_addr == nullptr) continue;
        IpAddress address;
        if (entry->ifa_addr->sa_family == AF_INET)
            address =
                IpAddress::v4(ByteView(reinterpret_cast<const std::byte*>(
                                           &reinterpret_cast<const sockaddr_in*>(entry->ifa_addr)->sin_addr),
                                       4));
        else if (entry->ifa_addr->sa_family == AF_INET6)
            address = IpAddress::v6(
                ByteView(reinterpret_cast<const std::byte*>(
                             &reinterpret_cast<const sockaddr_in6*>(entry->ifa_addr)->sin6_addr),
                         16));
        else
            continue;
        if (!address.is_link_local()) addresses.push_back(address);
    }
    ::freeifaddrs(list);
    return addresses;
}

Result<FileHandle> listening_socket(const IpAddress& address, int type, std::uint16_t& port) {
    FileHandle handle(::socket(address.is_v4() ? AF_INET : AF_INET6, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const auto target = socket_address_of({address, port});
    if (!handle.valid() || ::bind(handle.get(), target.get(), target.length) != 0)
        return system_error("open a far end of the leak self-test", errno);
    if (type == SOCK_STREAM && ::listen(handle.get(), 4) != 0)
        return system_error("open a far end of the leak self-test", errno);
    SocketAddress actual;
    ::getsockname(handle.get(), actual.get(), &actual.length);
    port = endpoint_of(actual.storage).port;
    return handle;
}

}  // namespace

Result<Canary> Canary::open() {
    Canary canary;
    for (const auto& address : own_addresses()) {
        std::uint16_t port = 0;
        auto stream = listening_socket(address, SOCK_STREAM, port);
        auto datagram = listening_socket(address, SOCK_DGRAM, port);
        if (!stream || !datagram) continue;
        canary.endpoints_.push_back({address, port});
        canary.sockets_.push_back(std::move(*stream));
        canary.sockets_.push_back(std::move(*datagram));
    }
    return canary;
}

Status Canary::untouched(Deadline deadline) const {
    std::vector<pollfd> entries;
    for (const auto& socket : sockets_) entries.push_back({socket.get(), POLLIN, 0});
    if (::poll(entries.data(), entries.size(), static_cast<int>(deadline.remaining().count())) <= 0)
        return {};
    for (std::size_t i = 0; i < entries.size(); ++i)
        if (entries[i].revents != 0)
            return bench_error(fmt::format("leak self-test: a packet from the sandbox reached the host at {}",
                                           endpoints_[i / 2].to_string()));
    return {};
}

void try_to_leak(const std::vector<Endpoint>& endpoints) {
    for (const auto& endpoint : endpoints) {
        const auto target = socket_address_of(endpoint);
        const int family = endpoint.address.is_v4() ? AF_INET : AF_INET6;
        const FileHandle datagram(::socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        (void)::sendto(datagram.get(), token.data(), token.size(), MSG_NOSIGNAL, target.get(), target.length);
        const FileHandle stream(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        (void)::connect(stream.get(), target.get(), target.length);
    }
}

Status check_containment(const Layout& layout, const std::string& host) {
    if (network_namespace_of(0) == host)
        return bench_error("leak self-test: the sandbox is in the host's own network namespace");
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0) return system_error("leak self-test: list interfaces", errno);
    std::string way_out;
    for (const auto* entry = list; entry != nullptr; entry = entry->ifa_next) {
        const std::string name = entry->ifa_name;
        if ((entry->ifa_flags & IFF_UP) != 0 && name != "lo" && name != layout.interface &&
            name != layout.pulse_interface)
            way_out = name;
    }
    ::freeifaddrs(list);
    if (!way_out.empty())
        return bench_error(
            fmt::format("leak self-test: the sandbox has another way out, interface {}", way_out));
    for (const auto* setting : {"/proc/sys/net/ipv4/ip_forward", "/proc/sys/net/ipv6/conf/all/forwarding"}) {
        const auto value = read_kernel_file(setting);
        if (value && trim(*value) != "0")
            return bench_error(fmt::format("leak self-test: {} is {}", setting, trim(*value)));
    }
    return {};
}

}  // namespace cambench::sandbox
