#include <fmt/format.h>
#include <algorithm>
#include <set>

#include "harness/checks/dns_tunnel.hpp"
#include "harness/checks/findings.hpp"
#include "harness/checks/matching.hpp"
#include "harness/core/text.hpp"

namespace cambench::checks::only_declared_destinations {
namespace {

using analysis::Destination;
using analysis::Resolution;

bool is_bare_address(const Destination& destination) { return destination.resolution == Resolution::literal; }

/// Why an undeclared destination is no proof: the recording may lack the very answer that would have named
/// it. "" when it is one.
std::string doubt(const CheckInput& input, const Destination& destination) {
    if (!is_bare_address(destination)) return {};
    if (auto why = may_lack_its_name(input.observations, destination); !why.empty()) return why;
    if (auto why = may_be_neighbour(input.observations, destination); !why.empty()) return why;
    if (may_be_a_name(input.observations, destination) &&
        is_declared_name(destination.perhaps, *input.declaration))
        return fmt::format("it may be {}: the recording lacks the question or the answer that would tell",
                           inert(destination.perhaps));
    return {};
}

Finding undeclared(const CheckInput& input, const Destination& destination, const std::string& why) {
    Finding finding;
    const bool group =
        destination.addresses.front().is_multicast() || destination.addresses.front().is_broadcast();
    finding.title = fmt::format("{} {}{} {}",
                                group                  ? "calls out to"
                                : destination.answered ? "talks to"
                                                       : "tries to reach",
                                describe(destination), why.starts_with("which") ? "," : ":", why);
    finding.detail = describe_traffic(input.observations, destination);
    finding.verdict = Verdict::fail;
    if (const auto reason = doubt(input, destination); !reason.empty()) {
        finding.verdict = Verdict::inconclusive;
        finding.detail += "; " + reason;
    }
    finding.evidence = pointers_to(input.observations, destination);
    return finding;
}

void judge_destination(const CheckInput& input, const Destination& destination,
                       std::vector<Finding>& findings) {
    const auto found = match(destination, input.observations, input.declaration);
    if (destination.port_mapping && found.standing != Standing::declared) {
        findings.push_back(
            undeclared(input, destination,
                       "asks the router to open a port towards it, which the declaration does not name"));
        return;
    }
    switch (found.standing) {
        case Standing::undeclared:
            findings.push_back(undeclared(input, destination, found.why));
            break;
        case Standing::unknown: {
            auto finding = undeclared(input, destination, found.why);
            finding.verdict = Verdict::inconclusive;
            findings.push_back(std::move(finding));
            break;
        }
        case Standing::nowhere:
            findings.push_back({fmt::format("tries to reach {}: {}", describe(destination), found.why),
                                describe_traffic(input.observations, destination), Verdict::pass,
                                pointers_to(input.observations, destination)});
            break;
        case Standing::discovery:
        case Standing::device:
            findings.push_back(
                {fmt::format("{} on the local network, not declared", destination.protocol),
                 describe(destination) + "; " + describe_traffic(input.observations, destination),
                 Verdict::pass, pointers_to(input.observations, destination)});
            break;
        default:
            break;
    }
}

/// A declared endpoint may stand before others: the name the camera asks it for must be declared as well.
void judge_claims(const CheckInput& input, const Destination& destination, std::vector<Finding>& findings) {
    const auto standing = match(destination, input.observations, input.declaration).standing;
    if (standing != Standing::declared) return;
    for (const auto& claim : destination.claims) {
        auto claimed = destination;
        claimed.name = claim.name;
        claimed.resolution = Resolution::dns;
        claimed.other_names.clear();
        if (claim.beyond) {  // what is spoken with the proxy says nothing of what is spoken behind it
            claimed.port = *claim.beyond;
            claimed.addresses = {IpAddress()};
            claimed.protocol.clear();
            claimed.head_whole = false;
        }
        if (match(claimed, input.observations, input.declaration).standing == Standing::declared) continue;
        findings.push_back(
            {fmt::format(
                 "asks {} for {}, which the declaration does not name", describe(destination),
                 inert(claim.name) + (claim.beyond ? fmt::format(":{}", *claim.beyond) : std::string())),
             fmt::format("the name stands in its {}; {}",
                         claim.outer ? "TLS hello (SNI), which holds another one encrypted (ECH)"
                         : claim.by == Resolution::sni ? "TLS hello (SNI)"
                         : claim.beyond                ? "request to a proxy"
                                                       : "Host header",
                         describe_traffic(input.observations, destination)),
             claim.outer ? Verdict::inconclusive : Verdict::fail,
             {pointer_to(input.observations, claim.frame)}});
    }
}

/// Of a tunnel made of names there is one finding, not one for each name. Those it is made of.
std::set<std::string> judge_tunnels(const CheckInput& input, std::vector<Finding>& findings) {
    std::set<std::string> names;
    for (const auto& stream : find_name_streams(input.observations)) {
        if (stream.by_resolver) continue;
        const auto undeclared = std::count_if(
            stream.names.begin(), stream.names.end(),
            [&](const std::string& name) { return !is_declared_name(name, *input.declaration); });
        if (undeclared < 2) continue;
        Finding finding{
            fmt::format("asks for {} names under {}, which the declaration does not name", undeclared,
                        inert(stream.under)),
            fmt::format("one after the other within {}; no-covert-channels judges what they carry",
                        describe_duration(stream.span)),
            Verdict::fail,
            {}};
        for (const auto& frame : stream.frames)
            finding.evidence.push_back(pointer_to(input.observations, frame));
        findings.push_back(std::move(finding));
        names.insert(stream.names.begin(), stream.names.end());
    }
    return names;
}

/// Names asked for and never contacted count as well; those contacted are reported with their destination.
void judge_lookups(const CheckInput& input, std::vector<Finding>& findings) {
    std::set<std::string> contacted;
    for (const auto& destination : input.observations.destinations) {
        if (destination.resolution == Resolution::dns) contacted.insert(destination.name);
    }
    const auto tunnelled = judge_tunnels(input, findings);
    std::map<std::string, Finding> by_name;
    std::vector<std::string> order;
    for (const auto& lookup : input.observations.lookups) {
        if (contacted.contains(lookup.name) || tunnelled.contains(lookup.name) ||
            may_ask_for(lookup, input.observations, *input.declaration))
            continue;
        auto [entry, added] = by_name.try_emplace(lookup.name);
        auto& finding = entry->second;
        if (added) {
            order.push_back(lookup.name);
            finding.title =
                fmt::format("asks for the name {}, which the declaration does not name", inert(lookup.name));
            finding.verdict = Verdict::fail;
        } else {
            finding.detail += "; ";
        }
        finding.detail += fmt::format("{} of {}, {}", lookup.type, lookup.resolver.address.to_string(),
                                      counted(lookup.times, "time"));
        if (finding.evidence.size() < 8)
            finding.evidence.push_back(pointer_to(input.observations, lookup.query));
    }
    for (const auto& name : order) findings.push_back(std::move(by_name[name]));
}

/// What somebody from outside the camera's network called and was answered at: a port that no declared
/// service has serves whom nobody knows of.
struct Serving {
    std::set<IpAddress> callers;
    std::uint64_t calls = 0, bytes_out = 0, bytes_in = 0;
    std::vector<Pointer> evidence;
};

using Door = std::pair<std::uint16_t, Transport>;

std::map<Door, Serving> doors_open_outside(const analysis::Observations& observations) {
    constexpr std::size_t most_pointers = 8;
    std::map<Door, Serving> doors;
    for (const auto& visitor : observations.visitors) {
        if (visitor.own_ends.empty() || visitor.transport == Transport::icmp || visitor.control_port)
            continue;
        auto& serving = doors[{visitor.own_ends.front().port, visitor.transport}];
        serving.callers.insert(visitor.addresses.begin(), visitor.addresses.end());
        serving.calls += visitor.attempts;
        serving.bytes_out += visitor.bytes_out;
        serving.bytes_in += visitor.bytes_in;
        for (auto& pointer : pointers_to(observations, visitor))
            if (serving.evidence.size() < most_pointers) serving.evidence.push_back(std::move(pointer));
    }
    return doors;
}

void judge_doors(const CheckInput& input, std::vector<Finding>& findings) {
    const auto& services = input.declaration->services;
    for (auto& [door, serving] : doors_open_outside(input.observations)) {
        const auto [port, transport] = door;
        const bool declared =
            std::any_of(services.begin(), services.end(),
                        [port = port, transport = transport](const DeclaredService& service) {
                            return service.port == port && service.transport == transport;
                        });
        const auto who = serving.callers.size() == 1 ? serving.callers.begin()->to_string()
                                                     : fmt::format("{} callers", serving.callers.size());
        Finding finding;
        finding.title = fmt::format("answers {} from outside its network at {}/{}{}", who, port,
                                    to_string(transport), declared ? "" : ", which no declared service has");
        finding.detail = fmt::format("{}; {} bytes out, {} bytes in", counted(serving.calls, "call"),
                                     serving.bytes_out, serving.bytes_in);
        finding.verdict = declared ? Verdict::pass : Verdict::inconclusive;
        finding.evidence = std::move(serving.evidence);
        findings.push_back(std::move(finding));
    }
}

CheckResult judge(const CheckInput& input) {
    std::vector<Finding> findings;
    if (input.declaration == nullptr) {
        findings.push_back({"nothing is declared to compare with",
                            "Give the vendor's declaration of this product.",
                            Verdict::inconclusive,
                            {}});
    } else {
        for (const auto& destination : input.observations.destinations) {
            judge_destination(input, destination, findings);
            judge_claims(input, destination, findings);
        }
        judge_doors(input, findings);
        judge_lookups(input, findings);
        add_unexplained_site_names(input.observations, findings);
        if (auto finding = half_recorded(input.observations)) findings.push_back(std::move(*finding));
    }
    return conclude(
        input, std::move(findings),
        {"talks only to declared destinations",
         "The vendor declares these endpoints with their purpose, or the firmware stops contacting them.",
         "Record again without loss from before power-on, with the vendor's declaration at hand."});
}

}  // namespace

extern const CheckType type;
const CheckType type{
    .element = {.name = "only-declared-destinations",
                .doc =
                    "The camera talks to nobody, and asks for no name, that its declaration does not name."},
    .why =
        "Every endpoint a camera talks to can receive pictures or give orders. One that nobody declared is "
        "one that nobody agreed to.",
    .requirements = {"PHN-01", "PHN-02", "PHN-06", "DOC-01"},
    .needs_declaration = true,
    .for_captures = true,
    .judge = judge};

}  // namespace cambench::checks::only_declared_destinations
