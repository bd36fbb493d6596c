#pragma once

#include <vector>

#include "bench/internet/link/dhcp.hpp"
#include "bench/internet/link/dhcp6.hpp"
#include "bench/internet/link/unit_addresses.hpp"
#include "bench/internet/world/world.hpp"
#include "harness/wire/packets.hpp"

namespace cambench::internet {

/// What the camera's own wire is asked: ARP, neighbour discovery, DHCP, pings, group datagrams. Frames in,
/// frames out.
class Link {
public:
    explicit Link(World& world) : world_(world), dhcp_(world), dhcp6_(world), own_(world) {}

    /// The frames to send in answer to one that came from the wire.
    [[nodiscard]] std::vector<Bytes> received(ByteView frame);
    /// A router advertisement to all nodes: at the start, every few seconds, and on request.
    [[nodiscard]] Bytes router_advertisement() const;
    /// A command about units with addresses of their own; nullopt: it is none.
    [[nodiscard]] std::optional<Status> obey(const Json& command) { return own_.obey(command); }
    /// The frames by which the wire is asked what the engine wants to know.
    [[nodiscard]] std::vector<Bytes> take_questions() { return own_.take_questions(); }

private:
    std::vector<Bytes> received_arp(const EthernetFrame& frame);
    std::vector<Bytes> received_ip(const EthernetFrame& frame);
    std::vector<Bytes> received_icmp(const EthernetFrame& frame, const IpPacket& packet);
    std::vector<Bytes> received_icmpv6(const EthernetFrame& frame, const IpPacket& packet);
    std::vector<Bytes> received_solicitation(const EthernetFrame& frame, const IpPacket& packet);
    std::vector<Bytes> received_advertisement(const EthernetFrame& frame, const IpPacket& packet);
    std::vector<Bytes> received_udp(const EthernetFrame& frame, const IpPacket& packet);
    void received_syn(const IpPacket& packet);
    void received_other(const EthernetFrame& frame);

    [[nodiscard]] Bytes echo_answer(const EthernetFrame& frame, const IpPacket& packet, Bytes message) const;

    World& world_;
    Dhcp dhcp_;
    Dhcp6 dhcp6_;
    UnitAddressBook own_;  ///< what the camera uses itself is never answered for
};

}  // namespace cambench::internet
