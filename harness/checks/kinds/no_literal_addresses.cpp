#include <fmt/format.h>
#include <algorithm>

#include "harness/checks/findings.hpp"
#include "harness/checks/lookup_index.hpp"
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
    if (standing == Standing::infrastructure || standing == Standing::answer || standing == Standing::nowhere)
        return true;
    if (input.declaration == nullptr) return false;
    const auto& declared = input.declaration->destinations;
    const auto given = [&](const IpAddress& address) {
        const bool by_destination = std::any_of(declared.begin(), declared.end(), [&](const auto& entry) {
            return entry.network && entry.network->contains(address);
        });
        const bool by_server =
            std::any_of(input.declaration->time_servers.begin(), input.declaration->time_servers.end(),
                        [&](const std::string& server) { return server == address.to_string(); });
        return by_destination || by_server || among(input.declaration->resolvers, address);
    };
    return std::all_of(destination.addresses.begin(), destination.addresses.end(), given);
}

/// The camera knew this address before what the recording can show: another flow to it was under way, or came
/// before the camera joined.
bool knew_it_before(const Observations& observations, const Destination& destination) {
    const auto& index = LookupIndex::of(observations);
    return std::any_of(destination.addresses.begin(), destination.addresses.end(),
                       [&](const IpAddress& address) {
                           const auto& others = index.at(address);
                           return std::any_of(others.begin(), others.end(), [](const Destination* other) {
                               return other->known_before || other->goes_on_from_before;
                           });
                       });
}

/// So early in the recording that the answer may have come just before it. Clients that were answered go on
/// within a few seconds.
bool just_begun(const Observations& observations, const Destination& destination) {
    constexpr std::chrono::seconds goes_on_within{5};
    const auto& captures = observations.captures;
    return !captures.empty() && captures.front().first &&
           destination.first_seen - *captures.front().first < goes_on_within;
}

/// Names may have come by DNS that nobody could read.
bool asked_encrypted(const Observations& observations, const Destination& destination) {
    const auto& others = LookupIndex::of(observations).encrypted_dns();
    return std::any_of(others.begin(), others.end(), [&](const Destination* other) {
        return other->first_seen <= destination.first_seen && other != &destination;
    });
}

/// What a recording that does not show the camera's start cannot exclude; "" when nothing.
std::string doubt_about_start(const Observations& observations, const Destination& destination) {
    if (observations.network.joined) return {};
    const auto& index = LookupIndex::of(observations);
    if (index.something_before)
        return "the camera ran before the recording began, and may have resolved it then";
    if (!index.shows_answers)
        return "the recording holds neither the camera's start nor an answer to a look-up: it cannot tell an "
               "address "
               "found by name from a literal one";
    if (just_begun(observations, destination))
        return "the recording begins so shortly before that the answer may have come just ahead of it";
    return {};
}

/// What speaks against certainty; "" when nothing does.
std::string doubt(const CheckInput& input, const Destination& destination) {
    const auto& observations = input.observations;
    if (auto why = may_lack_its_name(observations, destination); !why.empty()) return why;
    if (auto why = may_be_neighbour(observations, destination); !why.empty()) return why;
    if (const auto found = match(destination, observations, input.declaration);
        found.standing == Standing::unknown)
        return found.why;
    if (may_be_a_name(observations, destination))
        return fmt::format("it may be {}: the recording lacks the question or the answer that would tell",
                           inert(destination.perhaps));
    if (observations.complete) return {};
    if (knew_it_before(observations, destination))
        return "the camera was in contact with it before what the recording shows from its start on, and may "
               "have resolved it then";
    if (auto why = doubt_about_start(observations, destination); !why.empty()) return why;
    if (asked_encrypted(observations, destination))
        return "the camera also asks by encrypted DNS, whose answers were not seen";
    const bool of_the_site = std::all_of(destination.addresses.begin(), destination.addresses.end(),
                                         [](const IpAddress& address) { return address.is_private(); });
    if (of_the_site && input.declaration == nullptr)
        return "a private address: the site may have given it in the camera's settings";
    return {};
}

/// An answer for the destination's name gave one of its addresses, whenever.
bool is_given_once(const Observations& observations, const Destination& destination) {
    const auto& lookups = LookupIndex::of(observations).by_name(destination.name);
    return std::any_of(lookups.begin(), lookups.end(), [&](const analysis::DnsLookup* lookup) {
        return std::any_of(destination.addresses.begin(), destination.addresses.end(),
                           [&](const IpAddress& one) { return among(lookup->answers, one); });
    });
}

/// A name in SNI or Host is only what the camera says. In a recording that may lack its beginning that is
/// believed, unless the camera resolved this very name before, to other addresses.
bool belied(const Observations& observations, const Destination& destination) {
    const auto& lookups = LookupIndex::of(observations).by_name(destination.name);
    if (is_given_once(observations, destination)) return false;
    return std::any_of(lookups.begin(), lookups.end(), [&](const analysis::DnsLookup* lookup) {
        const bool same_family = std::any_of(
            lookup->answers.begin(), lookup->answers.end(),
            [&](const IpAddress& one) { return one.family() == destination.addresses.front().family(); });
        return same_family && lookup->answer && lookup->answer->time < destination.first_seen;
    });
}

/// Look-ups and their answers are on record from the camera's joining on, and what came afterwards shows its
/// beginning: a name that nobody was asked for is nothing but the camera's word.
bool would_show_its_name(const Observations& observations, const Destination& destination) {
    const auto& joined = observations.network.joined;
    return joined && *joined < destination.first_seen && LookupIndex::of(observations).shows_answers &&
           !destination.under_way && !destination.known_before &&
           !knew_it_before(observations, destination) && !is_given_once(observations, destination);
}

std::optional<Finding> judge_destination(const CheckInput& input, const Destination& destination) {
    const bool claimed =
        destination.resolution == Resolution::sni || destination.resolution == Resolution::host;
    if (destination.resolution != Resolution::literal && !claimed) return std::nullopt;
    const bool believed = claimed && !input.observations.complete && !belied(input.observations, destination);
    if (believed && !would_show_its_name(input.observations, destination)) return std::nullopt;
    if (was_given(input, destination)) return std::nullopt;
    Finding finding;
    const auto* verb = destination.answered ? "talks to" : "tries to reach";
    finding.title =
        claimed ? fmt::format("{} {} by an address that no DNS answer gave it", verb, describe(destination))
                : fmt::format("{} {}, an address that no DNS answer named", verb, describe(destination));
    finding.detail = describe_traffic(input.observations, destination);
    finding.evidence = pointers_to(input.observations, destination);
    auto why = doubt(input, destination);
    if (why.empty() && claimed && !input.observations.complete && !input.observations.network.joined)
        why = "an answer from before the recording may still have been in use";
    if (why.empty() && believed)
        why = "the name is the camera's own word; it may have kept an answer from before the recording";
    if (!why.empty()) {
        finding.verdict = Verdict::inconclusive;
        finding.detail += "; " + why;
    } else if (!input.observations.complete && !input.observations.network.joined) {
        finding.detail +=
            "; the recording does not show the camera's start: within it, nothing named the address";
    }
    return finding;
}

/// A recording in which nothing goes beyond the camera's network says nothing of the addresses it knows
/// there.
bool stays_at_home(const Observations& observations) {
    const bool away = std::any_of(
        observations.destinations.begin(), observations.destinations.end(), [](const Destination& one) {
            return one.resolution != Resolution::lan && !is_nobodys(one.addresses.front());
        });
    const bool asks = std::any_of(observations.lookups.begin(), observations.lookups.end(),
                                  [](const analysis::DnsLookup& one) { return !one.multicast; });
    return !observations.complete && !away && !asks;
}

/// Whose names are believed because the recording need not show their answers.
std::size_t claimed_servers(const Observations& observations) {
    if (observations.complete) return 0;
    return static_cast<std::size_t>(std::count_if(
        observations.destinations.begin(), observations.destinations.end(), [](const Destination& one) {
            return one.resolution == Resolution::sni || one.resolution == Resolution::host;
        }));
}

CheckResult judge(const CheckInput& input) {
    std::vector<Finding> findings;
    for (const auto& destination : input.observations.destinations) {
        if (auto finding = judge_destination(input, destination)) findings.push_back(std::move(*finding));
    }
    if (const auto claims = claimed_servers(input.observations); claims > 0)
        findings.push_back({fmt::format("{} named by nothing but what the camera says (SNI, Host)",
                                        claims == 1 ? "1 server is" : fmt::format("{} servers are", claims)),
                            "The recording does not show the answers that would have given their addresses.",
                            Verdict::pass,
                            {}});
    if (stays_at_home(input.observations))
        findings.push_back({"contacts nobody beyond its own network",
                            "Whether it would by an address of its own was not seen.",
                            Verdict::inconclusive,
                            {}});
    if (auto finding = half_recorded(input.observations)) findings.push_back(std::move(*finding));
    return conclude(
        input, std::move(findings),
        {"contacts no address that was not given to it by name",
         "The firmware reaches its servers by declared names, or the vendor declares the addresses.",
         "Record again without loss from before power-on."});
}

}  // namespace

extern const CheckType type;
const CheckType type{.element = {.name = "no-literal-addresses",
                                 .doc = "The camera contacts no address that neither DNS, nor the network, "
                                        "nor its declaration gave it."},
                     .why =
                         "An address planted in the firmware passes by every filter and log of names, and "
                         "cannot be seen by reading a list of names. "
                         "Planted addresses are how cameras with a hidden server were found.",
                     .requirements = {"PHN-02", "PHN-04"},
                     .for_captures = true,
                     .judge = judge};

}  // namespace cambench::checks::no_literal_addresses
