#include <algorithm>
#include <fmt/format.h>

#include "harness/checks/findings.hpp"
#include "harness/checks/matching.hpp"
#include "harness/checks/resolvers.hpp"
#include "harness/core/text.hpp"

namespace cambench::checks::no_literal_addresses {
namespace {

using analysis::Destination;
using analysis::Observations;
using analysis::Resolution;

/// The network or the declaration gave this very address.
bool was_given(const CheckInput& input, const Destination& destination) {
    const auto standing = match(destination, input.observations, input.declaration).standing;
    if (standing == Standing::infrastructure || standing == Standing::answer) return true;
    if (input.declaration == nullptr) return false;
    const auto& declared = input.declaration->destinations;
    const auto given = [&](const IpAddress& address) {
        const bool by_destination = std::any_of(declared.begin(), declared.end(), [&](const auto& entry) { return entry.network && entry.network->contains(address); });
        const bool by_server = std::any_of(input.declaration->time_servers.begin(), input.declaration->time_servers.end(), [&](const std::string& server) { return server == address.to_string(); });
        return by_destination || by_server || among(input.declaration->resolvers, address);
    };
    return std::all_of(destination.addresses.begin(), destination.addresses.end(), given);
}

/// Whether the network may have given the address in a part that is not on record.
bool may_have_been_given(const CheckInput& input, const Destination& destination) {
    const auto& observations = input.observations;
    if (observations.complete || observations.network.start_seen) return false;
    if (destination.under_way) return true;
    if (destination.known_before) return true;  // its first session goes on from one before
    if (destination.port == 53) return standing_of_resolver(destination.addresses.front(), false, observations, input.declaration) == ResolverStanding::unknown;
    return destination.port == 123 && destination.protocol == "ntp" && observations.network.dhcp_servers.empty();
}

/// A connection was under way when the recording began: the camera ran before, and may keep what DNS told it then.
bool ran_before(const Observations& observations) {
    if (observations.complete || observations.network.start_seen) return false;
    return std::any_of(observations.destinations.begin(), observations.destinations.end(), [](const Destination& one) { return one.under_way && one.transport == Transport::tcp; });
}

/// What speaks against certainty; "" when nothing does.
std::string doubt(const CheckInput& input, const Destination& destination) {
    const auto& observations = input.observations;
    if (may_have_been_given(input, destination)) return "it may have been given before the recording began";
    if (names_may_be_missing(observations)) return "frames are missing from the recording, perhaps the answer that named it";
    if (may_be_a_name(observations, destination)) return fmt::format("it may be {}: the recording lacks the question or the answer that would tell", inert(destination.perhaps));
    if (const auto found = match(destination, observations, input.declaration); found.standing == Standing::unknown) return found.why;
    if (ran_before(observations)) return "the camera ran before the recording began, and may have resolved it then";
    const bool of_the_site = std::all_of(destination.addresses.begin(), destination.addresses.end(), [](const IpAddress& address) { return address.is_private(); });
    if (of_the_site && input.declaration == nullptr && !observations.complete) return "a private address: the site may have given it in the camera's settings";
    return {};
}

/// A name in SNI or Host is only what the camera says. In a recording that may lack its beginning that is believed, unless the
/// camera resolved this very name before, to other addresses.
bool belied(const Observations& observations, const Destination& destination) {
    const auto gave_it = [&](const analysis::DnsLookup& lookup) {
        return lookup.name == destination.name && std::any_of(destination.addresses.begin(), destination.addresses.end(), [&](const IpAddress& one) { return among(lookup.answers, one); });
    };
    if (std::any_of(observations.lookups.begin(), observations.lookups.end(), gave_it)) return false;
    return std::any_of(observations.lookups.begin(), observations.lookups.end(), [&](const analysis::DnsLookup& lookup) {
        const bool same_family = std::any_of(lookup.answers.begin(), lookup.answers.end(), [&](const IpAddress& one) { return one.family() == destination.addresses.front().family(); });
        return lookup.name == destination.name && same_family && lookup.answer && lookup.answer->time < destination.first_seen;
    });
}

std::optional<Finding> judge_destination(const CheckInput& input, const Destination& destination) {
    const bool claimed = destination.resolution == Resolution::sni || destination.resolution == Resolution::host;
    if (destination.resolution != Resolution::literal && !claimed) return std::nullopt;
    if (claimed && !input.observations.complete && !belied(input.observations, destination)) return std::nullopt;
    if (was_given(input, destination)) return std::nullopt;
    Finding finding;
    const auto* verb = destination.answered ? "talks to" : "tries to reach";
    finding.title = claimed ? fmt::format("{} {} by an address that no DNS answer gave it", verb, describe(destination))
                            : fmt::format("{} {}, an address that no DNS answer named", verb, describe(destination));
    finding.detail = describe_traffic(input.observations, destination);
    finding.evidence = pointers_to(input.observations, destination);
    auto why = doubt(input, destination);
    if (why.empty() && claimed && !input.observations.complete && !input.observations.network.start_seen) why = "an answer from before the recording may still have been in use";
    if (!why.empty()) {
        finding.verdict = Verdict::inconclusive;
        finding.detail += "; " + why;
    } else if (!input.observations.complete && !input.observations.network.start_seen) {
        finding.detail += "; the recording does not show the camera's start: within it, nothing named the address";
    }
    return finding;
}

CheckResult judge(const CheckInput& input) {
    std::vector<Finding> findings;
    for (const auto& destination : input.observations.destinations) {
        if (auto finding = judge_destination(input, destination)) findings.push_back(std::move(*finding));
    }
    return conclude(input, std::move(findings),
                    {"contacts no address that was not given to it by name",
                     "The firmware reaches its servers by declared names, or the vendor declares the addresses.",
                     "Record again without loss from before power-on."});
}

}  // namespace

extern const CheckType type;
const CheckType type{
    .element = {.name = "no-literal-addresses", .doc = "The camera contacts no address that neither DNS, nor the network, nor its declaration gave it."},
    .why = "An address planted in the firmware passes by every filter and log of names, and cannot be seen by reading a list of names. "
           "Planted addresses are how cameras with a hidden server were found.",
    .requirements = {"PHN-02", "PHN-04"},
    .for_captures = true,
    .judge = judge};

}  // namespace cambench::checks::no_literal_addresses
