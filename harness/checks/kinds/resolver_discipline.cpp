#include <fmt/format.h>
#include <algorithm>
#include <map>

#include "harness/checks/findings.hpp"
#include "harness/checks/lookup_index.hpp"
#include "harness/checks/matching.hpp"
#include "harness/checks/resolvers.hpp"
#include "harness/core/text.hpp"
#include "harness/wire/protocols.hpp"

namespace cambench::checks::resolver_discipline {
namespace {

using analysis::Destination;
using analysis::Resolution;

struct Asked {
    std::uint64_t questions = 0;
    std::vector<std::string> names;
    std::vector<Pointer> evidence;
    std::string traffic;
    WallTime last{};
};

/// All resolvers of the camera, from its questions and from what it sends to port 53 without any.
std::map<IpAddress, Asked> resolvers_asked(const CheckInput& input) {
    std::map<IpAddress, Asked> asked;
    for (const auto& lookup : input.observations.lookups) {
        if (lookup.multicast) continue;
        auto& one = asked[lookup.resolver.address];
        one.questions += lookup.times;
        one.last = std::max(one.last, lookup.last_asked);
        if (one.names.size() < 5) one.names.push_back(fmt::format("{} {}", inert(lookup.name), lookup.type));
        if (one.evidence.size() < 8) one.evidence.push_back(pointer_to(input.observations, lookup.query));
    }
    for (const auto& destination : input.observations.destinations) {
        const bool dns = destination.port == 53 || destination.protocol == protocol::dns;
        if (!dns || destination.transport == Transport::icmp || destination.asked_for ||
            destination.addresses.front().is_multicast())
            continue;
        for (const auto& address : destination.addresses) {
            auto& one = asked[address];
            if (one.evidence.empty()) one.evidence = pointers_to(input.observations, destination);
            if (one.questions == 0) one.last = std::max(one.last, destination.last_seen);
            one.traffic = describe_traffic(input.observations, destination);
        }
    }
    return asked;
}

bool on_lan(const CheckInput& input, const IpAddress& address) {
    const auto& there = LookupIndex::of(input.observations).at(address);
    return std::any_of(there.begin(), there.end(),
                       [](const Destination* one) { return one->resolution == Resolution::lan; });
}

std::string title_of(const CheckInput& input, const IpAddress& resolver, const Asked& asked,
                     ResolverStanding standing) {
    const auto name = resolver.to_string();
    if (standing == ResolverStanding::nobody) return fmt::format("asks {}, which is no host's address", name);
    const bool own_settings = has_own_settings(resolver.family(), input.observations);
    if (standing == ResolverStanding::unknown && own_settings)
        return fmt::format("asks the resolver {}, which may be a setting of the site", name);
    if (standing == ResolverStanding::unknown)
        return fmt::format("asks the resolver {}, and whether the network gave it that one is not on record",
                           name);
    if (asked.questions == 0) return fmt::format("tries to reach {} on the port of resolvers", name);
    if (own_settings)
        return fmt::format("asks the resolver {}, which neither the network nor the declaration gave it",
                           name);
    const auto& given = input.observations.network.resolvers;
    const bool another = std::any_of(given.begin(), given.end(),
                                     [&](const IpAddress& one) { return one.family() == resolver.family(); });
    return fmt::format("asks the resolver {}{}", name,
                       another ? " instead of the one it was given" : ", which the network did not give it");
}

void judge_resolver(const CheckInput& input, const IpAddress& resolver, const Asked& asked,
                    std::vector<Finding>& findings) {
    const auto standing = standing_of_resolver(resolver, on_lan(input, resolver), asked.last,
                                               input.observations, input.declaration);
    if (standing == ResolverStanding::given || standing == ResolverStanding::assumed) return;
    Finding finding;
    const bool own_settings = has_own_settings(resolver.family(), input.observations);
    finding.title = title_of(input, resolver, asked, standing);
    finding.verdict = standing == ResolverStanding::foreign   ? Verdict::fail
                      : standing == ResolverStanding::unknown ? Verdict::inconclusive
                                                              : Verdict::pass;
    finding.detail = standing == ResolverStanding::nobody ? "before it has an address, nobody can answer it"
                     : own_settings                       ? fmt::format(
                                                                "it has an address of its own and asked nobody for a resolver; one "
                                                                                      "that was set for the test is stated by <network resolver=\"{}\"/>",
                                                                resolver.to_string())
                                    : given_by_network(resolver.family(), input.observations);
    const auto& told = input.observations.network.told(resolver.family());
    if (standing == ResolverStanding::unknown && told && !own_settings)
        finding.detail += ", after it had asked this one";
    if (asked.questions > 0)
        finding.detail +=
            fmt::format("; {}: {}", counted(asked.questions, "question"), join(asked.names, ", "));
    if (!asked.traffic.empty()) finding.detail += "; " + asked.traffic;
    finding.evidence = asked.evidence;
    findings.push_back(std::move(finding));
}

/// By name it is the camera's own choice. By address the network may have given it, where that is not on
/// record.
Verdict weigh_encrypted(const CheckInput& input, const Destination& destination) {
    if (destination.caller_unknown) return Verdict::inconclusive;
    if (destination.resolution != Resolution::literal) return Verdict::fail;
    const bool foreign = std::any_of(
        destination.addresses.begin(), destination.addresses.end(), [&](const IpAddress& address) {
            return standing_of_resolver(address, false, destination.last_seen, input.observations,
                                        input.declaration) == ResolverStanding::foreign;
        });
    return foreign ? Verdict::fail : Verdict::inconclusive;
}

void judge_encrypted(const CheckInput& input, const Destination& destination,
                     std::vector<Finding>& findings) {
    const auto kind = encrypted_dns(destination);
    if (kind.empty()) return;
    if (match(destination, input.observations, input.declaration).standing == Standing::declared) return;
    const auto& given = input.observations.network.resolvers;
    const bool own = std::all_of(destination.addresses.begin(), destination.addresses.end(),
                                 [&](const IpAddress& address) {
                                     return std::find(given.begin(), given.end(), address) != given.end();
                                 });
    if (own) return;  // opportunistic encryption towards the network's resolver
    findings.push_back({fmt::format("uses {} at {}", kind, describe(destination)),
                        given_by_network(destination.addresses.front().family(), input.observations) + "; " +
                            describe_traffic(input.observations, destination),
                        weigh_encrypted(input, destination), pointers_to(input.observations, destination)});
}

CheckResult judge(const CheckInput& input) {
    std::vector<Finding> findings;
    const auto asked = resolvers_asked(input);
    for (const auto& [resolver, what] : asked) judge_resolver(input, resolver, what, findings);
    for (const auto& destination : input.observations.destinations)
        judge_encrypted(input, destination, findings);
    const bool only_nobody =
        std::all_of(asked.begin(), asked.end(), [](const auto& one) { return is_nobodys(one.first); });
    if (only_nobody && std::none_of(findings.begin(), findings.end(),
                                    [](const Finding& one) { return one.verdict != Verdict::pass; }))
        findings.push_back(
            {"asked nobody for a name", "Whom it would have asked was not seen.", Verdict::inconclusive, {}});
    const bool of_its_own = std::any_of(asked.begin(), asked.end(), [&](const auto& one) {
        return has_own_settings(one.first.family(), input.observations);
    });
    return conclude(
        input, std::move(findings),
        {of_its_own ? "asks only declared resolvers and those of its own network"
                    : "asks only the resolvers the network gave it",
         "The firmware uses the resolver that DHCP or the router advertises, or the vendor declares its own.",
         "Record from before power-on, long enough for the camera to ask for a name."});
}

}  // namespace

extern const CheckType type;
const CheckType type{
    .element = {.name = "resolver-discipline",
                .doc =
                    "The camera asks only the resolvers given by DHCP or router advertisement, or declared."},
    .why =
        "A camera with a resolver of its own passes by the site's name filter and log, and tells a stranger "
        "when and where it runs.",
    .requirements = {"PHN-03"},
    .for_captures = true,
    .judge = judge};

}  // namespace cambench::checks::resolver_discipline
