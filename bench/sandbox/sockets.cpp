#include "bench/sandbox/sockets.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace cambench::sandbox {
namespace {

constexpr auto tun_device = "/dev/net/tun";
constexpr int accept_backlog = 4096;
constexpr std::size_t calls_of_a_run = 64;  // each way: what the fake internet may call back
constexpr int datagram_buffer = 8 << 20;

Status set_option(int socket, int level, int option, int value, std::string_view what) {
    if (::setsockopt(socket, level, option, &value, sizeof value) != 0) return system_error(what, errno);
    return {};
}

Status bind_any(int socket, int family, std::uint16_t port) {
    sockaddr_storage storage{};
    socklen_t length = 0;
    if (family == AF_INET) {
        auto* address = reinterpret_cast<sockaddr_in*>(&storage);
        address->sin_family = AF_INET;
        address->sin_port = htons(port);
        length = sizeof *address;
    } else {
        auto* address = reinterpret_cast<sockaddr_in6*>(&storage);
        address->sin6_family = AF_INET6;
        address->sin6_port = htons(port);
        length = sizeof *address;
    }
    if (::bind(socket, reinterpret_cast<sockaddr*>(&storage), length) != 0)
        return system_error(fmt::format("bind port {} of the fake internet", port), errno);
    return {};
}

/// May have any address of the world as its own.
Result<FileHandle> unbound_socket(int family, int type) {
    FileHandle handle(::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!handle.valid()) return system_error("open a socket of the fake internet", errno);
    TRY(set_option(handle.get(), SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR"));
    if (family == AF_INET6) {
        TRY(set_option(handle.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1, "IPV6_V6ONLY"));
        TRY(set_option(handle.get(), IPPROTO_IPV6, IPV6_TRANSPARENT, 1, "IPV6_TRANSPARENT"));
    } else {
        TRY(set_option(handle.get(), IPPROTO_IP, IP_TRANSPARENT, 1, "IP_TRANSPARENT"));
    }
    return handle;
}

Result<FileHandle> transparent_socket(int family, int type, std::uint16_t port) {
    TRY_ASSIGN(auto handle, unbound_socket(family, type));
    if (type == SOCK_DGRAM) {
        if (family == AF_INET6)
            TRY(set_option(handle.get(), IPPROTO_IPV6, IPV6_RECVORIGDSTADDR, 1, "IPV6_RECVORIGDSTADDR"));
        else
            TRY(set_option(handle.get(), IPPROTO_IP, IP_RECVORIGDSTADDR, 1, "IP_RECVORIGDSTADDR"));
        (void)set_option(handle.get(), SOL_SOCKET, SO_RCVBUF, datagram_buffer, "SO_RCVBUF");
    }
    TRY(bind_any(handle.get(), family, port));
    if (type == SOCK_STREAM && ::listen(handle.get(), accept_backlog) != 0)
        return system_error("listen for the fake internet", errno);
    return handle;
}

Result<FileHandle> raw_socket(int family) {
    FileHandle handle(::socket(family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_RAW));
    if (!handle.valid()) return system_error("open a raw socket of the fake internet", errno);
    if (family == AF_INET6)
        TRY(set_option(handle.get(), IPPROTO_IPV6, IPV6_HDRINCL, 1, "IPV6_HDRINCL"));
    else
        TRY(set_option(handle.get(), IPPROTO_IP, IP_HDRINCL, 1, "IP_HDRINCL"));
    return handle;
}

Status bind_to_interface(int socket, const std::string& interface) {
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETH_P_ALL);
    address.sll_ifindex = static_cast<int>(::if_nametoindex(interface.c_str()));
    if (address.sll_ifindex == 0) return bench_error(fmt::format("interface {} was not found", interface));
    if (::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        return system_error("listen on " + interface, errno);
    return {};
}

Status be_promiscuous(int socket, const std::string& interface) {
    packet_mreq request{};
    request.mr_ifindex = static_cast<int>(::if_nametoindex(interface.c_str()));
    request.mr_type = PACKET_MR_PROMISC;
    if (::setsockopt(socket, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &request, sizeof request) != 0)
        return system_error("see every frame of " + interface, errno);
    return {};
}

/// Opens with protocol 0, so that nothing queues up before the socket is bound to its interface.
Result<FileHandle> packet_socket() {
    FileHandle handle(::socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!handle.valid()) return system_error("open a packet socket", errno);
    return handle;
}

Result<FileHandle> attach_tap(const std::string& name) {
    FileHandle handle(::open(tun_device, O_RDWR | O_CLOEXEC | O_NONBLOCK));
    if (!handle.valid()) return system_error(std::string("open ") + tun_device, errno);
    ifreq request{};
    request.ifr_flags = IFF_TAP | IFF_NO_PI;
    std::strncpy(request.ifr_name, name.c_str(), IFNAMSIZ - 1);
    if (::ioctl(handle.get(), TUNSETIFF, &request) != 0)
        return system_error("attach to the tap " + name, errno);
    return handle;
}

}  // namespace

Result<OpenSockets> open_sockets(const Layout& layout) {
    OpenSockets sockets;
    TRY_ASSIGN(sockets.tcp4, transparent_socket(AF_INET, SOCK_STREAM, layout.tcp_port));
    TRY_ASSIGN(sockets.tcp6, transparent_socket(AF_INET6, SOCK_STREAM, layout.tcp_port));
    TRY_ASSIGN(sockets.udp4, transparent_socket(AF_INET, SOCK_DGRAM, layout.udp_port));
    TRY_ASSIGN(sockets.udp6, transparent_socket(AF_INET6, SOCK_DGRAM, layout.udp_port));
    TRY_ASSIGN(sockets.raw4, raw_socket(AF_INET));
    TRY_ASSIGN(sockets.raw6, raw_socket(AF_INET6));
    for (std::size_t i = 0; i < calls_of_a_run; ++i) {
        TRY_ASSIGN(auto calling4, unbound_socket(AF_INET, SOCK_STREAM));
        sockets.calling4.push_back(std::move(calling4));
        TRY_ASSIGN(auto calling6, unbound_socket(AF_INET6, SOCK_STREAM));
        sockets.calling6.push_back(std::move(calling6));
    }
    TRY_ASSIGN(sockets.packet, packet_socket());
    (void)set_option(sockets.packet.get(), SOL_SOCKET, SO_RCVBUF, datagram_buffer, "SO_RCVBUF");
    TRY(bind_to_interface(sockets.packet.get(), layout.interface));
    TRY(be_promiscuous(sockets.packet.get(), layout.interface));
    return sockets;
}

Status make_tap(const std::string& name) {
    TRY_ASSIGN(const auto handle, attach_tap(name));
    if (::ioctl(handle.get(), TUNSETPERSIST, 1) != 0) return system_error("keep the tap " + name, errno);
    return {};
}

Result<FileHandle> open_tap(const std::string& name) { return attach_tap(name); }

Result<FileHandle> open_capture(const std::string& interface, std::size_t bytes) {
    TRY_ASSIGN(auto handle, packet_socket());
    TRY(set_option(handle.get(), SOL_PACKET, PACKET_VERSION, TPACKET_V3, "PACKET_VERSION"));
    tpacket_req3 ring{};
    ring.tp_block_size = capture_block_bytes;
    ring.tp_block_nr = static_cast<unsigned>(std::max<std::size_t>(bytes / capture_block_bytes, 2));
    ring.tp_frame_size = TPACKET_ALIGNMENT << 7;
    ring.tp_frame_nr = ring.tp_block_size / ring.tp_frame_size * ring.tp_block_nr;
    ring.tp_retire_blk_tov = 20;  // ms after which a block that is not full is handed over
    if (::setsockopt(handle.get(), SOL_PACKET, PACKET_RX_RING, &ring, sizeof ring) != 0)
        return system_error("make the capture ring", errno);
    TRY(be_promiscuous(handle.get(), interface));
    TRY(bind_to_interface(handle.get(), interface));
    return handle;
}

}  // namespace cambench::sandbox
