#pragma once

#include <filesystem>
#include <set>
#include <vector>

#include "harness/analysis/flows/attribution.hpp"
#include "harness/analysis/observations/observations.hpp"
#include "harness/analysis/run/deliveries.hpp"
#include "harness/analysis/run/seen_contacts.hpp"
#include "harness/analysis/run/witness.hpp"
#include "harness/core/result.hpp"

namespace cambench::analysis {

/// A stretch of the console's recording and when it came.
struct ConsoleStretch {
    Nanoseconds time{};
    std::uint64_t offset = 0, length = 0;
};

/// A name the fake internet gave the camera.
struct GivenName {
    Nanoseconds time{};
    std::string type;
    IpAddress resolver;
    NamedAddresses named;
    bool clear = false;  ///< on the wire as it is, where a capture that is whole tells it better
};

/// Content the fake internet received, kept in a file of its own; or a request inside TLS without any.
struct SeenPayload {
    Nanoseconds time{};
    std::string digest;  ///< the file's name: SHA-256, 64 hex digits; "" without content
    Endpoint destination;
    Transport transport = Transport::tcp;
    bool inside_tls = false;
    std::string statement;  ///< HTTP: target and headers
    std::string host;       ///< HTTP: whom it is for, lower case
};

/// Something that the fake internet heard inside of something else.
struct SeenInner {
    Nanoseconds time{};
    Endpoint destination;
    Transport transport = Transport::tcp;
    std::string layers;  ///< see InnerTalk
    std::string
        protocol;  ///< as the service that answered calls it, without the "s" for TLS; "": the content tells
    std::string toward;
    std::string digest;  ///< the content's; "" without
    std::string heard;   ///< what the camera was told there by a server that draws out shells
    bool session =
        true;  ///< false: an application's message or body, in which only a session of its own counts
};

/// What timeline.jsonl tells.
struct TimelineFacts {
    Run run;
    std::vector<ConsoleStretch> console;
    std::uint64_t console_gaps = 0;
    std::vector<TlsOutcome> tls;
    TlsTrials tls_trials;
    std::vector<UpgradeOffer> upgrade_offers;
    std::vector<UpdateRequest> update_requests;  ///< seen inside TLS
    std::vector<PlainContact> plain_contacts;
    DeliveryReader deliveries;
    Claims claims;  ///< to be held against the capture
    OwnNetwork own_network;
    std::vector<SeenContact> contacts;
    ReachedBounds bounds;
    std::set<MacAddress> bench_macs;  ///< of the bench's own interfaces on the camera's wire, when it says so
    std::optional<Nanoseconds>
        power_on;  ///< when the bench first switched it on, so that the recording began before it
};

/// Reads it line by line. Lines that are no events are skipped and make the run `torn`; a torn last line is
/// what a killed bench leaves. Fails only when the file cannot be read.
[[nodiscard]] Result<TimelineFacts> read_timeline(const std::filesystem::path& file);

/// One line; nullopt when it is no event.
[[nodiscard]] std::optional<Event> parse_event(std::string_view line);

/// An event "tls" of the network's lane.
[[nodiscard]] TlsOutcome tls_outcome(const Event& event);

}  // namespace cambench::analysis
