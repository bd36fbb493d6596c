#pragma once

#include <array>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "harness/analysis/capture/packet.hpp"
#include "harness/analysis/flows/attribution.hpp"
#include "harness/analysis/flows/content.hpp"
#include "harness/analysis/flows/stream.hpp"
#include "harness/wire/quic_initial.hpp"
#include "harness/wire/websocket.hpp"

namespace cambench::analysis {

/// Camera's side, other side and protocol of IP. Ports are zero where there are none; an ICMP echo's
/// identifier stands in for the camera's port.
struct FlowKey {
    Endpoint camera, peer;
    std::uint8_t protocol = 0;
    auto operator<=>(const FlowKey&) const = default;
    [[nodiscard]] Transport transport() const;
};

struct FlowKeyHash {
    std::size_t operator()(const FlowKey& key) const noexcept {
        return std::hash<Endpoint>{}(key.camera) * 1'000'003 ^ std::hash<Endpoint>{}(key.peer) * 31 ^
               key.protocol;
    }
};

/// Knows a datagram that the recorder saw twice: mirror ports of switches give each one as it enters and as
/// it leaves.
class CopySense {
public:
    /// Whether it is the same as one of the last few, at most 0.3 ms ago: what a full frame needs on a wire
    /// of 100 Mbit/s, twice.
    [[nodiscard]] bool is_copy(const Packet& packet);

private:
    struct Seen {
        std::size_t digest = 0;
        WallTime time{};
    };
    std::array<Seen, 4> latest_{};
    std::size_t next_ = 0;
};

/// Everything between two endpoints from its first packet until its end.
struct Flow {
    FlowKey key;
    bool by_camera = false;  ///< the camera began it, or nothing tells who did
    bool caller_unknown = false;
    bool start_seen = false;                         ///< not already under way when the recording began
    bool before_joining = false;                     ///< begun before the camera was taken in by the network
    std::uint64_t frames_out = 0, refusals_out = 0;  ///< refusals: RST that answer a peer
    std::optional<std::uint32_t>
        acknowledged;            ///< TCP, while the camera has sent nothing: what the peer acknowledged first
    bool half_recorded = false;  ///< the peer acknowledged what is not on record
    FrameRef first_frame;
    std::string perhaps;  ///< see Destination
    WallTime last{};
    std::uint64_t attempts = 0;
    std::vector<FrameRef> attempt_frames;

    // TCP
    std::uint32_t first_sequence = 0;
    bool accepted = false, reset = false;
    bool left_by_peer = false;  ///< the peer ended it first
    bool fin_out = false, fin_in = false;
    // any
    bool answered = false, unreachable = false;
    WallTime last_out{};

    StreamSide out, in;               ///< TCP: sent by the camera, and by the peer
    Bytes first_out, first_in;        ///< UDP: the first datagram each way
    CopySense copies_out, copies_in;  ///< other than TCP, whose sequence numbers tell
    bool first_out_cut = false;
    std::uint64_t bytes_out = 0, bytes_in = 0;  ///< other than TCP
    std::set<std::uint8_t> pppp_types;
    bool is_dns = false;
    std::uint32_t questions = 0, replies = 0;       ///< of DNS over UDP
    std::size_t dns_read_out = 0, dns_read_in = 0;  ///< bytes of the heads already parsed (DNS over TCP)

    // content
    enum class Cover { unknown, clear, ciphered } cover = Cover::unknown;
    std::vector<ContentFact> contents;
    Bytes edge_out, edge_in;  ///< TCP: the last bytes searched, in which a mark may begin
    std::unique_ptr<WebSocketUnmasker> websocket;  ///< once the camera speaks it
    std::uint64_t websocket_read = 0;              ///< bytes of the stream when it was read last
    RtpSense rtp;
    std::unique_ptr<QuicInitialReader> quic;  ///< while the hello is not whole
    std::optional<QuicClientHello> quic_hello;
    FrameRef quic_frame;  ///< with which it was
    unsigned quic_datagrams = 0;
    Bytes sample;  ///< UDP: what the camera sent after its first datagram, up to sample_limit
    std::vector<WallTime> attempt_times, sending_times;
    std::set<Subject> cut;  ///< see Destination
    static constexpr std::size_t sample_limit = 8192, most_times = 100'000;
    std::optional<std::uint16_t> control_port;
    std::string control_protocol;  ///< of that port's connection: "ftp", "tftp", "rtsp"
    std::string service_of;        ///< see Destination

    std::vector<NameOf>
        names;  ///< what DNS had given for the peer's address when the flow began, the latest first
    bool lan = false, perhaps_lan = false, asked_for = false, advertised = false;

    bool waits_for_stragglers = false;
    [[nodiscard]] bool closed() const { return reset || (fin_out && fin_in); }
    /// The camera said nothing on it, or only that it will not talk.
    [[nodiscard]] bool unanswered() const { return frames_out == refusals_out; }
    /// Nothing more is expected.
    [[nodiscard]] bool over() const { return closed() || (questions > 0 && replies >= questions); }
    [[nodiscard]] std::uint64_t sent() const { return key.protocol == 6 ? out.bytes() : bytes_out; }
    [[nodiscard]] std::uint64_t received() const { return key.protocol == 6 ? in.bytes() : bytes_in; }
    /// Bytes it holds, roughly.
    [[nodiscard]] std::size_t memory() const;
};

/// A moment more, unless there are too many of them.
void keep_time(Flow& flow, std::vector<WallTime>& times, WallTime when);

/// One flow as the contribution it makes to its destination. Pure.
[[nodiscard]] Destination describe_flow(const Flow& flow, const Identifiers& identifiers = {});

/// Searches a packet of a flow for marks of media (sent by the camera) and of code (sent to it).
void look_into(Flow& flow, const Packet& packet, bool outgoing);
/// Notes a fact once for each kind, what and direction. False: there was no room for another one.
bool note(std::vector<ContentFact>& contents, ContentFact fact);

}  // namespace cambench::analysis
