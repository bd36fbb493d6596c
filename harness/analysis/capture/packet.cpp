#include "harness/analysis/capture/packet.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "harness/analysis/capture/oddities.hpp"

namespace cambench::analysis {
namespace {

constexpr std::size_t shortest_tcp_header = 20;
constexpr std::uint16_t ethertype_ipv4 = 0x0800, ethertype_arp = 0x0806, ethertype_ipv6 = 0x86dd;

bool is_vlan_tag(std::uint16_t type) { return type == 0x8100 || type == 0x88a8 || type == 0x9100; }

/// The ethertype that fits the version of a bare IP datagram.
std::uint16_t by_version(ByteReader& in) {
    if (in.empty()) return 0;
    const auto version = std::to_integer<unsigned>(in.whole()[in.position()]) >> 4;
    return version == 4 ? ethertype_ipv4 : version == 6 ? ethertype_ipv6 : 0;
}

/// Skips 802.1Q and QinQ tags, and labels of MPLS; the ethertype behind them.
std::uint16_t behind_tags(std::uint16_t type, ByteReader& in) {
    while (is_vlan_tag(type) && in.remaining() >= 4) {
        in.skip(2);
        type = in.u16();
    }
    if ((type == 0x8847 || type == 0x8848) &&
        in.remaining() >= 4) {  // MPLS: what is behind the last label tells itself
        bool last = false;
        while (!last && in.remaining() >= 4) last = (in.u32() & 0x100) != 0;
        const auto inside = by_version(in);
        return inside != 0 ? inside : type;
    }
    constexpr std::uint16_t least_type = 0x0600;
    if (type < least_type &&
        in.remaining() >=
            8) {  // 802.3: the length, then LLC; RFC 1042 puts any EtherType behind a header of SNAP
        const auto at = in.position();
        if (in.u24() == 0xaaaa03 && in.u24() == 0) {
            const auto inside = in.u16();
            if (inside == ethertype_ipv4 || inside == ethertype_ipv6 || inside == ethertype_arp ||
                is_vlan_tag(inside))
                return behind_tags(inside, in);
        }
        in.seek(at);
        if (in.u24() == 0x060603) return by_version(in);
        in.seek(at);
    }
    if (type == 0x8864 && in.remaining() >= 8) {  // PPPoE session: the PPP protocol tells what is inside
        in.skip(6);
        const auto inside = in.u16();
        if (inside == 0x21 || inside == 0x57) return inside == 0x21 ? ethertype_ipv4 : ethertype_ipv6;
        in.seek(in.position() - 2);
        return type;
    }
    return type;
}

bool decode_link(std::uint16_t link_type, ByteReader& in, Packet& packet) {
    switch (static_cast<LinkType>(link_type)) {
        case LinkType::ethernet: {
            packet.target_mac = MacAddress::from(in.take(6));
            packet.source_mac = MacAddress::from(in.take(6));
            packet.ethertype = behind_tags(in.u16(), in);
            return !in.failed();
        }
        case LinkType::linux_sll: {
            in.skip(4);
            const auto length = in.u16();
            const auto address = in.take(8);
            if (length == 6 && !in.failed()) packet.source_mac = MacAddress::from(address.first(6));
            packet.ethertype = behind_tags(in.u16(), in);
            return !in.failed();
        }
        case LinkType::linux_sll2: {
            const auto type = in.u16();
            in.skip(9);
            const auto length = in.u8();
            const auto address = in.take(8);
            if (length == 6 && !in.failed()) packet.source_mac = MacAddress::from(address.first(6));
            packet.ethertype = behind_tags(type, in);
            return !in.failed();
        }
        case LinkType::null:
        case LinkType::loop:
            in.skip(4);
            [[fallthrough]];
        case LinkType::raw:
        case LinkType::raw_bsd:
        case LinkType::raw_openbsd:
        case LinkType::ipv4:
        case LinkType::ipv6:
            packet.ethertype = by_version(in);
            return !in.failed() && packet.ethertype != 0;
    }
    return false;
}

bool decode_arp(ByteReader& in, Packet& packet) {
    const auto hardware = in.u16();
    const auto protocol = in.u16();
    const auto lengths = in.u16();
    packet.arp.operation = in.u16();
    packet.arp.sender_mac = MacAddress::from(in.take(6));
    packet.arp.sender = IpAddress::v4(in.take(4));
    in.skip(6);
    packet.arp.target = IpAddress::v4(in.take(4));
    packet.kind = Packet::Kind::arp;
    if (!in.failed()) packet.note_odd(odd_trailer(in.whole(), in.position()));
    constexpr std::uint16_t request = 1, reply = 2;
    if (packet.arp.operation != request && packet.arp.operation != reply)
        packet.note_odd("an ARP packet that neither asks nor answers");
    return !in.failed() && hardware == 1 && protocol == ethertype_ipv4 && lengths == 0x0604;
}

struct IpHeader {
    bool fine = false;
    std::size_t length = 0;  ///< of what follows the headers, on the wire
};

IpHeader decode_ipv4(ByteReader& in, Packet& packet, std::size_t wire_remaining) {
    const auto start = in.position();
    const auto first = in.u8();
    const std::size_t header = (first & 0xf) * 4U;
    in.skip(1);
    std::size_t total = in.u16();
    if (total == 0) total = wire_remaining;  // left to the network card by segmentation offload
    const auto id = packet.ip_id = in.u16();
    const auto fragment = in.u16();
    in.skip(1);
    packet.protocol = in.u8();
    in.skip(2);
    packet.source = IpAddress::v4(in.take(4));
    packet.target = IpAddress::v4(in.take(4));
    if (in.failed() || first >> 4 != 4 || header < 20 || total < header) return {};
    in.seek(start + 20);
    packet.note_odd(odd_ipv4_options(in.take(header - 20)));
    if ((fragment & 0x8000) != 0) packet.note_odd("a reserved bit of the IP header");
    if ((fragment & 0x3fff) != 0)
        packet.fragment = FragmentFields{id, (fragment & 0x1fffU) * 8U, (fragment & 0x2000) != 0};
    return {!in.failed(), total - header};
}

bool is_ipv6_extension(std::uint8_t header) {
    return header == 0 || header == 43 || header == 44 || header == 51 || header == 60 || header == 135 ||
           header == 139 || header == 140;
}

IpHeader decode_ipv6(ByteReader& in, Packet& packet, std::size_t wire_remaining) {
    const auto first = in.u32();
    std::size_t length = in.u16();
    if (length == 0)
        length = wire_remaining >= 40 ? wire_remaining - 40 : 0;  // jumbogram or segmentation offload
    auto next = in.u8();
    in.skip(1);
    packet.source = IpAddress::v6(in.take(16));
    packet.target = IpAddress::v6(in.take(16));
    if (in.failed() || first >> 28 != 6) return {};
    while (is_ipv6_extension(next)) {
        const auto kind = next;
        const auto begin = in.position();
        next = in.u8();
        const auto size = in.u8();
        std::size_t whole = (size + 1U) * 8U;
        if (kind == 44) {
            whole = 8;
            const auto field = in.u16();
            packet.fragment = FragmentFields{in.u32(), field & 0xfff8U, (field & 1) != 0};
            if (packet.fragment->offset == 0 && !packet.fragment->more)
                packet.fragment.reset();  // atomic (RFC 6946)
        } else {
            if (kind == 51) whole = (size + 2U) * 4U;
            in.skip(whole - 2);
        }
        if (in.failed() || length < whole) return {};
        length -= whole;
        if (kind != 44) packet.note_odd(odd_ipv6_extension(kind, in.whole().subspan(begin + 2, whole - 2)));
        if (packet.fragment && packet.fragment->offset != 0) break;
    }
    packet.protocol = next;
    return {true, length};
}

bool decode_tcp(ByteReader& in, Packet& packet, std::size_t wire_length) {
    packet.source_port = in.u16();
    packet.target_port = in.u16();
    packet.tcp.sequence = in.u32();
    packet.tcp.acknowledgment = in.u32();
    const auto offset_and_flags = in.u16();
    const std::size_t header = (offset_and_flags >> 12) * 4U;
    packet.tcp.fin = offset_and_flags & 1;
    packet.tcp.syn = offset_and_flags & 2;
    packet.tcp.rst = offset_and_flags & 4;
    packet.tcp.ack = offset_and_flags & 16;
    if (in.failed() || header < 20 || header > wire_length) return false;
    packet.length = wire_length - header;
    const auto recorded = in.whole().size();
    packet.note_odd(odd_tcp_header(in.whole().first(std::min(header, recorded)), packet.length));
    packet.payload = recorded > header
                         ? in.whole().subspan(header, std::min(packet.length, recorded - header))
                         : ByteView();
    return true;
}

bool decode_udp(ByteReader& in, Packet& packet, std::size_t wire_length) {
    packet.source_port = in.u16();
    packet.target_port = in.u16();
    const std::size_t claimed = in.u16();
    in.skip(2);
    if (in.failed()) return false;
    const auto whole = claimed >= 8 && claimed <= wire_length ? claimed : wire_length;
    packet.length = whole - 8;
    packet.payload = in.take(std::min(packet.length, in.remaining()));
    if (!in.empty()) packet.note_odd("data behind the end of a UDP datagram");
    if (claimed != 0 && (claimed < 8 || claimed > wire_length))
        packet.note_odd("a UDP datagram of a length that it does not have");
    return true;
}

bool decode_icmp(ByteReader& in, Packet& packet, std::size_t wire_length) {
    packet.icmp.type = in.u8();
    packet.icmp.code = in.u8();
    in.skip(2);
    packet.icmp.id = in.u16();
    in.skip(2);
    if (in.failed()) return false;
    const auto type = packet.icmp.type;
    packet.icmp.error =
        packet.protocol == 58 ? type < 128 : type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
    packet.length = wire_length - 8;
    packet.payload = in.take(std::min(packet.length, in.remaining()));
    return true;
}

/// A frame of which only the link is known.
std::optional<Packet> unreadable(Packet packet, std::size_t wire_length, std::string_view why) {
    packet.kind = Packet::Kind::other;
    packet.readable = false;
    packet.odd = why;
    packet.fragment.reset();
    packet.source = packet.target = IpAddress();
    packet.protocol = 0;
    packet.length = wire_length;
    return packet;
}

}  // namespace

bool decode_transport(Packet& packet, ByteView content, std::size_t wire_length) {
    ByteReader in(content.first(std::min(content.size(), wire_length)));
    const auto needs = [&](std::size_t header) { return wire_length >= header; };
    if (packet.is_tcp()) return needs(20) && decode_tcp(in, packet, wire_length);
    if (packet.is_udp()) return needs(8) && decode_udp(in, packet, wire_length);
    if (packet.is_icmp()) return needs(8) && decode_icmp(in, packet, wire_length);
    packet.length = wire_length;
    packet.payload = in.rest();
    return true;
}

std::optional<Packet> decode_frame(const RawFrame& frame) {
    Packet packet;
    packet.frame.number = frame.number;
    packet.frame.time = frame.time;
    ByteReader in(frame.bytes);
    if (frame.opaque_record || !decode_link(frame.link_type, in, packet)) return std::nullopt;
    const auto wire_remaining = std::max<std::size_t>(frame.wire_length, frame.bytes.size()) - in.position();
    if (packet.ethertype == ethertype_arp)
        return decode_arp(in, packet) ? std::optional(std::move(packet))
                                      : unreadable(std::move(packet), wire_remaining,
                                                   "an ARP packet that is none of IPv4 over Ethernet");
    if (packet.ethertype != ethertype_ipv4 && packet.ethertype != ethertype_ipv6) {
        packet.length = wire_remaining;
        packet.payload = in.rest();
        return packet;
    }
    const auto header = packet.ethertype == ethertype_ipv4 ? decode_ipv4(in, packet, wire_remaining)
                                                           : decode_ipv6(in, packet, wire_remaining);
    if (!header.fine)
        return unreadable(std::move(packet), wire_remaining, "an IP datagram with a damaged header");
    packet.kind = Packet::Kind::ip;
    const auto content = in.take(std::min(in.remaining(), header.length));
    if (content.size() < header.length && frame.bytes.size() >= frame.wire_length)
        packet.note_odd("an IP datagram that is longer than its frame");
    packet.note_odd(odd_trailer(frame.bytes, in.position()));
    if (packet.fragment) {
        packet.length = header.length;
        packet.payload = content;
        return packet;
    }
    if (!decode_transport(packet, content, header.length)) {
        // Still a datagram to somewhere: it counts, with its ports unknown.
        const bool cut_tcp =
            packet.is_tcp() && content.size() < shortest_tcp_header && header.length >= shortest_tcp_header;
        packet.length = cut_tcp ? header.length - shortest_tcp_header : header.length;
        packet.payload = cut_tcp ? ByteView() : content;
        if (!cut_tcp && content.size() == header.length)
            packet.note_odd("a datagram with a damaged header of its transport");
    }
    return packet;
}

std::string unread_link(std::uint16_t link_type) {
    switch (static_cast<LinkType>(link_type)) {
        case LinkType::ethernet:
        case LinkType::linux_sll:
        case LinkType::linux_sll2:
        case LinkType::null:
        case LinkType::loop:
        case LinkType::raw:
        case LinkType::raw_bsd:
        case LinkType::raw_openbsd:
        case LinkType::ipv4:
        case LinkType::ipv6:
            return {};
    }
    constexpr std::uint16_t wireless = 105, wireless_prism = 119, wireless_radiotap = 127, usb = 189,
                            usb_mapped = 220;
    const bool air = link_type == wireless || link_type == wireless_prism || link_type == wireless_radiotap;
    const auto* what =
        air ? "frames of the air (802.11): record where they are Ethernet, at the access point or the switch"
        : link_type == usb || link_type == usb_mapped ? "transfers over USB"
                                                      : "frames of another network";
    return fmt::format("link type {} is not read: {}", link_type, what);
}

namespace {

/// The IP header that an error quotes; `in` is behind it then.
IpHeader decode_quoted_header(ByteReader& in, Packet& packet, IpAddress::Family family) {
    packet.kind = Packet::Kind::ip;
    const auto length = in.remaining();
    return family == IpAddress::Family::v4 ? decode_ipv4(in, packet, length)
                                           : decode_ipv6(in, packet, length);
}

}  // namespace

std::optional<Packet> decode_quoted_content(ByteView bytes, IpAddress::Family family) {
    Packet packet;
    ByteReader in(bytes);
    const auto header = decode_quoted_header(in, packet, family);
    if (!header.fine) return std::nullopt;
    const auto content = in.take(std::min(in.remaining(), header.length));
    const bool decoded = packet.fragment || decode_transport(packet, content, header.length);
    if (!in.empty() || (!decoded && content.size() >= shortest_tcp_header)) return std::nullopt;
    return packet;
}

std::optional<Packet> decode_quoted(ByteView bytes, IpAddress::Family family) {
    Packet packet;
    ByteReader in(bytes);
    if (!decode_quoted_header(in, packet, family).fine) return std::nullopt;
    if (packet.is_tcp() || packet.is_udp()) {
        packet.source_port = in.u16();
        packet.target_port = in.u16();
    } else if (packet.is_icmp()) {
        packet.icmp.type = in.u8();
    }
    return in.failed() ? std::nullopt : std::optional(packet);
}

}  // namespace cambench::analysis
