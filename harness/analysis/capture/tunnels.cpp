#include "harness/analysis/capture/tunnels.hpp"

#include <algorithm>
#include <array>

namespace cambench::analysis {
namespace {

constexpr std::uint8_t ip_in_ip = 4, six_in_ip = 41, gre = 47;
constexpr std::uint16_t transparent_ethernet = 0x6558, ethertype_ipv4 = 0x0800, ethertype_ipv6 = 0x86dd;
constexpr std::size_t shortest_ethernet_frame = 60;  // without its check sum; shorter ones are padded

/// The frame behind the first `header` bytes of what a datagram carries.
std::optional<Packet> frame_behind(const Packet& outer, std::size_t header, LinkType link) {
    if (outer.payload.size() <= header || outer.length <= header) return std::nullopt;
    RawFrame raw;
    raw.number = outer.frame.number;
    raw.time = outer.frame.time;
    raw.link_type = static_cast<std::uint16_t>(link);
    raw.wire_length = static_cast<std::uint32_t>(outer.length - header);
    raw.bytes = outer.payload.subspan(header);
    auto inner = decode_frame(raw);
    if (inner && !inner->readable) return std::nullopt;
    if (inner) inner->frame = outer.frame, inner->side = outer.side;
    return inner;
}

/// Whether the frame inside fits what carries it to the byte: chance does not make that.
bool fits(const Packet& outer, std::size_t header, const std::optional<Packet>& inner) {
    if (!inner || inner->kind == Packet::Kind::other) return false;
    if (inner->kind == Packet::Kind::arp) return true;
    constexpr std::size_t least = 14 + 20,
                          most = 14 + 8 + 120;  // headers of link and IP, those of the transport beside them
    const auto room = outer.length - header;
    if (inner->length + least > room) return false;
    return room <= shortest_ethernet_frame || room - inner->length <= most;
}

Wrapped wrapped_in(std::string_view kind, std::optional<Packet> inner, bool mirror_by_kind = false) {
    return {kind, mirror_by_kind, std::move(inner)};
}

/// RFC 7348, with the group policy of VXLAN-GBP; VXLAN-GPE names what follows.
std::optional<Wrapped> in_vxlan(const Packet& outer) {
    ByteReader in(outer.payload);
    const auto flags = in.u8();
    const auto second = in.u8();
    in.skip(5);
    const auto last = in.u8();
    const bool own_port = outer.target_port == 4789 || outer.target_port == 8472 || outer.target_port == 4790;
    if (in.failed() || (flags & 0x08) == 0 || (flags & 0x73) != 0) return std::nullopt;
    const bool names_next = outer.target_port == 4790 && (flags & 0x04) != 0;
    if (!own_port && (flags != 8 || second != 0 || last != 0 || outer.payload[2] != std::byte{0} ||
                      outer.payload[3] != std::byte{0}))
        return std::nullopt;
    const auto next = names_next ? std::to_integer<unsigned>(outer.payload[3]) : 3U;
    if (next < 1 || next > 3) return std::nullopt;
    auto inner = frame_behind(outer, 8, next == 3 ? LinkType::ethernet : LinkType::raw);
    if (!own_port && !fits(outer, 8, inner)) return std::nullopt;
    return wrapped_in("VXLAN", std::move(inner));
}

std::optional<LinkType> link_of(std::uint16_t ethertype) {
    if (ethertype == transparent_ethernet) return LinkType::ethernet;
    if (ethertype == ethertype_ipv4 || ethertype == ethertype_ipv6) return LinkType::raw;
    return std::nullopt;
}

/// RFC 8926.
std::optional<Wrapped> in_geneve(const Packet& outer) {
    ByteReader in(outer.payload);
    const auto version_and_options = in.u8();
    const auto flags = in.u8();
    const auto link = link_of(in.u16());
    in.skip(3);
    const auto reserved = in.u8();
    const bool own_port = outer.target_port == 6081;
    if (in.failed() || (version_and_options & 0xc0) != 0 || (flags & 0x3f) != 0 || reserved != 0 || !link)
        return std::nullopt;
    if (!own_port && *link != LinkType::ethernet) return std::nullopt;
    const std::size_t header = 8U + (version_and_options & 0x3fU) * 4U;
    auto inner = frame_behind(outer, header, *link);
    if (!own_port && !fits(outer, header, inner)) return std::nullopt;
    return wrapped_in("GENEVE", std::move(inner));
}

/// TaZmen Sniffer Protocol, by which access points and routers send what they sniff.
std::optional<Wrapped> in_tzsp(const Packet& outer) {
    ByteReader in(outer.payload);
    const auto version = in.u8();
    const auto type = in.u8();
    const auto content = in.u16();
    constexpr std::uint16_t ethernet = 1;
    constexpr std::uint8_t padding = 0, end = 1;
    if (in.failed() || version != 1 || type > 1) return std::nullopt;
    for (;;) {
        const auto tag = in.u8();
        if (in.failed()) return std::nullopt;
        if (tag == end) break;
        if (tag != padding) in.skip(in.u8());
    }
    const bool own_port = outer.target_port == 37008;
    auto inner = content == ethernet ? frame_behind(outer, in.position(), LinkType::ethernet) : std::nullopt;
    if (!own_port && !fits(outer, in.position(), inner)) return std::nullopt;
    return wrapped_in("TZSP", std::move(inner), true);
}

/// RFC 2784 and 2890; ERSPAN's three types (draft-foschiano-erspan).
std::optional<Wrapped> in_gre(const Packet& outer) {
    constexpr std::uint16_t has_sum = 0x8000, has_route = 0x4000, has_key = 0x2000, has_sequence = 0x1000;
    constexpr std::uint16_t erspan = 0x88be, erspan3 = 0x22eb;
    ByteReader in(outer.payload);
    const auto flags = in.u16();
    const auto protocol = in.u16();
    if (in.failed() || (flags & 7) != 0)
        return in.failed() ? std::nullopt : std::optional(wrapped_in("GRE", std::nullopt));
    std::size_t header = 4;
    if ((flags & (has_sum | has_route)) != 0) header += 4;
    if ((flags & has_key) != 0) header += 4;
    if ((flags & has_sequence) != 0) header += 4;
    if (protocol == erspan)
        return wrapped_in(
            "ERSPAN", frame_behind(outer, header + ((flags & has_sequence) != 0 ? 8 : 0), LinkType::ethernet),
            true);
    if (protocol == erspan3) {
        constexpr std::size_t fixed = 12, platform = 8;
        const bool more = outer.payload.size() >= header + fixed &&
                          (std::to_integer<unsigned>(outer.payload[header + fixed - 1]) & 1) != 0;
        return wrapped_in(
            "ERSPAN", frame_behind(outer, header + fixed + (more ? platform : 0), LinkType::ethernet), true);
    }
    const auto link = link_of(protocol);
    return wrapped_in("GRE", link ? frame_behind(outer, header, *link) : std::nullopt);
}

/// An IP datagram that fills a UDP datagram to the byte: Teredo (RFC 4380) and its like.
std::optional<Wrapped> in_bare_udp(const Packet& outer) {
    constexpr std::array<std::uint8_t, 10> carried{1, 2, 4, 6, 17, 41, 47, 50, 58, 132};
    constexpr std::size_t v6_header = 40;
    ByteReader in(outer.payload);
    const bool v4 = in.u8() >> 4 == 4;
    in.skip(1);
    const auto second = in.u16();
    const std::size_t length = v4 ? second : v6_header + in.u16();
    in.skip(v4 ? 5 : 0);
    const auto protocol = in.u8();
    if (in.failed() || length != outer.length ||
        std::find(carried.begin(), carried.end(), protocol) == carried.end())
        return std::nullopt;
    auto inner = frame_behind(outer, 0, LinkType::raw);
    if (!inner) return std::nullopt;
    return wrapped_in("IP in UDP", std::move(inner));
}

}  // namespace

std::optional<Wrapped> unwrap(const Packet& outer) {
    if (outer.kind != Packet::Kind::ip || outer.fragment || outer.payload.size() < 4) return std::nullopt;
    if (outer.protocol == gre) return in_gre(outer);
    if (outer.protocol == ip_in_ip || outer.protocol == six_in_ip)
        return wrapped_in("IP in IP", frame_behind(outer, 0, LinkType::raw));
    if (!outer.is_udp()) return std::nullopt;
    const auto version = std::to_integer<unsigned>(outer.payload[0]) >> 4;
    if (version == 4 || version == 6) return in_bare_udp(outer);
    switch (std::to_integer<unsigned>(outer.payload[0])) {
        case 0x08:
        case 0x0c:
        case 0x88:
        case 0x8c:
            return in_vxlan(outer);
        case 0x01:
            if (auto tzsp = in_tzsp(outer)) return tzsp;
            break;
        default:
            break;
    }
    return (std::to_integer<unsigned>(outer.payload[0]) & 0xc0) == 0 ? in_geneve(outer) : std::nullopt;
}

void TunnelSurvey::add(const Packet& outer, const Wrapped& wrapped) {
    const WrappedWay way{wrapped.kind, outer.source, outer.target};
    if (ways_.size() >= most_ways && !ways_.contains(way)) return;
    auto& seen = ways_[way];
    if (seen.frames.frames++ == 0) {
        seen.frames.kind = wrapped.kind;
        seen.frames.from = outer.source;
        seen.frames.to = outer.target;
        seen.frames.first = outer.frame;
    }
    seen.mirror_by_kind = seen.mirror_by_kind || (wrapped.mirror_by_kind && wrapped.inner);
    if (!wrapped.inner || wrapped.inner->kind != Packet::Kind::ip || seen.both_directions) return;
    const auto& inner = *wrapped.inner;
    seen.both_directions = seen.pairs.contains({inner.target, inner.source});
    if (seen.pairs.size() < most_pairs) seen.pairs.insert({inner.source, inner.target});
}

std::set<WrappedWay> TunnelSurvey::mirrors() const {
    std::set<WrappedWay> mirrors;
    for (const auto& [way, seen] : ways_) {
        const auto back = ways_.find({way.kind, way.to, way.from});
        const bool one_way = back == ways_.end();
        if (seen.mirror_by_kind || (seen.both_directions && one_way)) mirrors.insert(way);
    }
    return mirrors;
}

std::vector<WrappedFrames> TunnelSurvey::summary(const std::set<WrappedWay>& opened) const {
    std::vector<WrappedFrames> all;
    for (const auto& [way, seen] : ways_) {
        all.push_back(seen.frames);
        all.back().opened = opened.contains(way);
    }
    std::stable_sort(all.begin(), all.end(), [](const WrappedFrames& a, const WrappedFrames& b) {
        return std::pair(a.first.capture, a.first.number) < std::pair(b.first.capture, b.first.number);
    });
    return all;
}

}  // namespace cambench::analysis
