#pragma once

#include <deque>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "harness/analysis/flows/attribution.hpp"
#include "harness/analysis/flows/flow.hpp"
#include "harness/analysis/flows/ledger.hpp"
#include "harness/analysis/flows/own_link.hpp"
#include "harness/analysis/flows/survey.hpp"

namespace cambench::analysis {

/// The second pass: every packet from or to the camera, in order, becomes part of a flow; flows become
/// destinations.
class Tracker {
public:
    /// Whether the recording began before the camera had power: then nothing can have been under way.
    enum class Begins { in_the_middle, before_power };

    Tracker(const CameraIdentity& identity, const NetworkFacts& network, Begins begins,
            Identifiers identifiers = {})
        : identity_(identity),
          network_(network),
          begins_(begins),
          names_(network.resolvers),
          link_(network.subnets),
          ledger_(std::move(identifiers)) {}

    void add(const Packet& packet);
    /// A name the bench gave over a channel the capture does not show in clear.
    void given(const NamedAddresses& named) { names_.given(named); }
    /// Whether the camera was seen to ask for a name.
    [[nodiscard]] bool saw_question(const std::string& name, const std::string& type) const {
        return names_.knows(name, type);
    }
    /// What lies on the camera's own network, as far as it was seen.
    [[nodiscard]] const OwnLink& own_link() const { return link_; }
    /// Ends all flows and moves what was found into `observations`.
    void finish(Observations& observations);

private:
public:
    static constexpr std::size_t most_flows = 32'768, most_invited = 4096, most_neighbours = 4096,
                                 most_other_frames = 256;

private:
    static constexpr std::size_t most_memory = 96U << 20;  ///< of flows
    enum class Way { out, in };

    void note_neighbour(const Packet& packet, bool out);
    void note_question(const IpAddress& target, const FrameRef& frame);
    void note_presence(const IpAddress& address);
    void note_data_port(const Flow& flow, const Packet& packet);
    void note_stream_ports(const Flow& flow, const Packet& packet);
    void note_other_frame(const Packet& packet);
    void note_odd(const Packet& packet);
    void note_unaccounted(std::string_view what, const Packet& packet);
    void remember_arrival(const Packet& packet);
    [[nodiscard]] bool answers_arrival(const Packet& error) const;
    [[nodiscard]] bool spoke_with(const Packet& error) const;
    [[nodiscard]] bool is_housekeeping(const Packet& packet, Way way);
    [[nodiscard]] bool speaks_first(const FlowKey& key, const Packet& packet, Way way) const;
    void hear_group(const Packet& packet);
    void add_ip(const Packet& packet, Way way);
    void add_icmp_error(const Packet& packet);
    [[nodiscard]] std::optional<FlowKey> key_of(const Packet& packet, Way way) const;
    [[nodiscard]] Flow* flow_for(const FlowKey& key, const Packet& packet, Way way);
    [[nodiscard]] bool begins_anew(const Flow& flow, const Packet& packet, Way way) const;
    [[nodiscard]] Flow make_flow(const FlowKey& key, const Packet& packet, Way way);
    enum class Caller { camera, peer, unknown };
    [[nodiscard]] Caller caller_of(const FlowKey& key, const Packet& packet, Way way) const;
    [[nodiscard]] Caller caller_of_stream(const FlowKey& key, const Packet& packet, Way way) const;
    [[nodiscard]] Caller caller_of_datagram(const FlowKey& key, const Packet& packet, Way way) const;
    [[nodiscard]] bool comes_before_joining(const Packet& packet, Way way) const;
    void note_going_on(Destination& destination) const;
    static void note_acknowledgment(Flow& flow, const Packet& packet, Way way);
    [[nodiscard]] bool is_told_resolver(const IpAddress& address) const;
    void add_tcp(Flow& flow, const Packet& packet, Way way);
    void add_datagram(Flow& flow, const Packet& packet, Way way);
    void read_dns_datagram(Flow& flow, const Packet& packet, Way way);
    void read_dns_stream(Flow& flow, const Packet& packet);
    void note_call(const Flow& flow, std::string_view text);
    void note_invitations(const Flow& flow, const Packet& packet);
    void note_streams(const Flow& flow, std::string_view text);
    void note_subscribers(const Flow& flow, std::string_view text);
    void note_transfer(const Flow& flow, const Packet& packet);
    [[nodiscard]] bool is_invited(const Packet& packet, const Endpoint& peer) const;
    [[nodiscard]] bool is_lan(const Packet& packet, Way way) const;
    void note_over(Flow& flow);
    void end_flows_over(std::deque<FlowKey>& over, WallTime before);
    void sweep(WallTime now);
    void watch_memory(WallTime now);
    void end_oldest_half(std::string_view what, std::uint64_t bound, WallTime now);
    void note_full_lists();

    const CameraIdentity& identity_;
    const NetworkFacts& network_;
    Begins begins_;
    WallTime first_{};  ///< the recording's first frame
    NameBook names_;
    OwnLink link_;
    struct Control {
        std::uint16_t port;
        std::vector<NameOf> names;
        std::string protocol;
    };
    static void take_control(Flow& flow, const Control& control);

    std::unordered_map<FlowKey, Flow, FlowKeyHash> flows_;
    /// Flows with nothing more to come, in the order in which that was so; some have gone on or are gone.
    std::deque<FlowKey> connections_over_, lookups_over_;
    std::unordered_set<Endpoint> invited_;  ///< LAN endpoints that asked the camera for something by UDP
    std::unordered_set<Endpoint>
        subscribers_;  ///< LAN endpoints that neighbours asked the camera to call by HTTP
    std::unordered_set<IpAddress> advertised_;  ///< LAN hosts that announced themselves
    Ledger ledger_;                             ///< of the flows that have ended
    std::map<Endpoint, Control> data_ports_;    ///< announced on FTP control connections
    /// The camera's ends that it told an FTP server to call, or asked a TFTP server from, by the server's
    /// address.
    std::map<std::pair<Endpoint, IpAddress>, Control> called_back_;
    std::map<Endpoint, Control>
        stream_ports_;  ///< for RTP, named by servers in their answers to the camera's SETUP
    std::vector<OtherFrames> other_frames_;
    std::vector<UnaccountedFrames> unaccounted_;
    /// What came to the camera lately: only that can its errors complain about.
    struct Arrival {
        Endpoint source, target;
        std::uint8_t protocol = 0;
        Bytes head;
    };
    std::vector<Arrival> arrivals_;
    std::size_t next_arrival_ = 0;
    std::unordered_set<std::size_t> heard_;     ///< digests of flows on which the peer spoke, over now or not
    std::unordered_set<IpAddress> solicitors_;  ///< by neighbour discovery
    std::vector<NeighbourQuestion> neighbours_;
    std::unordered_map<IpAddress, std::size_t> neighbour_index_;
    std::uint64_t packets_ = 0, cut_answers_ = 0;
    ReachedBounds bounds_;
};

}  // namespace cambench::analysis
