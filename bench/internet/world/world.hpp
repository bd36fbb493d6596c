#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "bench/internet/world/clock.hpp"
#include "bench/internet/world/dialogue_book.hpp"
#include "bench/internet/world/name_directory.hpp"
#include "bench/internet/world/network.hpp"
#include "bench/internet/world/personality.hpp"
#include "bench/internet/world/recorder.hpp"
#include "bench/internet/world/resolver_policy.hpp"
#include "bench/internet/world/web.hpp"
#include "harness/wire/byte_range.hpp"

namespace cambench::internet {

class TlsService;
class StreamDialogue;

/// Who talks to whom. The camera's end first, whoever spoke.
struct Flow {
    Endpoint camera;
    Endpoint destination;
    Transport transport = Transport::tcp;
    std::uint64_t connection = 0;  ///< numbers TCP connections from 1; 0: none
    std::string inside = {};       ///< "tls" when the bytes came out of TLS
    std::string server_name = {};  ///< SNI, "" without
    std::string layers = {};  ///< all that is around the bytes, from the wire inwards: "http/connect/tls"; ""
                              ///< on the wire itself
    std::string toward = {};  ///< "name:port" that a proxy was asked for, "" without
    bool refused = false;     ///< World::refuses said so: what comes is recorded and not answered
};

/// What all services of one fake internet share. Lives as long as they do; used by one thread.
struct World {
    World(const Network& the_network, const Personality& the_personality, const RunClock& the_run_clock,
          Recorder& the_recorder);

    const Network& network;
    RunClock run_clock;
    Recorder& recorder;
    TlsService* tls = nullptr;  ///< nullptr: TLS is recorded, not answered
    FakeClock clock;
    Answers answers;
    NameDirectory names;
    ResolverPolicy resolver;
    Web web;
    std::unordered_set<IpAddress> blocked_addresses;
    std::unordered_set<std::string> blocked_names;  ///< canonical
    const Personality personality;
    Conditions conditions;
    std::uint64_t lease_moves = 0;  ///< how often DHCP was told to give everybody another address
    std::size_t times_told = 0;     ///< answers of <ntp> that were given
    DialogueBook dialogues;
    std::vector<Bytes> further_answers;  ///< to the datagram at hand, after the answer returned

    /// Connections a dialogue has asked for, such as FTP's data: the next one to that endpoint is what is
    /// made here, once.
    using Expected = std::function<std::unique_ptr<StreamDialogue>(World& world, Flow flow)>;
    std::unordered_map<Endpoint, Expected> expected;
    /// Expects one at a port of `address` that nobody else uses; nullopt when too many are expected.
    [[nodiscard]] std::optional<Endpoint> expect(const IpAddress& address, Expected make);
    /// Calls the camera at `to`, from `from` (or another port): the connection that stands is what is made
    /// here. False, or `failed` later: it does not come about.
    std::function<bool(const Endpoint& from, const Endpoint& to, Expected make, std::function<void()> failed)>
        call = [](const Endpoint&, const Endpoint&, const Expected&, const std::function<void()>&) {
            return false;
        };
    /// Datagrams to these endpoints belong to a dialogue, such as the RTP of an RTSP session; it takes its
    /// entries out when it ends.
    using TakeDatagram = std::function<void(const Flow& flow, ByteView datagram)>;
    std::unordered_map<Endpoint, TakeDatagram> datagram_takers;
    /// Firmware on its way to the camera, by connection.
    struct Delivery {
        std::uint64_t offer = 0;
        std::uint64_t size = 0;               ///< bytes of the package
        ByteRange part;                       ///< of it, on the way here
        std::uint64_t told = 0;               ///< of its way, tenths that became events
        std::optional<std::uint64_t> before;  ///< bytes the connection had carried when it began
        std::uint64_t held = 0;  ///< of the part, not yet given to the connection: the camera's windows hold
                                 ///< them back (HTTP/2)
    };
    std::unordered_map<std::uint64_t, Delivery> deliveries;
    std::unordered_map<std::uint64_t, Coverage>
        delivered;  ///< by offer: what is through of those it was asked for in parts
    /// What the camera had its router open: "TCP 8080" -> "192.168.77.100:80".
    std::map<std::string, std::string> port_mappings;
    /// Connections that ended without a word from the client, by destination: it may have waited for ours.
    std::unordered_map<Endpoint, unsigned> mute;
    /// Zones whose names carry data for the client of a tunnel.
    std::set<std::string> tunnel_zones;
    /// Has StreamDialogue::woken called for a connection, after the present call. Nothing happens when it is
    /// gone.
    std::function<void(std::uint64_t connection)> wake = [](std::uint64_t) {};

    /// `part` of the firmware on offer, of `size` bytes, goes out on a connection from now on.
    void begin_delivery(std::uint64_t connection, std::uint64_t size, ByteRange part);
    [[nodiscard]] Nanoseconds now() const { return run_clock.now(); }
    /// One event, now, with foreign bytes that are kept whole.
    void record(std::string_view kind, const JsonText& fields, ByteView content);
    /// Whether anything but the resolver answers at `destination`.
    [[nodiscard]] bool reachable(const IpAddress& destination) const;
    /// The same of one flow, unless the personality refuses it.
    [[nodiscard]] bool reachable(const Flow& flow) const {
        return !flow.refused && reachable(flow.destination.address);
    }
    /// Whether a resolver answers at `destination`.
    [[nodiscard]] bool resolver_reachable(const IpAddress& destination) const;

    /// Whether the personality keeps the camera from this server, though it could be reached: an outage; for
    /// datagrams a dead cloud as well, and the first rungs of a ladder. Counts the server as tried.
    [[nodiscard]] bool refuses(const Flow& flow);
    /// The same of what the sandbox refuses at its first packet: connections to a dead cloud or to the first
    /// rungs of a ladder. Counts as the sandbox does, which sees the same packets in the same order.
    [[nodiscard]] bool refuses_first_packet(const Flow& flow);
    /// Whether chance, at that share, strikes now. The same in every run.
    [[nodiscard]] bool chance(double share) {
        return share > 0 && std::uniform_real_distribution<double>(0, 1)(random_) < share;
    }
    /// Whether a server in clear offers to go on in TLS.
    [[nodiscard]] bool offers_starttls(const Flow& flow) const {
        return tls != nullptr && personality.starttls && flow.inside.empty();
    }
    /// What the conditions add to an answer.
    [[nodiscard]] Nanoseconds latency();
    /// What lost packets cost a stream that carries so many bytes: each is repeated after a while.
    [[nodiscard]] Nanoseconds repetitions(std::size_t bytes);
    /// The camera's end as a server on the internet sees it.
    [[nodiscard]] Endpoint seen_from_outside(const Endpoint& camera) const;

private:
    std::minstd_rand random_;
    [[nodiscard]] bool may_be_refused(const Flow& flow) const;

    std::set<std::string> refused_;                           ///< servers on the first rungs, for datagrams
    std::array<std::set<IpAddress>, 2> refused_connections_;  ///< of each family
    unsigned expected_ports_ = 0;
    [[nodiscard]] bool blocked(const IpAddress& destination) const;
};

/// The flow of what comes out of one more layer.
[[nodiscard]] Flow within(Flow flow, std::string_view layer);

/// The fields every event of a flow begins with: camera, destination, name, transport, connection, protocol.
[[nodiscard]] JsonText flow_fields(const World& world, const Flow& flow, std::string_view protocol);

/// Carries out a command of the engine; an error when it is not one.
[[nodiscard]] Status obey(World& world, const Json& command);

}  // namespace cambench::internet
