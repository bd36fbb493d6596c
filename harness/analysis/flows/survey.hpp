#pragma once

#include <array>
#include <map>
#include <set>

#include "harness/analysis/capture/packet.hpp"
#include "harness/analysis/flows/joins.hpp"
#include "harness/analysis/observations/inputs.hpp"
#include "harness/wire/dhcp.hpp"

namespace cambench::analysis {

/// Which frames are the camera's.
struct CameraIdentity {
    std::set<MacAddress> macs;  ///< empty: known by address alone
    std::set<IpAddress> addresses;
    [[nodiscard]] bool sent(const Packet& packet) const;
    [[nodiscard]] bool receives(const Packet& packet) const;  ///< meant for it alone, not for a group
};

/// The first pass over the recordings: who is there, and what the network told the camera.
class Survey {
public:
    void add(const Packet& packet);

    using Wanted = std::optional<std::variant<MacAddress, IpAddress>>;
    /// What is known of the camera beforehand.
    struct Hints {
        Wanted wanted;               ///< as the user names it
        std::set<MacAddress> bench;  ///< the bench's own, when only it and the camera stand on the wire:
                                     ///< frames from any other are the camera's as well
        std::vector<std::string> prefixes;  ///< of the declaration
    };
    /// Whether MAC addresses tell who sent what. A recorder on the device itself may put one into every
    /// frame, both ways.
    [[nodiscard]] bool macs_tell(const Hints& hints) const;
    /// The recording tells by itself which frames the camera put on its wire.
    [[nodiscard]] bool by_wire() const { return on_wire_.frames > 0; }

    /// Chooses the camera and fills in what is known of it and of its network.
    [[nodiscard]] CameraIdentity conclude(const Hints& hints, Camera& camera, NetworkFacts& network) const;

private:
    static constexpr std::size_t most_members = 64, most_hosts = 4096;
    /// What tells a camera from the other machines of a network; each counts once.
    enum Trait : unsigned {
        serves_video = 1,
        camera_discovery = 2,
        private_protocol = 4,
        says_so = 8,
        embedded = 16,
        takes_video = 32,
        camera_port = 64
    };
    struct Host {
        std::uint64_t frames = 0;
        std::uint64_t order = 0;  ///< of appearance
        std::optional<FrameRef> first, last;
        std::set<IpAddress> v4_sources, v6_sources, claimed;  ///< claimed: by ARP or a lease
        std::vector<IpAddress> source_order;
        std::set<IpAddress> addressed_as;      ///< IPv4 targets of frames sent to it
        std::set<IpAddress> claimed_by_reply;  ///< ARP replies it sent
        std::set<IpAddress> public_targets;    ///< of frames sent to it
        bool dhcp_client = false, dhcp_server = false, router = false, begins_remote = false;
        std::string hostname, vendor_class;
        std::optional<FrameRef> named_in;
        bool start_seen = false;  ///< its first frames join the network
        bool spoke_unicast = false;
        bool talks_outside = false;        ///< asks resolvers, or sends beyond private addresses
        bool carries_mirrors = false;      ///< sends the recorder what it sees of others
        std::uint64_t datagrams = 0;       ///< of IP, to one station
        std::set<std::uint16_t> accepts;   ///< TCP ports on which it took a connection
        std::set<IpAddress> came_back_to;  ///< IPv4 sources it used again after another one
        std::optional<IpAddress> latest_source;
        std::array<std::pair<IpAddress, IpAddress>, 8> latest_pairs;  ///< from whom to whom, lately
        std::size_t next_pair = 0;
        std::optional<std::pair<IpAddress, IpAddress>>
            both_ways;        ///< whose conversation came from it in both directions
        unsigned traits = 0;  ///< of a camera: Trait bits
    };
    struct Grant {  ///< a DHCP or DHCPv6 reply, or a router advertisement
        std::optional<MacAddress> sender, client;
        WallTime time{};
        /// Of which family it tells the resolvers for good; nullopt: an offer, a reply recorded in part, an
        /// advertisement of none.
        std::optional<IpAddress::Family> tells;
        bool offer = false;
        bool on_slot = false;  ///< the bench said it, on the camera's own wire
        std::vector<IpAddress> resolvers, time_servers, routers, servers;
        std::vector<Cidr> subnets;
        std::vector<std::string> domains;
        std::optional<IpAddress> lease;
    };

    [[nodiscard]] static bool is_public(
        const IpAddress& address);  ///< outside of any network a camera could be plugged into
    [[nodiscard]] static bool is_declared(const MacAddress& mac,
                                          const Hints& hints);  ///< begins as the declaration says
    [[nodiscard]] Host* sender_of(const Packet& packet);
    [[nodiscard]] static bool may_say(const Packet& packet, bool as_server);
    void add_arp(const Packet& packet, Host& sender);
    void add_ip(const Packet& packet, Host& sender);
    void add_dhcp(const Packet& packet, Host& sender);
    void add_router(const Packet& packet, Host& sender);
    static void note_sources(const Packet& packet, Host& sender);
    static void note_traits(const Packet& packet, Host& sender, Host* receiver);
    static void note_stream(const Packet& packet, std::string_view text, Host& sender, Host* receiver);
    static void note_private_protocol(const Packet& packet, Host& sender, Host* receiver);
    [[nodiscard]] Host* receiver_of(const Packet& packet);
    [[nodiscard]] static unsigned likeness(const Host& host);
    [[nodiscard]] static bool is_rival(const Host& host, const Host& best);
    [[nodiscard]] std::vector<std::string> rivals_of(const MacAddress& chosen, const Hints& hints) const;
    [[nodiscard]] std::vector<std::string> rivals_of(const IpAddress& chosen) const;
    [[nodiscard]] bool speaks_alone(const MacAddress& mac) const;
    void list_macs(const CameraIdentity& identity, Camera& camera) const;
    void add_other_family(const IpAddress& known, Camera& camera) const;
    void note_start(const Packet& packet, Host& sender);
    [[nodiscard]] static bool gateway_like(const Host& host);
    [[nodiscard]] std::optional<MacAddress> most_likely_camera(const Hints& hints) const;
    [[nodiscard]] std::optional<IpAddress> most_likely_address() const;
    [[nodiscard]] std::optional<MacAddress> owner_of(const IpAddress& address) const;
    void describe(const Host& host, Camera& camera) const;
    void add_grant(Grant grant, const Packet& packet);
    [[nodiscard]] std::vector<const Grant*> grants_to(const CameraIdentity& identity) const;
    void gather_network(const CameraIdentity& identity, Camera& camera, NetworkFacts& network) const;

    std::map<MacAddress, Host> hosts_;
    Host bench_, further_;  ///< on a slot: the bench; all names of the camera beyond those in hosts_
    struct {
        std::uint64_t frames = 0;
        std::optional<FrameRef> first, last;
    } on_wire_;                             ///< that the camera put on its slot's wire
    std::map<IpAddress, Host> bare_hosts_;  ///< on links without MAC addresses
    std::vector<Grant> grants_;
    Joins joins_;
};

}  // namespace cambench::analysis
