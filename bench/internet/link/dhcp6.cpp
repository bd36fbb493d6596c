#include "bench/internet/link/dhcp6.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/wire/dns_message.hpp"

namespace cambench::internet {
namespace {

constexpr std::uint8_t solicit = 1, advertise = 2, request_kind = 3, confirm = 4, renew = 5, rebind = 6,
                       reply_kind = 7, release = 8, decline = 9, information = 11;
constexpr std::uint16_t option_client = 1, option_server = 2, option_association = 3, option_address = 5,
                        option_wanted = 6, option_status = 13, option_rapid = 14, option_vendor_class = 16,
                        option_resolver = 23, option_domains = 24, option_time_servers = 31, option_name = 39;
constexpr std::uint32_t preferred_seconds = 1800, valid_seconds = 3600;
constexpr std::size_t most_leases = 1024;

std::string_view kind_name(std::uint8_t kind) {
    static constexpr std::array<std::string_view, 12> names{
        "?",      "solicit", "advertise", "request", "confirm",     "renew",
        "rebind", "reply",   "release",   "decline", "reconfigure", "information"};
    return kind < names.size() ? names[kind] : names[0];
}

std::string wire_name(ByteView bytes) {
    ByteReader reader(bytes);
    std::string name;
    for (auto size = reader.u8(); size != 0 && size < 64 && !reader.failed(); size = reader.u8()) {
        if (!name.empty()) name += '.';
        name += as_text(reader.take(size));
    }
    return name;
}

void take_option(std::uint16_t option, ByteView content, Dhcp6Request& request) {
    ByteReader reader(content);
    switch (option) {
        case option_client:
            request.client_id.assign(content.begin(), content.end());
            break;
        case option_association:
            request.association = reader.u32();
            break;
        case option_rapid:
            request.rapid = true;
            break;
        case option_wanted:
            while (reader.remaining() >= 2) request.wanted.push_back(reader.u16());
            break;
        case option_name:
            reader.skip(1);
            request.host_name = wire_name(reader.rest());
            break;
        case option_vendor_class:
            reader.skip(4);
            request.vendor_class = as_text(reader.take(reader.u16()));
            break;
        default:
            break;
    }
}

void put_option(ByteWriter& writer, std::uint16_t option, ByteView content) {
    writer.u16(option).u16(static_cast<std::uint16_t>(content.size())).bytes(content);
}

}  // namespace

Result<Dhcp6Request> parse_dhcp6(ByteView message) {
    ByteReader reader(message);
    Dhcp6Request request;
    request.kind = reader.u8();
    request.transaction = reader.u24();
    while (!reader.empty() && request.options.size() < 128) {
        const auto option = reader.u16();
        const auto content = reader.take(reader.u16());
        if (reader.failed()) break;
        request.options.push_back(option);
        take_option(option, content, request);
    }
    if (reader.failed()) return dut_error("dhcp6: message ends too early");
    if (request.client_id.size() > 130) return dut_error("dhcp6: client id too long");
    return request;
}

Bytes Dhcp6::reply_to(const Dhcp6Request& request, std::uint8_t kind,
                      const std::optional<IpAddress>& address) const {
    const auto& network = world_.network;
    ByteWriter writer;
    writer.u8(kind).u24(request.transaction);
    put_option(writer, option_client, request.client_id);
    ByteWriter server;
    put_option(writer, option_server, server.u16(3).u16(1).bytes(network.mac.bytes()).view());  // DUID-LL
    if (address) {
        ByteWriter association, one;
        one.bytes(address->bytes()).u32(preferred_seconds).u32(valid_seconds);
        association.u32(*request.association).u32(preferred_seconds / 2).u32(preferred_seconds * 4 / 5);
        put_option(association, option_address, one.view());
        put_option(writer, option_association, association.view());
        if (request.rapid && kind == reply_kind) put_option(writer, option_rapid, {});
    }
    if (request.kind == confirm || request.kind == release || request.kind == decline) {
        ByteWriter success;
        put_option(writer, option_status, success.u16(0).view());
    }
    put_option(writer, option_resolver, network.router6.bytes());
    put_option(writer, option_time_servers, network.router6.bytes());
    put_option(writer, option_domains, dns::encode_name(network.domain));
    return writer.take();
}

std::optional<Bytes> Dhcp6::received(ByteView message, const IpAddress& source) {
    const auto request = parse_dhcp6(message);
    const Flow flow{{source, 546}, {world_.network.link_local6, 547}, Transport::udp};
    auto fields = flow_fields(world_, flow, "dhcp6");
    if (!request) {
        fields.text("malformed", request.error().message);
        world_.record("dhcp6", fields, message);
        return std::nullopt;
    }
    const auto kind = request->kind;
    const bool known = kind == solicit || (kind >= request_kind && kind <= rebind) || kind == release ||
                       kind == decline || kind == information;
    const bool gives =
        request->association && (kind == solicit || kind == request_kind || kind == renew || kind == rebind);
    std::optional<IpAddress> address;
    if (gives && leases_.size() < most_leases) {
        const auto number =
            leases_
                .try_emplace(std::string(as_text(request->client_id)), static_cast<unsigned>(leases_.size()))
                .first->second;
        Bytes bytes(world_.network.lan6.base().bytes().begin(), world_.network.lan6.base().bytes().end());
        bytes[13] = std::byte{6};
        bytes[14] = static_cast<std::byte>((number + 256) >> 8);
        bytes[15] = static_cast<std::byte>(number & 0xff);
        address = IpAddress::v6(bytes);
    }
    fields.text("message", kind_name(kind))
        .text("client_id", hex(request->client_id))
        .text("host_name", request->host_name);
    fields.text("vendor_class", request->vendor_class)
        .numbers("options", request->options)
        .numbers("parameters", request->wanted);
    if (known) fields.text("answer", kind == solicit && !request->rapid ? "advertise" : "reply");
    if (address) fields.text("address", address->to_string());
    world_.recorder.event(world_.now(), "dhcp6", fields);
    if (!known) return std::nullopt;
    return reply_to(*request, kind == solicit && !request->rapid ? advertise : reply_kind, address);
}

}  // namespace cambench::internet
