#pragma once

#include <map>
#include <set>

#include "harness/analysis/analyze.hpp"
#include "harness/analysis/dhcp.hpp"
#include "harness/analysis/joins.hpp"
#include "harness/analysis/packet.hpp"

namespace cambench::analysis {

/// Which frames are the camera's.
struct CameraIdentity {
    std::set<MacAddress> macs;        ///< empty: known by address alone
    std::set<IpAddress> addresses;
    [[nodiscard]] bool sent(const Packet& packet) const;
    [[nodiscard]] bool receives(const Packet& packet) const;  ///< meant for it alone, not for a group
};

/// The first pass over the recordings: who is there, and what the network told the camera.
class Survey {
public:
    void add(const Packet& packet);

    /// Chooses the camera and fills in what is known of it and of its network. `bench` are the MAC addresses of the bench
    /// when only it and the camera stand on the wire: frames from any other address are the camera's as well.
    [[nodiscard]] CameraIdentity conclude(const std::optional<std::variant<MacAddress, IpAddress>>& wanted, const std::set<MacAddress>& bench,
                                          Camera& camera, NetworkFacts& network) const;

private:
    static constexpr std::size_t most_members = 64, most_hosts = 4096;
    /// What tells a camera from the other machines of a network; each counts once.
    enum Trait : unsigned { serves_video = 1, camera_discovery = 2, private_protocol = 4, says_so = 8, embedded = 16 };
    struct Host {
        std::uint64_t frames = 0;
        std::uint64_t order = 0;               ///< of appearance
        std::optional<FrameRef> first, last;
        std::set<IpAddress> v4_sources, v6_sources, claimed;  ///< claimed: by ARP or a lease
        std::vector<IpAddress> source_order;
        std::set<IpAddress> addressed_as;      ///< IPv4 targets of frames sent to it
        std::set<IpAddress> claimed_by_reply;  ///< ARP replies it sent
        std::set<IpAddress> public_targets;    ///< of frames sent to it
        bool dhcp_client = false, dhcp_server = false, router = false, begins_remote = false;
        std::string hostname, vendor_class;
        std::optional<FrameRef> named_in;
        bool start_seen = false;               ///< its first frames join the network
        bool spoke_unicast = false;
        bool talks_outside = false;            ///< asks resolvers, or sends beyond private addresses
        unsigned traits = 0;                   ///< of a camera: Trait bits
    };
    struct Grant {  ///< a DHCP or DHCPv6 reply, or a router advertisement
        std::optional<MacAddress> sender, client;
        WallTime time{};
        /// Of which family it tells the resolvers for good; nullopt: an offer, a reply recorded in part, an advertisement of none.
        std::optional<IpAddress::Family> tells;
        bool offer = false;
        std::vector<IpAddress> resolvers, time_servers, routers, servers;
        std::vector<Cidr> subnets;
        std::vector<std::string> domains;
        std::optional<IpAddress> lease;
    };

    void add_arp(const Packet& packet, Host& sender);
    void add_ip(const Packet& packet, Host& sender);
    void add_dhcp(const Packet& packet, Host& sender);
    void add_router(const Packet& packet, Host& sender);
    static void note_traits(const Packet& packet, Host& sender);
    [[nodiscard]] static unsigned likeness(const Host& host);
    [[nodiscard]] std::vector<std::string> rivals_of(const MacAddress& chosen) const;
    void add_other_family(const IpAddress& known, Camera& camera) const;
    void note_start(const Packet& packet, Host& sender);
    [[nodiscard]] static bool gateway_like(const Host& host);
    [[nodiscard]] std::optional<MacAddress> most_likely_camera(const std::set<MacAddress>& bench) const;
    [[nodiscard]] std::optional<IpAddress> most_likely_address() const;
    [[nodiscard]] std::optional<MacAddress> owner_of(const IpAddress& address) const;
    void describe(const Host& host, Camera& camera) const;
    void add_grant(Grant grant, const Packet& packet);
    [[nodiscard]] std::vector<const Grant*> grants_to(const CameraIdentity& identity) const;
    void gather_network(const CameraIdentity& identity, Camera& camera, NetworkFacts& network) const;

    std::map<MacAddress, Host> hosts_;
    std::map<IpAddress, Host> bare_hosts_;  ///< on links without MAC addresses
    std::vector<Grant> grants_;
    Joins joins_;
};

}  // namespace cambench::analysis
