#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "harness/core/bytes.hpp"
#include "harness/core/ip.hpp"
#include "harness/core/result.hpp"

/// Frames and packets taken apart and put together: Ethernet, IPv4, IPv6, UDP.
namespace cambench::internet {

namespace ethertype {
constexpr std::uint16_t ipv4 = 0x0800, arp = 0x0806, vlan = 0x8100, ipv6 = 0x86dd;
}
namespace ip_protocol {
constexpr std::uint8_t hop_by_hop = 0, icmp = 1, tcp = 6, udp = 17, icmpv6 = 58;
}

struct EthernetFrame {
    MacAddress destination, source;
    std::uint16_t type = 0;
    ByteView payload;
};
[[nodiscard]] Result<EthernetFrame> parse_ethernet(ByteView frame);
[[nodiscard]] Bytes ethernet_frame(const MacAddress& destination, const MacAddress& source,
                                   std::uint16_t type, ByteView payload);

struct IpPacket {
    IpAddress source, destination;
    std::uint8_t protocol = 0;
    std::uint8_t hop_limit = 0;
    bool fragment = false;  ///< a piece of a packet; `payload` is that piece
    ByteView payload;       ///< without padding of the frame
};
/// IPv4 or IPv6 by the first four bits.
[[nodiscard]] Result<IpPacket> parse_ip(ByteView packet);

struct UdpDatagram {
    std::uint16_t source_port = 0, destination_port = 0;
    ByteView payload;
};
[[nodiscard]] Result<UdpDatagram> parse_udp(ByteView segment);

/// An unfragmented packet. `source` and `destination` are of one family.
[[nodiscard]] Bytes ip_packet(const IpAddress& source, const IpAddress& destination, std::uint8_t protocol,
                              ByteView payload, std::uint8_t hop_limit = 64);
/// A UDP segment with its checksum.
[[nodiscard]] Bytes udp_segment(const Endpoint& source, const Endpoint& destination, ByteView payload);
/// A whole datagram, in fragments when it is longer than `mtu`. Empty when it is too long for UDP.
[[nodiscard]] std::vector<Bytes> udp_packets(const Endpoint& source, const Endpoint& destination,
                                             ByteView payload, unsigned mtu);

/// RFC 1071 over `bytes`, for ICMP (IPv4).
[[nodiscard]] std::uint16_t internet_checksum(ByteView bytes, std::uint32_t start = 0);
/// With the pseudo header of UDP, TCP and ICMPv6.
[[nodiscard]] std::uint16_t transport_checksum(const IpAddress& source, const IpAddress& destination,
                                               std::uint8_t protocol, ByteView segment);

/// The frame address of a group.
[[nodiscard]] MacAddress multicast_mac(const IpAddress& group);

}  // namespace cambench::internet
