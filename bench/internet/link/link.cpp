#include "bench/internet/link/link.hpp"

#include <fmt/format.h>

#include <array>

#include "bench/internet/services/names/discovery.hpp"
#include "bench/internet/services/names/local_names.hpp"
#include "bench/internet/services/web/gateway.hpp"
#include "bench/internet/world/characterise.hpp"
#include "harness/wire/protocols.hpp"

namespace cambench::internet {
namespace {

constexpr std::uint16_t arp_request = 1, arp_reply = 2;
constexpr std::uint8_t icmp_echo_reply = 0, icmp_echo_request = 8;
constexpr std::uint8_t icmpv6_echo_request = 128, icmpv6_echo_reply = 129, router_solicitation = 133,
                       router_advertisement_type = 134, neighbour_solicitation = 135,
                       neighbour_advertisement = 136;
constexpr std::uint8_t option_source_link = 1, option_target_link = 2, option_prefix = 3, option_mtu = 5,
                       option_resolvers = 25;
constexpr std::uint16_t router_lifetime = 1800, sadp_group_port = 37020;
constexpr std::uint8_t router_flags = 0x40;  // addresses by themselves, the rest (resolver, time) by DHCPv6
constexpr std::uint32_t prefix_valid = 86400, prefix_preferred = 14400;
const MacAddress all_stations({std::byte{255}, std::byte{255}, std::byte{255}, std::byte{255}, std::byte{255},
                               std::byte{255}});

IpAddress all_nodes() {
    std::array<std::byte, 16> bytes{std::byte{0xff}, std::byte{0x02}};
    bytes[15] = std::byte{1};
    return IpAddress::v6(bytes);
}

Bytes with_checksum(ByteWriter message, const IpAddress& source, const IpAddress& destination) {
    message.patch_u16(2, transport_checksum(source, destination, ip_protocol::icmpv6, message.view()));
    return message.take();
}

}  // namespace

std::vector<Bytes> Link::received(ByteView bytes) {
    const auto frame = parse_ethernet(bytes);
    if (!frame || frame->source == world_.network.mac) return {};
    switch (frame->type) {
        case ethertype::arp:
            return received_arp(*frame);
        case ethertype::ipv4:
        case ethertype::ipv6:
            return received_ip(*frame);
        default:
            received_other(*frame);
            return {};
    }
}

std::vector<Bytes> Link::received_arp(const EthernetFrame& frame) {
    ByteReader reader(frame.payload);
    const auto hardware = reader.u16(), protocol = reader.u16(), lengths = reader.u16();
    const auto operation = reader.u16();
    const auto mac = MacAddress::from(reader.take(6));
    const auto asker = IpAddress::v4(reader.take(4));
    reader.skip(6);
    const auto wanted = IpAddress::v4(reader.take(4));
    if (reader.failed() || hardware != 1 || protocol != ethertype::ipv4 || lengths != 0x0604) return {};
    if (!asker.is_unspecified()) own_.learn(asker, mac, "arp");
    if (operation != arp_request) return {};
    const bool probe = asker.is_unspecified(), gratuitous = asker == wanted;
    const bool answered = !probe && !gratuitous && !own_.contains(wanted);
    JsonText fields;
    fields.text("mac", mac.to_string()).text("asker", asker.to_string()).text("address", wanted.to_string());
    fields.text("sort", probe ? "probe" : gratuitous ? "announcement" : "request").flag("answered", answered);
    world_.recorder.event(world_.now(), "arp", fields);
    if (!answered) return {};
    ByteWriter reply;
    reply.u16(1).u16(ethertype::ipv4).u8(6).u8(4).u16(arp_reply);
    reply.bytes(world_.network.mac.bytes()).bytes(wanted.bytes()).bytes(mac.bytes()).bytes(asker.bytes());
    return {ethernet_frame(frame.source, world_.network.mac, ethertype::arp, reply.view())};
}

std::vector<Bytes> Link::received_ip(const EthernetFrame& frame) {
    const auto packet = parse_ip(frame.payload);
    if (!packet || packet->fragment) return {};
    switch (packet->protocol) {
        case ip_protocol::icmp:
            return packet->source.is_v4() ? received_icmp(frame, *packet) : std::vector<Bytes>();
        case ip_protocol::icmpv6:
            return packet->source.is_v4() ? std::vector<Bytes>() : received_icmpv6(frame, *packet);
        case ip_protocol::udp:
            return received_udp(frame, *packet);
        case ip_protocol::tcp:
            received_syn(*packet);
            return {};
        default:
            return {};
    }
}

Bytes Link::echo_answer(const EthernetFrame& frame, const IpPacket& packet, Bytes message) const {
    const bool v4 = packet.source.is_v4();
    const auto reply =
        ip_packet(packet.destination, packet.source, v4 ? ip_protocol::icmp : ip_protocol::icmpv6, message);
    return ethernet_frame(frame.source, world_.network.mac, v4 ? ethertype::ipv4 : ethertype::ipv6, reply);
}

std::vector<Bytes> Link::received_icmp(const EthernetFrame& frame, const IpPacket& packet) {
    ByteReader reader(packet.payload);
    const auto kind = reader.u8();
    reader.skip(3);
    const auto rest = reader.rest();
    if (reader.failed() || kind != icmp_echo_request || packet.destination.is_multicast() ||
        packet.destination.is_broadcast())
        return {};
    const bool answered = world_.reachable(packet.destination);
    Payload payload(world_.recorder);
    payload.append(rest.subspan(std::min<std::size_t>(4, rest.size())));
    auto fields =
        flow_fields(world_, {{packet.source, 0}, {packet.destination, 0}, Transport::icmp}, protocol::icmp);
    fields.number("hop_limit", packet.hop_limit).flag("answered", answered);
    const auto id = payload.finish();
    world_.recorder.event(world_.now(), "icmp-echo", fields, id);
    if (!answered) return {};
    ByteWriter reply;
    reply.u8(icmp_echo_reply).u8(0).u16(0).bytes(rest);
    reply.patch_u16(2, internet_checksum(reply.view()));
    return {echo_answer(frame, packet, reply.take())};
}

std::vector<Bytes> Link::received_icmpv6(const EthernetFrame& frame, const IpPacket& packet) {
    ByteReader reader(packet.payload);
    const auto kind = reader.u8();
    if (kind == neighbour_solicitation) return received_solicitation(frame, packet);
    if (kind == neighbour_advertisement) return received_advertisement(frame, packet);
    if (kind == icmpv6_echo_reply) own_.learn(packet.source, frame.source, "neighbour-discovery");
    if (kind == router_solicitation) {
        JsonText fields;
        fields.text("sort", "router-solicitation")
            .text("mac", frame.source.to_string())
            .text("asker", packet.source.to_string());
        world_.recorder.event(world_.now(), "ndp", fields);
        own_.learn(packet.source, frame.source, "neighbour-discovery");
        return {router_advertisement()};
    }
    reader.skip(3);
    const auto rest = reader.rest();
    if (reader.failed() || kind != icmpv6_echo_request || packet.destination.is_multicast()) return {};
    const bool answered = world_.reachable(packet.destination);
    Payload payload(world_.recorder);
    payload.append(rest.subspan(std::min<std::size_t>(4, rest.size())));
    auto fields =
        flow_fields(world_, {{packet.source, 0}, {packet.destination, 0}, Transport::icmp}, protocol::icmp);
    fields.number("hop_limit", packet.hop_limit).flag("answered", answered);
    const auto id = payload.finish();
    world_.recorder.event(world_.now(), "icmp-echo", fields, id);
    if (!answered) return {};
    ByteWriter reply;
    reply.u8(icmpv6_echo_reply).u8(0).u16(0).bytes(rest);
    return {echo_answer(frame, packet, with_checksum(std::move(reply), packet.destination, packet.source))};
}

std::vector<Bytes> Link::received_solicitation(const EthernetFrame& frame, const IpPacket& packet) {
    ByteReader reader(packet.payload);
    reader.skip(8);
    const auto wanted = IpAddress::v6(reader.take(16));
    if (reader.failed() || packet.hop_limit != 255 || wanted.is_multicast()) return {};
    const bool probe =
        packet.source.is_unspecified();  // duplicate address detection: the camera means to take it
    own_.learn(probe ? wanted : packet.source, frame.source, "neighbour-discovery");
    const bool answered = !probe && !own_.contains(wanted);
    JsonText fields;
    fields.text("mac", frame.source.to_string())
        .text("asker", packet.source.to_string())
        .text("address", wanted.to_string());
    fields.text("sort", probe ? "probe" : "request").flag("answered", answered);
    world_.recorder.event(world_.now(), "ndp", fields);
    if (!answered) return {};
    ByteWriter reply;
    reply.u8(neighbour_advertisement).u8(0).u16(0).u32(0x60000000);  // solicited, override
    reply.bytes(wanted.bytes()).u8(option_target_link).u8(1).bytes(world_.network.mac.bytes());
    const auto message = with_checksum(std::move(reply), wanted, packet.source);
    const auto answer = ip_packet(wanted, packet.source, ip_protocol::icmpv6, message, 255);
    return {ethernet_frame(frame.source, world_.network.mac, ethertype::ipv6, answer)};
}

std::vector<Bytes> Link::received_advertisement(const EthernetFrame& frame, const IpPacket& packet) {
    ByteReader reader(packet.payload);
    reader.skip(8);
    const auto own = IpAddress::v6(reader.take(16));
    if (!reader.failed() && packet.hop_limit == 255) own_.learn(own, frame.source, "neighbour-discovery");
    return {};
}

Bytes Link::router_advertisement() const {
    const auto& network = world_.network;
    ByteWriter message;
    message.u8(router_advertisement_type)
        .u8(0)
        .u16(0)
        .u8(64)
        .u8(router_flags)
        .u16(router_lifetime)
        .u32(0)
        .u32(0);
    message.u8(option_source_link).u8(1).bytes(network.mac.bytes());
    message.u8(option_mtu).u8(1).u16(0).u32(network.mtu);
    message.u8(option_prefix)
        .u8(4)
        .u8(static_cast<std::uint8_t>(network.lan6.prefix_length()))
        .u8(0xc0);  // on link, autonomous
    message.u32(prefix_valid).u32(prefix_preferred).u32(0).bytes(network.lan6.base().bytes());
    message.u8(option_resolvers).u8(3).u16(0).u32(router_lifetime).bytes(network.router6.bytes());
    const auto group = all_nodes();
    const auto packet = ip_packet(network.link_local6, group, ip_protocol::icmpv6,
                                  with_checksum(std::move(message), network.link_local6, group), 255);
    return ethernet_frame(multicast_mac(group), network.mac, ethertype::ipv6, packet);
}

std::vector<Bytes> Link::received_udp(const EthernetFrame& frame, const IpPacket& packet) {
    const auto datagram = parse_udp(packet.payload);
    if (!datagram) return {};
    if (packet.source.is_v4() && datagram->destination_port == 67) {
        auto reply = dhcp_.received(datagram->payload, packet.source);
        if (!reply) return {};
        const Endpoint from{world_.network.router, 67}, to{reply->to, 68};
        std::vector<Bytes> frames;
        for (const auto& piece : udp_packets(from, to, reply->message, world_.network.mtu))
            frames.push_back(ethernet_frame(reply->mac, world_.network.mac, ethertype::ipv4, piece));
        return frames;
    }
    if (!packet.source.is_v4() && datagram->destination_port == 547) {
        const auto reply = dhcp6_.received(datagram->payload, packet.source);
        if (!reply) return {};
        std::vector<Bytes> frames;
        for (const auto& piece :
             udp_packets({world_.network.link_local6, 547}, {packet.source, 546}, *reply, world_.network.mtu))
            frames.push_back(ethernet_frame(frame.source, world_.network.mac, ethertype::ipv6, piece));
        return frames;
    }
    if (!frame.destination.is_group()) return {};
    own_.learn(packet.source, frame.source, "datagram");
    const Flow flow{{packet.source, datagram->source_port},
                    {packet.destination, datagram->destination_port},
                    Transport::udp};
    if (record_local_name(world_, flow, datagram->payload)) return {};
    if (record_discovery(world_, flow, datagram->payload)) {
        for (const auto& own : stated_addresses(as_text(datagram->payload)))
            own_.hint(own, frame.source,
                      flow.destination.port == sadp_group_port ? protocol::sadp : protocol::ws_discovery);
        return {};
    }
    if (const auto answer = answer_ssdp(world_, flow, datagram->payload)) {
        std::vector<Bytes> frames;
        for (const auto& piece : answer->empty() ? std::vector<Bytes>()
                                                 : udp_packets({world_.network.router, 1900}, flow.camera,
                                                               *answer, world_.network.mtu))
            frames.push_back(ethernet_frame(frame.source, world_.network.mac, ethertype::ipv4, piece));
        return frames;
    }
    Payload payload(world_.recorder);
    payload.append(datagram->payload);
    auto fields = flow_fields(world_, flow, characterise_datagram(datagram->payload, flow.destination.port));
    fields.flag("group", true).text("first_bytes", hex(datagram->payload, first_bytes_shown));
    const auto id = payload.finish();
    world_.recorder.event(world_.now(), "udp", fields, id);
    return {};
}

void Link::received_syn(const IpPacket& packet) {
    ByteReader reader(packet.payload);
    const auto source_port = reader.u16(), destination_port = reader.u16();
    reader.skip(9);
    const auto flags = reader.u8();
    const bool opens = (flags & 0x12) == 0x02;
    if (reader.failed() || !opens) return;
    if (world_.answers == Answers::names_only && destination_port == 53) return;  // let through
    const bool router =
        packet.destination == world_.network.router || packet.destination == world_.network.router6;
    if (own_.is_bench(packet.destination) && !router) return;
    const Flow flow{{packet.source, source_port}, {packet.destination, destination_port}, Transport::tcp};
    if (world_.answers == Answers::all && !world_.refuses_first_packet(flow)) return;
    world_.recorder.event(world_.now(), "tcp-attempt",
                          flow_fields(world_, flow, port_protocol(flow.transport, destination_port)));
}

void Link::received_other(const EthernetFrame& frame) {
    Payload payload(world_.recorder);
    payload.append(frame.payload);
    JsonText fields;
    fields.text("mac", frame.source.to_string())
        .text("to", frame.destination.to_string())
        .text("ethertype", fmt::format("{:04x}", frame.type));
    const auto id = payload.finish();
    world_.recorder.event(world_.now(), "frame", fields, id);
}

}  // namespace cambench::internet
