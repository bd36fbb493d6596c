#include <algorithm>

#include "harness/analysis/flows/tracker.hpp"
#include "harness/wire/protocols.hpp"

/// Who began what is on record, and whether it was under way before.
namespace cambench::analysis {
namespace {

using namespace std::chrono_literals;

bool is_request_icmp(const Packet& packet) {
    const auto type = packet.icmp.type;
    return packet.protocol == 58 ? type == 128 : type == 8 || type == 13 || type == 15 || type == 17;
}

/// An address that nobody on the internet can call without the help of a router.
bool is_behind_router(const IpAddress& own) {
    static const Cidr shared(IpAddress::v4(0x64400000U), 10);  // RFC 6598
    return own.is_private() || own.is_link_local() || shared.contains(own);
}

}  // namespace

bool Tracker::is_told_resolver(const IpAddress& address) const {
    return std::find(network_.resolvers.begin(), network_.resolvers.end(), address) !=
           network_.resolvers.end();
}

bool Tracker::comes_before_joining(const Packet& packet, Way way) const {
    if (begins_ == Begins::before_power) return false;
    return (network_.joined && packet.frame.time < *network_.joined) ||
           (way == Way::out && packet.source.is_unspecified());
}

/// The peer had said nothing yet on a flow that is on record from its beginning: whatever it looks like, it
/// answers nothing.
bool Tracker::speaks_first(const FlowKey& key, const Packet& packet, Way way) const {
    if (way != Way::out || heard_.contains(FlowKeyHash{}(key))) return false;
    return begins_ == Begins::before_power ||
           (network_.joined && packet.frame.time >= *network_.joined && !is_lan(packet, way));
}

/// Without its SYN a connection was under way. Nobody outside can have called a camera behind a router,
/// unless the router lets him in.
Tracker::Caller Tracker::caller_of_stream(const FlowKey& key, const Packet& packet, Way way) const {
    const bool opens = packet.tcp.syn && !packet.tcp.ack;
    if (!opens && speaks_first(key, packet, way))
        return begins_ == Begins::before_power ? Caller::camera : Caller::unknown;
    if (packet.tcp.syn) return (way == Way::out) != packet.tcp.ack ? Caller::camera : Caller::peer;
    const bool peer_serves = protocol::is_servers_port(Transport::tcp, key.peer.port),
               camera_serves = protocol::is_servers_port(Transport::tcp, key.camera.port);
    if (peer_serves && !camera_serves) return Caller::camera;
    if (camera_serves && !peer_serves)
        return is_lan(packet, way) || !is_behind_router(key.camera.address) ? Caller::peer : Caller::unknown;
    return key.peer.port < key.camera.port ? Caller::camera : Caller::unknown;
}

Tracker::Caller Tracker::caller_of_datagram(const FlowKey& key, const Packet& packet, Way way) const {
    const bool out = way == Way::out;
    // The request of an answer is not on record; a neighbour's may have been lost, a stranger's was hardly
    // let in.
    if (packet.is_icmp() && !is_request_icmp(packet)) {
        if (!out) return Caller::camera;
        return is_lan(packet, way)               ? Caller::peer
               : begins_ == Begins::before_power ? Caller::camera
                                                 : Caller::unknown;
    }
    if (out) return Caller::camera;
    if (packet.is_udp() && key.peer.port == 53 && is_told_resolver(key.peer.address) &&
        !protocol::is_servers_port(Transport::udp, key.camera.port))
        return Caller::camera;
    if (packet.is_icmp() || begins_ == Begins::before_power) return Caller::peer;
    const bool peer_serves = protocol::is_servers_port(Transport::udp, key.peer.port),
               camera_serves = protocol::is_servers_port(Transport::udp, key.camera.port);
    if (is_lan(packet, way)) return peer_serves && !camera_serves ? Caller::unknown : Caller::peer;
    return camera_serves && !peer_serves && !is_behind_router(key.camera.address) ? Caller::peer
                                                                                  : Caller::unknown;
}

/// Who began a flow whose first recorded packet is `packet`.
Tracker::Caller Tracker::caller_of(const FlowKey& key, const Packet& packet, Way way) const {
    return packet.is_tcp() ? caller_of_stream(key, packet, way) : caller_of_datagram(key, packet, way);
}

/// A peer that acknowledges more and more, or takes a call, was sent what is not on record.
void Tracker::note_acknowledgment(Flow& flow, const Packet& packet, Way way) {
    if (way == Way::out || flow.frames_out > 0 || !packet.tcp.ack || packet.tcp.rst) return;
    if (packet.tcp.syn ||
        (flow.acknowledged && static_cast<std::int32_t>(packet.tcp.acknowledgment - *flow.acknowledged) > 1))
        flow.half_recorded = true;
    if (!flow.acknowledged) flow.acknowledged = packet.tcp.acknowledgment;
}

/// Datagrams from one socket that come no later after the recording's beginning than they come after each
/// other: nothing says that the first of them on record was the first of all.
void Tracker::note_going_on(Destination& destination) const {
    constexpr Nanoseconds at_once = 2s, pause_between_sendings = 500ms;
    if (destination.transport == Transport::tcp || destination.own_ends.size() != 1 ||
        (network_.joined && destination.first_seen >= *network_.joined))
        return;
    std::vector<Nanoseconds> pauses;
    for (std::size_t i = 1; i < destination.attempt_times.size(); ++i)
        pauses.push_back(destination.attempt_times[i] - destination.attempt_times[i - 1]);
    if (pauses.empty() && destination.last_seen - destination.first_seen < pause_between_sendings) return;
    std::sort(pauses.begin(), pauses.end());
    const auto usual = pauses.empty() ? Nanoseconds::zero() : pauses[pauses.size() / 2];
    if (destination.first_seen - first_ > std::max(at_once, usual)) return;
    destination.under_way = destination.known_before = true;
}

}  // namespace cambench::analysis
