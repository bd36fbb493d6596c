#include "harness/analysis/flows/joins.hpp"

#include <algorithm>

namespace cambench::analysis {

void Joins::asks(const Packet& packet, const DhcpMessage& message) {
    constexpr std::uint8_t discover = 1, request = 3;
    if (message.type != discover && message.type != request) return;
    if (packet.source.is_unspecified() && asking_for_lease_.size() < most)
        asking_for_lease_.insert(message.client);
}

void Joins::acknowledges(const Packet& packet, const DhcpMessage& message) {
    constexpr unsigned whole_address = 32;
    if (asking_for_lease_.erase(message.client) == 0 || joins_.size() >= most) return;
    joins_.push_back(
        {packet.source_mac, message.client, {Cidr(message.your_address, whole_address)}, packet.frame.time});
}

/// An interface that comes up asks for routers, or whether its link-local address is free. Addresses that
/// come later are proven free while the host runs.
void Joins::speaks(const Packet& packet) {
    constexpr std::uint8_t router_solicitation = 133, neighbor_solicitation = 135;
    if (awaiting_router_.size() >= most) return;
    const bool asks_if_free = packet.icmp.type == neighbor_solicitation && packet.source.is_unspecified() &&
                              packet.payload.size() >= 16;
    const bool probes = asks_if_free && IpAddress::v6(packet.payload.first(16)).is_link_local();
    if (probes || packet.icmp.type == router_solicitation) awaiting_router_.insert(packet.source_mac);
}

void Joins::advertises(const Packet& packet, const RouterAdvertisement& advertisement) {
    const bool to_all = !packet.target_mac || packet.target_mac->is_group();
    for (auto one = awaiting_router_.begin(); one != awaiting_router_.end();) {
        const bool heard = *one != packet.source_mac || !*one;
        if (!heard || (*one && !to_all && *one != packet.target_mac)) {
            ++one;
            continue;
        }
        if (joins_.size() < most)
            joins_.push_back({packet.source_mac, *one, advertisement.prefixes, packet.frame.time});
        one = awaiting_router_.erase(one);
    }
}

std::optional<WallTime> Joins::first() const {
    std::optional<WallTime> first;
    for (const auto& join : joins_) first = std::min(first.value_or(join.time), join.time);
    return first;
}

std::optional<WallTime> Joins::first_of(const std::set<MacAddress>& macs,
                                        const std::set<IpAddress>& addresses) const {
    std::optional<WallTime> first;
    for (const auto& join : joins_) {
        if (join.sender && macs.contains(*join.sender)) continue;  // no host takes itself in
        const auto its_own = [&](const Cidr& part) {
            return std::any_of(addresses.begin(), addresses.end(),
                               [&](const IpAddress& one) { return part.contains(one); });
        };
        const bool its = macs.empty() || !join.client
                             ? std::any_of(join.addresses.begin(), join.addresses.end(), its_own)
                             : macs.contains(*join.client);
        if (its) first = std::min(first.value_or(join.time), join.time);
    }
    return first;
}

}  // namespace cambench::analysis
