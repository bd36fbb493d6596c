#include "bench/internet/services/clouds/rendezvous.hpp"

#include <algorithm>

namespace cambench::internet {
namespace {

constexpr std::uint32_t stun_cookie = 0x2112a442;
constexpr std::uint16_t binding_request = 0x0001, binding_response = 0x0101;
constexpr std::uint16_t mapped_address = 0x0001, xor_mapped_address = 0x0020, response_origin = 0x802b;

void put_address(ByteWriter& writer, std::uint16_t attribute, const Endpoint& endpoint, ByteView mask) {
    const auto bytes = endpoint.address.bytes();
    writer.u16(attribute)
        .u16(static_cast<std::uint16_t>(4 + bytes.size()))
        .u8(0)
        .u8(endpoint.address.is_v4() ? 1 : 2);
    const auto port_mask = mask.empty() ? 0U : stun_cookie >> 16;
    writer.u16(static_cast<std::uint16_t>(endpoint.port ^ port_mask));
    for (std::size_t i = 0; i < bytes.size(); ++i)
        writer.u8(std::to_integer<std::uint8_t>(mask.empty() ? bytes[i] : bytes[i] ^ mask[i]));
}

}  // namespace

Bytes answer_stun(ByteView datagram, const Endpoint& camera, const Endpoint& server) {
    ByteReader reader(datagram);
    const auto kind = reader.u16(), length = reader.u16();
    const auto mask = reader.take(16);  // cookie and transaction id
    if (reader.failed() || kind != binding_request || length != reader.remaining()) return {};
    ByteReader cookie(mask);
    const bool modern = cookie.u32() == stun_cookie;
    ByteWriter reply;
    reply.u16(binding_response).u16(0).bytes(mask);
    put_address(reply, mapped_address, camera, {});
    if (modern) {
        put_address(reply, xor_mapped_address, camera, mask);
        put_address(reply, response_origin, server, {});
    }
    return reply.patch_u16(2, static_cast<std::uint16_t>(reply.size() - 20)).take();
}

Bytes answer_pppp(ByteView datagram, const Endpoint& camera) {
    constexpr std::uint8_t magic = 0xf1, hello = 0x00, hello_ack = 0x01, login = 0x10, login_ack = 0x11,
                           login_key = 0x14, login_key_ack = 0x15, alive = 0xe0, alive_ack = 0xe1;
    ByteReader reader(datagram);
    const auto first = reader.u8(), kind = reader.u8();
    if (first != magic || reader.u16() != reader.remaining() || reader.failed()) return {};
    ByteWriter reply;
    reply.u8(magic);
    switch (kind) {
        case hello: {
            if (!camera.address.is_v4()) return {};
            auto address = camera.address.bytes();
            reply.u8(hello_ack).u16(16).u8(0).u8(2).u16_le(camera.port);
            for (std::size_t i = 4; i-- > 0;) reply.u8(std::to_integer<std::uint8_t>(address[i]));
            return reply.zeros(8).take();
        }
        case login:
        case login_key:
            return reply.u8(kind == login ? login_ack : login_key_ack).u16(4).u32(0x00190000).take();
        case alive:
            return reply.u8(alive_ack).u16(0).take();
        default:
            return {};
    }
}

}  // namespace cambench::internet
