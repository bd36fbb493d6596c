#include "harness/wire/dhcp_message.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cambench::internet::dhcp {
namespace {

constexpr std::uint32_t magic_cookie = 0x63825363;
constexpr std::size_t shortest_reply = 300;  ///< BOOTP relays and some clients drop less
namespace option {
constexpr std::uint8_t pad = 0, mask = 1, router = 3, resolver = 6, host_name = 12, domain = 15, mtu = 26,
                       broadcast = 28, time_server = 42, wanted = 50, lease = 51, overload = 52, kind = 53,
                       server = 54, parameters = 55, renewal = 58, rebinding = 59, vendor_class = 60,
                       client_id = 61, domain_wish = 81, end = 255;
}

std::optional<IpAddress> address_of(ByteView value) {
    if (value.size() != 4) return std::nullopt;
    return IpAddress::v4(value);
}

struct Parsed {
    Request& request;
    bool has_kind = false;
    std::uint8_t overload = 0;
};

void take_option(Parsed& parsed, std::uint8_t code, ByteView value) {
    auto& request = parsed.request;
    request.options.push_back(code);
    switch (code) {
        case option::kind:
            if (value.size() != 1) return;
            request.kind = static_cast<Kind>(value[0]);
            parsed.has_kind = request.kind >= Kind::discover && request.kind <= Kind::inform;
            return;
        case option::wanted:
            request.wanted = address_of(value);
            return;
        case option::server:
            request.server = address_of(value);
            return;
        case option::host_name:
            request.host_name += as_text(value);
            return;
        case option::vendor_class:
            request.vendor_class += as_text(value);
            return;
        case option::client_id:
            request.client_id += as_text(value);
            return;
        case option::domain_wish:
            request.domain_wish += as_text(value);
            return;
        case option::parameters:
            for (const auto byte : value) request.parameters.push_back(std::to_integer<unsigned>(byte));
            return;
        case option::overload:
            if (value.size() == 1) parsed.overload = std::to_integer<std::uint8_t>(value[0]);
            return;
        default:
            return;
    }
}

bool read_options(ByteView area, Parsed& parsed) {
    ByteReader reader(area);
    while (!reader.empty()) {
        const auto code = reader.u8();
        if (code == option::end) return true;
        if (code == option::pad) continue;
        const auto value = reader.take(reader.u8());
        if (reader.failed()) return false;
        take_option(parsed, code, value);
    }
    return true;  // without an end mark: seen from small boot loaders
}

}  // namespace

std::string_view to_string(Kind kind) {
    switch (kind) {
        case Kind::discover:
            return "discover";
        case Kind::offer:
            return "offer";
        case Kind::request:
            return "request";
        case Kind::decline:
            return "decline";
        case Kind::ack:
            return "ack";
        case Kind::nak:
            return "nak";
        case Kind::release:
            return "release";
        case Kind::inform:
            return "inform";
    }
    return "?";
}

Result<Request> parse_request(ByteView message) {
    ByteReader reader(message);
    Request request;
    const auto operation = reader.u8();
    const auto hardware = message.subspan(std::min<std::size_t>(1, message.size()));
    reader.skip(3);
    request.transaction = reader.u32();
    request.seconds = reader.u16();
    request.broadcast = (reader.u16() & 0x8000) != 0;
    request.client_address = IpAddress::v4(reader.take(4));
    reader.skip(8);
    request.relay = IpAddress::v4(reader.take(4));
    const auto address = reader.take(16);
    const auto server_name = reader.take(64), file = reader.take(128);
    const auto cookie = reader.u32();
    if (reader.failed()) return dut_error("dhcp: shorter than a header");
    if (operation != 1) return dut_error("dhcp: not a request");
    if (cookie != magic_cookie) return dut_error("dhcp: no magic cookie (plain BOOTP)");
    if (std::to_integer<unsigned>(hardware[0]) != 1 || std::to_integer<unsigned>(hardware[1]) != 6)
        return dut_error("dhcp: not an Ethernet client");
    request.mac = MacAddress::from(address.first(6));
    request.hardware.assign(address.begin(), address.end());
    Parsed parsed{request};
    bool sound = read_options(reader.rest(), parsed);
    if (sound && (parsed.overload & 1) != 0) sound = read_options(file, parsed);
    if (sound && (parsed.overload & 2) != 0) sound = read_options(server_name, parsed);
    if (!sound) return dut_error("dhcp: an option is cut short");
    if (!parsed.has_kind) return dut_error("dhcp: no message type");
    return request;
}

namespace {

void put_address(ByteWriter& writer, std::uint8_t code, const IpAddress& address) {
    writer.u8(code).u8(4).bytes(address.bytes());
}
void put_seconds(ByteWriter& writer, std::uint8_t code, std::uint32_t seconds) {
    writer.u8(code).u8(4).u32(seconds);
}

void put_settings(ByteWriter& writer, const Settings& settings, Kind asked) {
    const auto mask = settings.prefix_length == 0 ? 0U : 0xffffffffU << (32 - settings.prefix_length);
    if (asked != Kind::inform) {
        put_seconds(writer, option::lease, settings.lease_seconds);
        put_seconds(writer, option::renewal, settings.lease_seconds / 2);
        put_seconds(writer, option::rebinding, settings.lease_seconds / 8 * 7);
    }
    put_address(writer, option::mask, IpAddress::v4(mask));
    put_address(writer, option::router, settings.router);
    put_address(writer, option::resolver, settings.resolver);
    put_address(writer, option::time_server, settings.time_server);
    put_address(writer, option::broadcast, IpAddress::v4(settings.router.to_v4() | ~mask));
    writer.u8(option::domain).u8(static_cast<std::uint8_t>(settings.domain.size())).text(settings.domain);
    if (settings.mtu != 1500) writer.u8(option::mtu).u8(2).u16(settings.mtu);
}

}  // namespace

Bytes make_reply(const Request& request, Kind kind, const IpAddress& address, const Settings& settings) {
    ByteWriter writer;
    writer.u8(2).u8(1).u8(6).u8(0).u32(request.transaction).u16(0).u16(request.broadcast ? 0x8000 : 0);
    writer.bytes(kind == Kind::nak ? IpAddress().bytes() : request.client_address.bytes())
        .bytes(address.bytes())
        .bytes(settings.server.bytes());
    writer.bytes(request.relay.bytes()).bytes(request.hardware).zeros(64 + 128).u32(magic_cookie);
    writer.u8(option::kind).u8(1).u8(static_cast<std::uint8_t>(kind));
    put_address(writer, option::server, settings.server);
    if (kind != Kind::nak) put_settings(writer, settings, request.kind);
    if (!request.client_id.empty() && request.client_id.size() < 256)  // RFC 6842
        writer.u8(option::client_id)
            .u8(static_cast<std::uint8_t>(request.client_id.size()))
            .text(request.client_id);
    writer.u8(option::end);
    if (writer.size() < shortest_reply) writer.zeros(shortest_reply - writer.size());
    return writer.take();
}

}  // namespace cambench::internet::dhcp
