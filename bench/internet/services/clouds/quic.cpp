#include <fmt/format.h>

#include "bench/internet/services/clouds/quic.hpp"
#include "harness/wire/protocols.hpp"

namespace cambench::internet {
namespace {

constexpr std::size_t most_quic_clients = 1024, shortest_first_datagram = 1200;

/// RFC 9000, 17.2.1: the versions "we" would take; the client's own greased ones are among those it will not
/// find.
Bytes negotiation(const QuicLongHeader& header) {
    ByteWriter writer;
    writer.u8(0x80).u32(0);
    writer.u8(static_cast<std::uint8_t>(header.source_id.size())).bytes(header.source_id);
    writer.u8(static_cast<std::uint8_t>(header.destination_id.size())).bytes(header.destination_id);
    return writer.u32(QuicVersion::v1).u32(QuicVersion::v2).take();
}

/// An Initial packet that says CONNECTION_REFUSED.
Bytes refusal(const QuicLongHeader& header) {
    const auto keys = quic_initial_keys(header.version, header.destination_id, QuicSide::server);
    if (!keys) return {};
    constexpr std::uint8_t connection_close = 0x1c, connection_refused = 0x02;
    ByteWriter head;
    head.u8(header.version == QuicVersion::v2 ? 0xd0 : 0xc0).u32(header.version);
    head.u8(static_cast<std::uint8_t>(header.source_id.size()))
        .bytes(header.source_id)
        .u8(8)
        .u64(0x63616d62656e6368)
        .u8(0);
    ByteWriter frames;
    frames.u8(connection_close).u8(connection_refused).u8(0).u8(0).zeros(16);
    return seal_quic_initial(head.take(), frames.view(), *keys);
}

std::string version_name(std::uint32_t version) {
    if (version == QuicVersion::v1) return "1";
    if (version == QuicVersion::v2) return "2";
    return fmt::format("0x{:08x}", version);
}

}  // namespace

std::optional<Bytes> Quic::received(World& world, const Flow& flow, ByteView datagram) {
    const auto header = parse_quic_long_header(datagram);
    if (!header || header->version == 0 || datagram.size() < shortest_first_datagram) return std::nullopt;
    const bool known = quic_initial_keys(header->version, {}, QuicSide::client).has_value();
    // Without its magic bit, or in a version nobody knows at a port nobody expects it, it is something else.
    const bool fixed_bit = (std::to_integer<unsigned>(datagram[0]) & 0x40) != 0;
    if (!known && (!fixed_bit || flow.destination.port != 443)) return std::nullopt;
    if (known && !header->initial) return std::nullopt;
    if (clients_.size() >= most_quic_clients) clients_.clear();
    auto& client = clients_[{flow.camera, flow.destination}];
    const auto hello = known ? client.reader.take(datagram)
                             : Result<std::optional<QuicClientHello>>(std::optional<QuicClientHello>());
    if (known && hello.ok() && !*hello)
        return std::nullopt;  // the hello goes on in the next packet; this one is kept as any datagram
    const bool answered = world.reachable(flow);
    if (!client.recorded) {
        client.recorded = true;
        auto fields = flow_fields(world, flow, protocol::quic);
        fields.text("version", version_name(header->version));
        if (!hello) fields.text("malformed", hello.error().message);
        if (hello.ok() && *hello) fields.text("sni", (*hello)->server_name).texts("alpn", (*hello)->alpn);
        fields.text("outcome", !answered ? "not answered" : known ? "refused" : "version negotiation");
        world.record("quic", fields, datagram);
    }
    if (!answered) return Bytes();
    return known ? refusal(*header) : negotiation(*header);
}

}  // namespace cambench::internet
