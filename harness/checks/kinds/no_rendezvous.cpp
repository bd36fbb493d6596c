#include <fmt/format.h>
#include <algorithm>
#include <set>

#include "harness/checks/traffic.hpp"
#include "harness/core/text.hpp"
#include "harness/wire/protocols.hpp"

namespace cambench::checks::no_rendezvous {
namespace {

using analysis::Destination;

/// Protocols by which strangers find a device behind a router, or are relayed to it.
bool is_rendezvous(const Destination& destination) {
    return protocol::is_rendezvous(destination.protocol, destination.transport);
}

/// The declaration says that it is one, by its protocol or its purpose.
bool says_so(const DeclaredDestination& entry, const Destination& destination) {
    return entry.protocol == destination.protocol ||
           speaks_of(entry.protocol, {"p2p", "stun", "turn", "ice", "webrtc", "relay"}) ||
           speaks_of(entry.purpose, {"p2p", "peer", "rendezvous", "relay", "remote", "nat", "stun", "turn",
                                     "live view", "viewing"});
}

CheckResult judge(const CheckInput& input) {
    std::vector<Finding> findings;
    for (const auto& destination : input.observations.destinations) {
        if (!leaves_network(destination) || !is_rendezvous(destination)) continue;
        const auto found = match(destination, input.observations, input.declaration);
        Finding finding;
        finding.title = fmt::format("asks for a rendezvous by {} at {}", destination.protocol,
                                    describe_standing(destination, found, input.declaration));
        finding.detail = describe_traffic(input.observations, destination);
        finding.verdict = unless_declared(found.standing, input.declaration);
        if (found.entry != nullptr && !says_so(*found.entry, destination)) {
            finding.verdict = Verdict::inconclusive;
            finding.detail +=
                "; the declaration names the endpoint, but not that others reach the camera through it";
        }
        finding.evidence = pointers_to(input.observations, destination);
        findings.push_back(std::move(finding));
    }
    return conclude(
        input, std::move(findings),
        {"registers nowhere to be reached from outside",
         "The vendor declares the rendezvous servers, or the firmware leaves peer-to-peer access off.",
         "Give the vendor's declaration, with its peer-to-peer servers and their purpose."});
}

}  // namespace

extern const CheckType type;
const CheckType type{.element = {.name = "no-rendezvous",
                                 .doc = "The camera registers with no peer-to-peer, relay or STUN server "
                                        "that its declaration does not name."},
                     .why =
                         "A camera that keeps in touch with a rendezvous server can be reached by anybody "
                         "who knows its number, through the site's own firewall.",
                     .requirements = {"PHN-06", "ORG-08"},
                     .for_captures = true,
                     .judge = judge};

}  // namespace cambench::checks::no_rendezvous
