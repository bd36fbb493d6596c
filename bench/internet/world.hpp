#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "bench/internet/clock.hpp"
#include "bench/internet/name_directory.hpp"
#include "bench/internet/network.hpp"
#include "bench/internet/personality.hpp"
#include "bench/internet/recorder.hpp"
#include "bench/internet/resolver_policy.hpp"
#include "bench/internet/web.hpp"

namespace cambench::internet {

class TlsService;

/// What all services of one fake internet share. Lives as long as they do; used by one thread.
struct World {
    World(const Network& the_network, const Personality& personality, const RunClock& the_run_clock, Recorder& the_recorder);

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

    [[nodiscard]] Nanoseconds now() const { return run_clock.now(); }
    /// Whether anything but the resolver answers at `destination`.
    [[nodiscard]] bool reachable(const IpAddress& destination) const;
    /// Whether a resolver answers at `destination`.
    [[nodiscard]] bool resolver_reachable(const IpAddress& destination) const;

private:
    [[nodiscard]] bool blocked(const IpAddress& destination) const;
};

/// Who talks to whom. The camera's end first, whoever spoke.
struct Flow {
    Endpoint camera;
    Endpoint destination;
    Transport transport = Transport::tcp;
    std::uint64_t connection = 0;  ///< numbers TCP connections from 1; 0: none
    std::string inside = {};       ///< "tls" when the bytes came out of TLS
    std::string server_name = {};  ///< SNI, "" without
};

/// The fields every event of a flow begins with: camera, destination, name, transport, connection, protocol.
[[nodiscard]] JsonText flow_fields(const World& world, const Flow& flow, std::string_view protocol);

/// Carries out a command of the engine; an error when it is not one.
[[nodiscard]] Status obey(World& world, const Json& command);

}  // namespace cambench::internet
