#include <fmt/format.h>

#include <algorithm>

#include "bench/internet/services/clouds/port_mapping.hpp"
#include "bench/internet/world/whereabouts.hpp"
#include "harness/wire/protocols.hpp"

namespace cambench::internet {
namespace {

constexpr std::uint16_t nat_pmp_port = 5351;
constexpr std::size_t most_kept_mappings = 1024;

void record(World& world, const Flow& flow, std::string_view by, std::string_view transport,
            const Endpoint& internal, std::uint16_t external, std::uint32_t lifetime, bool answered) {
    auto fields = flow_fields(world, flow, by);
    fields.text("by", by)
        .text("mapped_transport", transport)
        .number("external_port", external)
        .text("internal", internal.to_string());
    fields.number("lifetime_s", lifetime).flag("answered", answered);
    world.recorder.event(world.now(), "port-mapping", fields);
    const auto key = fmt::format("{} {}", transport, external);
    if (lifetime == 0)
        world.port_mappings.erase(key);
    else if (answered && world.port_mappings.size() < most_kept_mappings)
        world.port_mappings[key] = internal.to_string();
}

/// What is asked for, else a port that is free.
std::uint16_t external_port(std::uint16_t wanted, std::uint16_t internal) {
    return wanted != 0 ? wanted : internal;
}

std::optional<Bytes> answer_nat_pmp(World& world, const Flow& flow, ByteReader reader, unsigned operation) {
    ByteWriter reply;
    if (operation == 0) {
        reply.u8(0).u8(128).u16(0).u32(1).u32(public_address(world).to_v4());
        auto fields = flow_fields(world, flow, protocol::nat_pmp);
        fields.text("by", protocol::nat_pmp)
            .text("asked", "public-address")
            .flag("answered", world.reachable(flow));
        world.recorder.event(world.now(), "port-mapping", fields);
    } else {
        reader.skip(2);
        const auto internal = reader.u16(), wanted = reader.u16();
        const auto lifetime = reader.u32();
        if (reader.failed() || operation > 2) return std::nullopt;
        const auto external = external_port(wanted, internal);
        record(world, flow, "nat-pmp", operation == 1 ? "UDP" : "TCP", {flow.camera.address, internal},
               external, lifetime, world.reachable(flow));
        reply.u8(0)
            .u8(static_cast<std::uint8_t>(128 + operation))
            .u16(0)
            .u32(1)
            .u16(internal)
            .u16(external)
            .u32(lifetime);
    }
    return world.reachable(flow) ? reply.take() : Bytes();
}

std::optional<Bytes> answer_pcp(World& world, const Flow& flow, ByteReader reader, ByteView datagram,
                                unsigned operation) {
    constexpr unsigned announce = 0, map = 1, peer = 2, udp = 17;
    reader.skip(2);
    const auto lifetime = reader.u32();
    reader.skip(16);
    ByteWriter reply;
    reply.u8(2).u8(static_cast<std::uint8_t>(0x80 | operation)).u8(0).u8(0).u32(lifetime).u32(1).zeros(12);
    if (operation == announce) return reader.failed() ? std::nullopt : std::optional(reply.take());
    const auto nonce = reader.take(12);
    const auto protocol = reader.u8();
    reader.skip(3);
    const auto internal = reader.u16(), wanted = reader.u16();
    reader.skip(16);
    if (reader.failed() || (operation != map && operation != peer)) return std::nullopt;
    const auto external = external_port(wanted, internal);
    record(world, flow, "pcp", protocol == udp ? "UDP" : "TCP", {flow.camera.address, internal}, external,
           lifetime, world.reachable(flow));
    const auto outside = public_address(world);
    reply.bytes(nonce).u8(protocol).zeros(3).u16(internal).u16(external);
    if (outside.is_v4()) reply.zeros(10).u16(0xffff);
    reply.bytes(outside.bytes());
    if (operation == peer) reply.bytes(datagram.subspan(60, std::min<std::size_t>(20, datagram.size() - 60)));
    return world.reachable(flow) ? reply.take() : Bytes();
}

}  // namespace

std::optional<Bytes> answer_port_mapping(World& world, const Flow& flow, ByteView datagram) {
    if (flow.destination.port != nat_pmp_port) return std::nullopt;
    ByteReader reader(datagram);
    const auto version = reader.u8(), operation = reader.u8();
    if (reader.failed() || (operation & 0x80) != 0) return std::nullopt;
    if (version == 0) return answer_nat_pmp(world, flow, reader, operation);
    if (version == 2) return answer_pcp(world, flow, reader, datagram, operation & 0x7f);
    return std::nullopt;
}

}  // namespace cambench::internet
