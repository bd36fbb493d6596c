#include "harness/wire/packets.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cambench::internet {
namespace {

constexpr std::uint8_t ipv6_routing = 43, ipv6_fragment = 44, ipv6_destination_options = 60;

std::uint32_t sum_words(ByteView bytes, std::uint32_t sum) {
    std::size_t i = 0;
    for (; i + 1 < bytes.size(); i += 2) {
        sum += std::to_integer<std::uint32_t>(bytes[i]) << 8 | std::to_integer<std::uint32_t>(bytes[i + 1]);
        sum = (sum & 0xffff) + (sum >> 16);
    }
    if (i < bytes.size()) sum += std::to_integer<std::uint32_t>(bytes[i]) << 8;
    return sum;
}

Result<IpPacket> parse_ipv4(ByteView bytes) {
    ByteReader reader(bytes);
    IpPacket packet;
    const auto header = static_cast<std::size_t>(reader.u8() & 15) * 4;
    reader.skip(1);
    const std::size_t total = reader.u16();
    reader.skip(2);
    const auto fragmentation = reader.u16();
    packet.hop_limit = reader.u8();
    packet.protocol = reader.u8();
    reader.skip(2);
    packet.source = IpAddress::v4(reader.take(4));
    packet.destination = IpAddress::v4(reader.take(4));
    if (reader.failed() || header < 20 || total < header || total > bytes.size())
        return dut_error("ipv4: malformed header");
    packet.fragment = (fragmentation & 0x3fff) != 0;
    packet.payload = bytes.subspan(header, total - header);
    return packet;
}

Result<IpPacket> parse_ipv6(ByteView bytes) {
    ByteReader reader(bytes);
    IpPacket packet;
    reader.skip(4);
    const std::size_t length = reader.u16();
    packet.protocol = reader.u8();
    packet.hop_limit = reader.u8();
    packet.source = IpAddress::v6(reader.take(16));
    packet.destination = IpAddress::v6(reader.take(16));
    if (reader.failed() || length > reader.remaining()) return dut_error("ipv6: malformed header");
    ByteReader inner(reader.take(length));
    for (unsigned hops = 0; hops < 8; ++hops) {
        const auto kind = packet.protocol;
        if (kind != ip_protocol::hop_by_hop && kind != ipv6_routing && kind != ipv6_destination_options &&
            kind != ipv6_fragment)
            break;
        packet.protocol = inner.u8();
        const std::size_t extent = inner.u8();
        if (kind == ipv6_fragment) {
            packet.fragment = (inner.u16() & 0xfff9) != 0;
            inner.skip(4);
        } else {
            inner.skip(extent * 8 + 6);
        }
        if (inner.failed()) return dut_error("ipv6: malformed extension header");
    }
    packet.payload = inner.rest();
    return packet;
}

ByteWriter ipv4_header(const IpAddress& source, const IpAddress& destination, std::uint8_t protocol,
                       std::size_t payload, std::uint8_t hop_limit, std::uint16_t id,
                       std::uint16_t fragmentation) {
    ByteWriter header;
    header.u8(0x45)
        .u8(0)
        .u16(static_cast<std::uint16_t>(20 + payload))
        .u16(id)
        .u16(fragmentation)
        .u8(hop_limit)
        .u8(protocol)
        .u16(0);
    header.bytes(source.bytes()).bytes(destination.bytes());
    header.patch_u16(10, internet_checksum(header.view()));
    return header;
}

ByteWriter ipv6_header(const IpAddress& source, const IpAddress& destination, std::uint8_t protocol,
                       std::size_t payload, std::uint8_t hop_limit) {
    ByteWriter header;
    header.u32(0x60000000)
        .u16(static_cast<std::uint16_t>(payload))
        .u8(protocol)
        .u8(hop_limit)
        .bytes(source.bytes())
        .bytes(destination.bytes());
    return header;
}

std::vector<Bytes> fragments(const IpAddress& source, const IpAddress& destination, ByteView segment,
                             unsigned mtu, std::uint16_t id) {
    std::vector<Bytes> packets;
    const std::size_t overhead = source.is_v4() ? 20 : 48;
    const std::size_t piece_size = (std::max(mtu, 576U) - overhead) / 8 * 8;
    for (std::size_t offset = 0; offset < segment.size(); offset += piece_size) {
        const auto piece = segment.subspan(offset, std::min(piece_size, segment.size() - offset));
        const bool more = offset + piece.size() < segment.size();
        auto packet = source.is_v4()
                          ? ipv4_header(source, destination, ip_protocol::udp, piece.size(), 64, id,
                                        static_cast<std::uint16_t>((more ? 0x2000 : 0) | offset / 8))
                          : ipv6_header(source, destination, ipv6_fragment, piece.size() + 8, 64);
        if (!source.is_v4())
            packet.u8(ip_protocol::udp)
                .u8(0)
                .u16(static_cast<std::uint16_t>(offset | (more ? 1 : 0)))
                .u32(id);
        packets.push_back(packet.bytes(piece).take());
    }
    return packets;
}

}  // namespace

Result<EthernetFrame> parse_ethernet(ByteView frame) {
    ByteReader reader(frame);
    EthernetFrame parsed;
    parsed.destination = MacAddress::from(reader.take(6));
    parsed.source = MacAddress::from(reader.take(6));
    parsed.type = reader.u16();
    if (parsed.type == ethertype::vlan) {
        reader.skip(2);
        parsed.type = reader.u16();
    }
    if (reader.failed()) return dut_error("ethernet: frame cut short");
    parsed.payload = reader.rest();
    return parsed;
}

Bytes ethernet_frame(const MacAddress& destination, const MacAddress& source, std::uint16_t type,
                     ByteView payload) {
    ByteWriter frame;
    return frame.bytes(destination.bytes()).bytes(source.bytes()).u16(type).bytes(payload).take();
}

Result<IpPacket> parse_ip(ByteView packet) {
    const auto version = packet.empty() ? 0U : std::to_integer<unsigned>(packet[0]) >> 4;
    if (version == 4) return parse_ipv4(packet);
    if (version == 6) return parse_ipv6(packet);
    return dut_error(fmt::format("ip: version {} is none", version));
}

Result<UdpDatagram> parse_udp(ByteView segment) {
    ByteReader reader(segment);
    UdpDatagram datagram;
    datagram.source_port = reader.u16();
    datagram.destination_port = reader.u16();
    const std::size_t length = reader.u16();
    reader.skip(2);
    if (reader.failed() || length < 8 || length > segment.size()) return dut_error("udp: malformed header");
    datagram.payload = segment.subspan(8, length - 8);
    return datagram;
}

std::uint16_t internet_checksum(ByteView bytes, std::uint32_t start) {
    auto sum = sum_words(bytes, start);
    while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(~sum);
}

std::uint16_t transport_checksum(const IpAddress& source, const IpAddress& destination, std::uint8_t protocol,
                                 ByteView segment) {
    auto sum = sum_words(destination.bytes(), sum_words(source.bytes(), protocol));
    sum += static_cast<std::uint32_t>(segment.size() & 0xffff) +
           static_cast<std::uint32_t>(segment.size() >> 16);
    return internet_checksum(segment, sum);
}

Bytes ip_packet(const IpAddress& source, const IpAddress& destination, std::uint8_t protocol,
                ByteView payload, std::uint8_t hop_limit) {
    auto packet = source.is_v4()
                      ? ipv4_header(source, destination, protocol, payload.size(), hop_limit, 0, 0x4000)
                      : ipv6_header(source, destination, protocol, payload.size(), hop_limit);
    return packet.bytes(payload).take();
}

Bytes udp_segment(const Endpoint& source, const Endpoint& destination, ByteView payload) {
    ByteWriter segment;
    segment.u16(source.port)
        .u16(destination.port)
        .u16(static_cast<std::uint16_t>(8 + payload.size()))
        .u16(0)
        .bytes(payload);
    const auto sum =
        transport_checksum(source.address, destination.address, ip_protocol::udp, segment.view());
    return segment.patch_u16(6, sum == 0 ? 0xffff : sum).take();
}

std::vector<Bytes> udp_packets(const Endpoint& source, const Endpoint& destination, ByteView payload,
                               unsigned mtu) {
    if (payload.size() > 65507 || source.address.family() != destination.address.family()) return {};
    const auto segment = udp_segment(source, destination, payload);
    const std::size_t header = source.address.is_v4() ? 20 : 40;
    if (header + segment.size() <= mtu)
        return {ip_packet(source.address, destination.address, ip_protocol::udp, segment)};
    // The checksum is as good an identification as any: it differs between datagrams that follow each other.
    const auto id = static_cast<std::uint16_t>(std::to_integer<unsigned>(segment[6]) << 8 |
                                               std::to_integer<unsigned>(segment[7]));
    return fragments(source.address, destination.address, segment, mtu, id);
}

MacAddress multicast_mac(const IpAddress& group) {
    const auto bytes = group.bytes();
    if (group.is_v4())
        return MacAddress({std::byte{0x01}, std::byte{0x00}, std::byte{0x5e}, bytes[1] & std::byte{0x7f},
                           bytes[2], bytes[3]});
    return MacAddress({std::byte{0x33}, std::byte{0x33}, bytes[12], bytes[13], bytes[14], bytes[15]});
}

}  // namespace cambench::internet
