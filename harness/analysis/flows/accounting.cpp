#include <algorithm>

#include "harness/analysis/capture/oddities.hpp"
#include "harness/analysis/flows/tracker.hpp"
#include "harness/wire/ethertypes.hpp"

/// That each frame of the camera is judged, or named where it cannot be.
namespace cambench::analysis {

void Tracker::note_odd(const Packet& packet) {
    if (!packet.odd.empty()) return note_unaccounted(packet.odd, packet);
    const auto odd = packet.kind == Packet::Kind::other                    ? odd_link_frame(packet)
                     : packet.kind == Packet::Kind::ip && !packet.fragment ? odd_content(packet)
                                                                           : std::string_view();
    if (!odd.empty()) note_unaccounted(odd, packet);
}

/// The kinds are those of oddities.cpp and a few more: few.
void Tracker::note_unaccounted(std::string_view what, const Packet& packet) {
    auto known = std::find_if(unaccounted_.begin(), unaccounted_.end(),
                              [&](const UnaccountedFrames& one) { return one.what == what; });
    if (known == unaccounted_.end())
        known = unaccounted_.insert(
            known, {std::string(what), packet.kind == Packet::Kind::ip ? packet.target : IpAddress(), 0,
                    packet.frame});
    ++known->frames;
}

/// What the camera sends beside IP and ARP.
void Tracker::note_other_frame(const Packet& packet) {
    constexpr std::uint16_t least_type = 0x0600;
    const auto type = packet.ethertype < least_type ? std::uint16_t{0} : packet.ethertype;
    const auto meaning = meaning_of_frame(packet.ethertype, packet.payload);
    const auto to = packet.target_mac.value_or(MacAddress());
    auto known = std::find_if(other_frames_.begin(), other_frames_.end(), [&](const OtherFrames& one) {
        return one.type == type && one.meaning == meaning.name && one.to == to;
    });
    if (known == other_frames_.end()) {
        if (other_frames_.size() >= most_other_frames)
            return bounds_.note(Subject::destinations, "kinds of frames beside IP and ARP", most_other_frames,
                                packet.frame.time);
        other_frames_.push_back(
            {type, std::string(meaning.name), to, 0, 0, packet.frame, meaning.carries_data});
        known = std::prev(other_frames_.end());
    }
    ++known->frames;
    known->bytes += packet.length;
}

/// Neighbour discovery and group membership keep the link alive and reach nobody beyond it. Sent to somebody
/// beyond, they are messages to him like any other, whatever their type says.
bool Tracker::is_housekeeping(const Packet& packet, Way way) {
    constexpr std::uint8_t igmp = 2, icmpv6 = 58;
    if (packet.protocol == igmp) return packet.target.is_multicast();
    if (packet.protocol != icmpv6) return false;
    const auto type = packet.icmp.type;
    const bool upkeep = (type >= 130 && type <= 137) || type == 143 || (type >= 151 && type <= 153);
    if (!upkeep) return false;
    if (way == Way::in) {
        if (solicitors_.size() < most_invited) solicitors_.insert(packet.source);
        return true;
    }
    if (is_lan(packet, way) || solicitors_.contains(packet.target)) return true;
    const bool network_known = std::any_of(network_.subnets.begin(), network_.subnets.end(),
                                           [](const Cidr& subnet) { return !subnet.base().is_v4(); });
    if (network_known || begins_ == Begins::before_power) return false;
    note_unaccounted(
        "neighbour discovery or group membership towards an address that may be beyond the network", packet);
    return true;
}

void Tracker::remember_arrival(const Packet& packet) {
    constexpr std::size_t most_arrivals = 256,
                          longest_quote =
                              1232;  // what an error has room for where packets of 1280 bytes pass
    if (arrivals_.size() < most_arrivals) arrivals_.emplace_back();
    auto& arrival = arrivals_[next_arrival_++ % arrivals_.size()];
    arrival.source = {packet.source, packet.source_port};
    arrival.target = {packet.target, packet.target_port};
    arrival.protocol = packet.protocol;
    const auto head = packet.payload.first(std::min(packet.payload.size(), longest_quote));
    arrival.head.assign(head.begin(), head.end());
}

/// An error quotes what it complains about: one that quotes something else carries it.
bool Tracker::answers_arrival(const Packet& error) const {
    const auto quoted = decode_quoted_content(error.payload, error.source.family());
    if (!quoted || !quoted->odd.empty()) return false;
    const Endpoint source{quoted->source, quoted->source_port}, target{quoted->target, quoted->target_port};
    return error.target == quoted->source &&
           std::any_of(arrivals_.begin(), arrivals_.end(), [&](const Arrival& one) {
               return one.source == source && one.target == target && one.protocol == quoted->protocol &&
                      quoted->payload.size() <= one.head.size() &&
                      std::equal(quoted->payload.begin(), quoted->payload.end(), one.head.begin());
           });
}

/// Whether it complains about a conversation in which its receiver spoke: its destination is that one.
bool Tracker::spoke_with(const Packet& error) const {
    const auto quoted = decode_quoted(error.payload, error.source.family());
    if (!quoted || error.target != quoted->source) return false;
    const FlowKey key{
        {quoted->target, quoted->target_port}, {quoted->source, quoted->source_port}, quoted->protocol};
    return heard_.contains(FlowKeyHash{}(key));
}

}  // namespace cambench::analysis
