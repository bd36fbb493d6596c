#include <algorithm>
#include <fmt/format.h>
#include <map>

#include "harness/checks/findings.hpp"
#include "harness/checks/matching.hpp"
#include "harness/checks/resolvers.hpp"
#include "harness/core/text.hpp"

namespace cambench::checks::resolver_discipline {
namespace {

using analysis::Destination;
using analysis::Resolution;

std::string given_text(const CheckInput& input) {
    std::vector<std::string> given;
    for (const auto& address : input.observations.network.resolvers) given.push_back(address.to_string());
    return given.empty() ? "the network's own choice is not on record" : "the network gave it " + join(given, ", ");
}

/// Encrypted DNS: by the protocol its hello offers, by its own port, or by who answers on the port of web servers.
std::string encrypted_dns(const Destination& destination) {
    const auto offers = [&](std::string_view protocol) { return std::find(destination.alpn.begin(), destination.alpn.end(), protocol) != destination.alpn.end(); };
    if (offers("dot")) return "DNS over TLS";
    const bool quic = std::any_of(destination.alpn.begin(), destination.alpn.end(), [](const std::string& one) { return one == "doq" || one.starts_with("doq-") || one == "dq"; });
    if (quic) return "DNS over QUIC";
    const bool draft_port = destination.port == 784 || destination.port == 8853;  // of the drafts of RFC 9250
    if (draft_port && destination.transport == Transport::udp && destination.protocol == "quic") return "DNS over QUIC";
    if (destination.port == 853) return destination.transport == Transport::udp ? "DNS over QUIC" : "DNS over TLS";
    if (destination.port != 443) return {};
    const auto known = [](const std::string& name) { return is_public_resolver(std::string_view(name)); };
    const bool named = known(destination.name) || std::any_of(destination.claims.begin(), destination.claims.end(), [&](const auto& claim) { return known(claim.name); }) ||
                       std::any_of(destination.certificate_names.begin(), destination.certificate_names.end(), known);
    const bool addressed = std::any_of(destination.addresses.begin(), destination.addresses.end(), [](const IpAddress& address) { return is_public_resolver(address); });
    return named || addressed ? "DNS over HTTPS" : "";
}

struct Asked {
    std::uint64_t questions = 0;
    std::vector<std::string> names;
    std::vector<Pointer> evidence;
    std::string traffic;
};

/// All resolvers of the camera, from its questions and from what it sends to port 53 without any.
std::map<IpAddress, Asked> resolvers_asked(const CheckInput& input) {
    std::map<IpAddress, Asked> asked;
    for (const auto& lookup : input.observations.lookups) {
        if (lookup.multicast) continue;
        auto& one = asked[lookup.resolver.address];
        one.questions += lookup.times;
        if (one.names.size() < 5) one.names.push_back(fmt::format("{} {}", inert(lookup.name), lookup.type));
        if (one.evidence.size() < 8) one.evidence.push_back(pointer_to(input.observations, lookup.query));
    }
    for (const auto& destination : input.observations.destinations) {
        const bool dns = destination.port == 53 || destination.protocol == "dns";
        if (!dns || destination.transport == Transport::icmp || destination.asked_for || destination.addresses.front().is_multicast()) continue;
        for (const auto& address : destination.addresses) {
            auto& one = asked[address];
            if (one.evidence.empty()) one.evidence = pointers_to(input.observations, destination);
            one.traffic = describe_traffic(input.observations, destination);
        }
    }
    return asked;
}

bool on_lan(const CheckInput& input, const IpAddress& address) {
    return std::any_of(input.observations.destinations.begin(), input.observations.destinations.end(), [&](const Destination& destination) {
        return destination.resolution == Resolution::lan && std::find(destination.addresses.begin(), destination.addresses.end(), address) != destination.addresses.end();
    });
}

void judge_resolver(const CheckInput& input, const IpAddress& resolver, const Asked& asked, std::vector<Finding>& findings) {
    const auto standing = standing_of_resolver(resolver, on_lan(input, resolver), input.observations, input.declaration);
    if (standing == ResolverStanding::given || standing == ResolverStanding::assumed) return;
    Finding finding;
    finding.title = asked.questions > 0 ? fmt::format("asks the resolver {} instead of the one it was given", resolver.to_string())
                                        : fmt::format("tries to reach {} on the port of resolvers", resolver.to_string());
    finding.detail = given_text(input);
    if (asked.questions > 0) finding.detail += fmt::format("; {}: {}", counted(asked.questions, "question"), join(asked.names, ", "));
    if (!asked.traffic.empty()) finding.detail += "; " + asked.traffic;
    finding.evidence = asked.evidence;
    if (standing == ResolverStanding::unknown) {
        finding.title = fmt::format("asks the resolver {}, and what the network gave it is not on record", resolver.to_string());
        finding.verdict = Verdict::inconclusive;
    }
    findings.push_back(std::move(finding));
}

void judge_encrypted(const CheckInput& input, const Destination& destination, std::vector<Finding>& findings) {
    const auto kind = encrypted_dns(destination);
    if (kind.empty()) return;
    if (match(destination, input.observations, input.declaration).standing == Standing::declared) return;
    const auto& given = input.observations.network.resolvers;
    const bool own = std::all_of(destination.addresses.begin(), destination.addresses.end(), [&](const IpAddress& address) { return std::find(given.begin(), given.end(), address) != given.end(); });
    if (own) return;  // opportunistic encryption towards the network's resolver
    findings.push_back({fmt::format("uses {} at {}", kind, describe(destination)), given_text(input) + "; " + describe_traffic(input.observations, destination), Verdict::fail,
                        pointers_to(input.observations, destination)});
}

CheckResult judge(const CheckInput& input) {
    std::vector<Finding> findings;
    const auto asked = resolvers_asked(input);
    for (const auto& [resolver, what] : asked) judge_resolver(input, resolver, what, findings);
    for (const auto& destination : input.observations.destinations) judge_encrypted(input, destination, findings);
    if (asked.empty() && findings.empty()) findings.push_back({"asked nobody for a name", "Whom it would have asked was not seen.", Verdict::inconclusive, {}});
    return conclude(input, std::move(findings),
                    {"asks only the resolvers the network gave it",
                     "The firmware uses the resolver that DHCP or the router advertises, or the vendor declares its own.",
                     "Record from before power-on, long enough for the camera to ask for a name."});
}

}  // namespace

extern const CheckType type;
const CheckType type{
    .element = {.name = "resolver-discipline", .doc = "The camera asks only the resolvers given by DHCP or router advertisement, or declared."},
    .why = "A camera with a resolver of its own passes by the site's name filter and log, and tells a stranger when and where it runs.",
    .requirements = {"PHN-03"},
    .for_captures = true,
    .judge = judge};

}  // namespace cambench::checks::resolver_discipline
