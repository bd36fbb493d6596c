#include <algorithm>

#include "bench/internet/datagram_services.hpp"

namespace cambench::internet {
namespace {

constexpr std::uint32_t cookie = 0x2112a442;
constexpr std::uint16_t binding = 1, allocate = 3, refresh = 4, send = 6, create_permission = 8, channel_bind = 9;
constexpr std::uint16_t attribute_user = 0x0006, attribute_error = 0x0009, attribute_peer = 0x0012, attribute_data = 0x0013, attribute_realm = 0x0014,
                        attribute_nonce = 0x0015, attribute_relayed = 0x0016, attribute_lifetime = 0x000d, attribute_mapped = 0x0020, attribute_software = 0x8022;
constexpr std::uint32_t lifetime = 600;

struct Message {
    std::uint16_t method = 0;
    unsigned kind = 0;  ///< 0 request, 1 indication
    ByteView transaction;
    std::string user, realm, software, peer;
    ByteView data;
};

std::string masked_endpoint(ByteView value) {
    ByteReader reader(value);
    reader.skip(1);
    const auto family = reader.u8();
    const auto port = static_cast<std::uint16_t>(reader.u16() ^ (cookie >> 16));
    const auto address = reader.u32() ^ cookie;
    if (reader.failed() || family != 1) return {};
    return Endpoint{IpAddress::v4(address), port}.to_string();
}

std::optional<Message> parse(ByteView datagram) {
    ByteReader reader(datagram);
    Message message;
    const auto type = reader.u16(), length = reader.u16();
    if ((type & 0xc000) != 0 || reader.u32() != cookie) return std::nullopt;
    message.transaction = reader.take(12);
    if (reader.failed() || length != reader.remaining()) return std::nullopt;
    message.kind = static_cast<unsigned>((type >> 4 & 1) | (type >> 7 & 2));
    message.method = static_cast<std::uint16_t>((type & 0x000f) | (type & 0x00e0) >> 1 | (type & 0x3e00) >> 2);
    while (!reader.empty()) {
        const auto attribute = reader.u16();
        const std::size_t size = reader.u16();
        const auto value = reader.take(size);
        reader.skip(std::min<std::size_t>((4 - size % 4) % 4, reader.remaining()));
        if (attribute == attribute_user) message.user = as_text(value);
        if (attribute == attribute_realm) message.realm = as_text(value);
        if (attribute == attribute_software) message.software = as_text(value);
        if (attribute == attribute_peer) message.peer = masked_endpoint(value);
        if (attribute == attribute_data) message.data = value;
    }
    return reader.failed() ? std::nullopt : std::optional(message);
}

void put_text(ByteWriter& writer, std::uint16_t attribute, std::string_view text) {
    writer.u16(attribute).u16(static_cast<std::uint16_t>(text.size())).text(text).zeros((4 - text.size() % 4) % 4);
}

void put_endpoint(ByteWriter& writer, std::uint16_t attribute, const Endpoint& endpoint) {
    if (!endpoint.address.is_v4()) return;
    writer.u16(attribute).u16(8).u8(0).u8(1).u16(static_cast<std::uint16_t>(endpoint.port ^ (cookie >> 16))).u32(endpoint.address.to_v4() ^ cookie);
}

Bytes reply_to(const World& world, const Flow& flow, const Message& message) {
    const auto type = static_cast<std::uint16_t>((message.method & 0x000f) | (message.method & 0x0070) << 1 | (message.method & 0x0f80) << 2);
    constexpr std::uint16_t success = 0x0100, failure = 0x0110;
    ByteWriter reply;
    if (message.method == allocate && message.user.empty()) {
        // Who is asked for a name and a password tells at least the name.
        reply.u16(type | failure).u16(0).u32(cookie).bytes(message.transaction);
        reply.u16(attribute_error).u16(16).u16(0).u8(4).u8(1).text("Unauthorized");
        put_text(reply, attribute_realm, "turn");
        put_text(reply, attribute_nonce, "5f1d3c2b9a");
    } else {
        reply.u16(type | success).u16(0).u32(cookie).bytes(message.transaction);
        if (message.method == allocate) {
            put_endpoint(reply, attribute_relayed, {flow.destination.address, 49160});
            put_endpoint(reply, attribute_mapped, world.seen_from_outside(flow.camera));
        }
        if (message.method == allocate || message.method == refresh) reply.u16(attribute_lifetime).u16(4).u32(lifetime);
    }
    return reply.patch_u16(2, static_cast<std::uint16_t>(reply.size() - 20)).take();
}

std::string_view method_name(std::uint16_t method) {
    switch (method) {
        case allocate: return "allocate";
        case refresh: return "refresh";
        case send: return "send";
        case create_permission: return "create-permission";
        case channel_bind: return "channel-bind";
        default: return "other";
    }
}

}  // namespace

std::optional<Bytes> answer_turn(World& world, const Flow& flow, ByteView datagram) {
    const auto message = parse(datagram);
    if (!message || message->method == binding || message->kind > 1) return std::nullopt;
    const bool answered = message->kind == 0 && world.reachable(flow);
    auto fields = flow_fields(world, flow, "turn");
    fields.text("method", method_name(message->method)).text("user", message->user).text("realm", message->realm).text("software", message->software);
    fields.text("peer", message->peer).flag("answered", answered);
    Payload payload(world.recorder);
    payload.append(message->data);
    const auto id = payload.finish();
    world.recorder.event(world.now(), "stun", fields, id);
    return answered ? reply_to(world, flow, *message) : Bytes();
}

}  // namespace cambench::internet
