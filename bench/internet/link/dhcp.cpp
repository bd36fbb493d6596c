#include "bench/internet/link/dhcp.hpp"
#include "harness/wire/protocols.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace cambench::internet {
namespace {

using DhcpKind = dhcp::Kind;
using dhcp::Request;

constexpr std::size_t most_clients = 1024;  ///< remembered; a camera that makes up identities gets no more
const auto broadcast_address = IpAddress::v4(0xffffffff);
const MacAddress broadcast_mac({std::byte{255}, std::byte{255}, std::byte{255}, std::byte{255},
                                std::byte{255}, std::byte{255}});

std::string client_key(const Request& request) {
    return request.client_id.empty() ? "mac " + request.mac.to_string() : "id " + request.client_id;
}

}  // namespace

void Dhcp::withdraw() {
    if (std::exchange(moves_, world_.lease_moves) == world_.lease_moves) return;
    for (const auto& [client, lease] : leases_) withdrawn_.insert(lease.address);
    leases_.clear();
}

std::optional<IpAddress> Dhcp::lease_for(const Request& request) {
    const auto key = client_key(request);
    const auto found = leases_.find(key);
    if (found != leases_.end() && !found->second.declined) return found->second.address;
    if (found == leases_.end() && leases_.size() >= most_clients) return std::nullopt;
    const auto taken = [&](const IpAddress& address) {
        if (withdrawn_.contains(address)) return true;
        return std::any_of(leases_.begin(), leases_.end(),
                           [&](const auto& entry) { return entry.second.address == address; });
    };
    const auto give = [&](const IpAddress& address) {
        leases_[key] = {address};
        return address;
    };
    const auto first = world_.network.first_lease.to_v4(), last = world_.network.last_lease.to_v4();
    const auto wanted = request.wanted ? request.wanted->to_v4() : 0;
    if (wanted >= first && wanted <= last && !taken(*request.wanted)) return give(*request.wanted);
    for (auto candidate = first; candidate <= last; ++candidate)
        if (!taken(IpAddress::v4(candidate))) return give(IpAddress::v4(candidate));
    return std::nullopt;
}

Dhcp::Outcome Dhcp::decide_request(const Request& request, const IpAddress& source) {
    const auto& network = world_.network;
    if (request.server && *request.server != network.router) return {std::nullopt, {}, "for another server"};
    const auto asked = request.wanted                             ? *request.wanted
                       : !request.client_address.is_unspecified() ? request.client_address
                                                                  : source;
    const auto lease = lease_for(request);
    if (lease && *lease == asked) return {DhcpKind::ack, asked, ""};
    if (!network.lan.contains(asked)) return {DhcpKind::nak, {}, "not an address of this network"};
    return {DhcpKind::nak, {}, "not the client's address"};
}

Dhcp::Outcome Dhcp::decide(const Request& request, const IpAddress& source) {
    switch (request.kind) {
        case DhcpKind::discover: {
            const auto lease = lease_for(request);
            if (!lease) return {std::nullopt, {}, "no address left"};
            return {DhcpKind::offer, *lease, ""};
        }
        case DhcpKind::request:
            return decide_request(request, source);
        case DhcpKind::inform:
            return {DhcpKind::ack, {}, ""};
        case DhcpKind::decline:
            if (const auto found = leases_.find(client_key(request)); found != leases_.end())
                found->second.declined = true;
            return {std::nullopt, {}, "address declined"};
        case DhcpKind::release:
            return {std::nullopt, {}, "address released"};
        default:
            return {std::nullopt, {}, "a server's message"};
    }
}

Dhcp::Reply Dhcp::make_reply(const Request& request, const Outcome& outcome, const IpAddress& source) const {
    const auto& network = world_.network;
    dhcp::Settings settings{.server = network.router,
                            .router = network.router,
                            .resolver = network.router,
                            .time_server = network.router,
                            .prefix_length = network.lan.prefix_length(),
                            .domain = network.domain,
                            .mtu = static_cast<std::uint16_t>(network.mtu)};
    if (world_.personality.lease)
        settings.lease_seconds = static_cast<std::uint32_t>(
            std::chrono::duration_cast<std::chrono::seconds>(*world_.personality.lease).count());
    Reply reply{dhcp::make_reply(request, *outcome.kind, outcome.address, settings), broadcast_address,
                broadcast_mac};
    if (*outcome.kind == DhcpKind::nak) return reply;
    const auto& configured = request.client_address.is_unspecified() ? source : request.client_address;
    if (!configured.is_unspecified()) return {std::move(reply.message), configured, request.mac};
    if (!request.broadcast) return {std::move(reply.message), outcome.address, request.mac};
    return reply;
}

void Dhcp::record(const Request& request, const Outcome& outcome, const IpAddress& source, Nanoseconds time) {
    const Flow flow{{source, 68}, {world_.network.router, 67}, Transport::udp};
    auto fields = flow_fields(world_, flow, protocol::dhcp);
    fields.text("message", to_string(request.kind)).text("mac", request.mac.to_string());
    if (request.wanted) fields.text("requested", request.wanted->to_string());
    fields.text("host_name", request.host_name)
        .text("vendor_class", request.vendor_class)
        .text("client_id", hex(as_bytes(request.client_id)));
    fields.numbers("parameters", request.parameters).numbers("options", request.options);
    if (outcome.kind) fields.text("answer", to_string(*outcome.kind));
    if (!outcome.address.is_unspecified()) fields.text("address", outcome.address.to_string());
    if (!outcome.note.empty()) fields.text("note", outcome.note);
    world_.recorder.event(time, "dhcp", fields);
}

std::optional<Dhcp::Reply> Dhcp::received(ByteView message, const IpAddress& source) {
    const auto time = world_.now();
    const auto request = dhcp::parse_request(message);
    if (!request) {
        Payload payload(world_.recorder);
        payload.append(message);
        auto fields =
            flow_fields(world_, {{source, 68}, {world_.network.router, 67}, Transport::udp}, protocol::dhcp);
        fields.text("malformed", request.error().message);
        const auto id = payload.finish();
        world_.recorder.event(time, "dhcp", fields, id);
        return std::nullopt;
    }
    withdraw();
    const auto outcome = decide(*request, source);
    record(*request, outcome, source, time);
    if (!outcome.kind) return std::nullopt;
    return make_reply(*request, outcome, source);
}

}  // namespace cambench::internet
