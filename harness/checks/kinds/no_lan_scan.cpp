#include <fmt/format.h>
#include <algorithm>
#include <map>
#include <set>

#include "harness/checks/traffic.hpp"
#include "harness/core/text.hpp"

namespace cambench::checks::no_lan_scan {
namespace {

using analysis::Destination;
using analysis::Observations;

bool is_infrastructure_host(const IpAddress& address, const Observations& observations) {
    const auto& network = observations.network;
    for (const auto* list :
         {&network.routers, &network.resolvers, &network.time_servers, &network.dhcp_servers}) {
        if (std::find(list->begin(), list->end(), address) != list->end()) return true;
    }
    return false;
}

/// Neighbours the camera looked for and who are not there: a sweep finds mostly empty places.
void judge_questions(const CheckInput& input, std::size_t most, std::vector<Finding>& findings) {
    std::vector<const analysis::NeighbourQuestion*> nobody;
    std::size_t answered = 0;
    for (const auto& question : input.observations.neighbours) {
        if (is_infrastructure_host(question.address, input.observations)) continue;
        if (question.answered)
            ++answered;
        else
            nobody.push_back(&question);
    }
    if (nobody.size() <= most) return;
    Finding finding;
    finding.title =
        fmt::format("looks for {} on its network where nobody is", counted(nobody.size(), "address"));
    if (nobody.size() != 1)
        finding.title = fmt::format("looks for {} addresses on its network where nobody is", nobody.size());
    finding.detail =
        fmt::format("from {} to {}, by ARP or neighbour solicitation; {} more answered",
                    nobody.front()->address.to_string(), nobody.back()->address.to_string(), answered);
    for (std::size_t i = 0; i < std::min<std::size_t>(nobody.size(), 8); ++i)
        finding.evidence.push_back(pointer_to(input.observations, nobody[i]->first));
    findings.push_back(std::move(finding));
}

struct Contacts {
    std::set<IpAddress> hosts;
    std::map<IpAddress, std::set<std::uint16_t>> ports;
    std::vector<Pointer> evidence;
};

/// Neighbours contacted of the camera's own accord, who had neither asked nor announced themselves.
Contacts contacts_of(const CheckInput& input) {
    Contacts contacts;
    for (const auto& destination : input.observations.destinations) {
        const auto& address = destination.addresses.front();
        if (destination.resolution != analysis::Resolution::lan || address.is_multicast() ||
            address.is_broadcast() || destination.asked_for || destination.advertised)
            continue;
        if (match(destination, input.observations, input.declaration).standing == Standing::declared)
            continue;
        if (destination.transport == Transport::tcp || destination.transport == Transport::udp)
            contacts.ports[address].insert(destination.port);
        if (is_infrastructure_host(address, input.observations)) continue;
        contacts.hosts.insert(address);
        if (contacts.evidence.size() < 8)
            contacts.evidence.push_back(pointer_to(input.observations, destination.first_frame));
    }
    return contacts;
}

CheckResult judge(const CheckInput& input) {
    const auto most = static_cast<std::size_t>(input.parameters.integer("most-hosts"));
    const auto most_ports = static_cast<std::size_t>(input.parameters.integer("most-ports"));
    std::vector<Finding> findings;
    judge_questions(input, most, findings);
    const auto contacts = contacts_of(input);
    if (contacts.hosts.size() > most) {
        findings.push_back({fmt::format("tries {} neighbours that had not called it", contacts.hosts.size()),
                            fmt::format("from {} to {}", contacts.hosts.begin()->to_string(),
                                        contacts.hosts.rbegin()->to_string()),
                            Verdict::fail, contacts.evidence});
    }
    for (const auto& [address, ports] : contacts.ports) {
        if (ports.size() <= most_ports) continue;
        std::vector<Pointer> evidence;
        for (const auto& destination : input.observations.destinations) {
            if (destination.addresses.front() == address && evidence.size() < 8)
                evidence.push_back(pointer_to(input.observations, destination.first_frame));
        }
        findings.push_back(
            {fmt::format("tries {} ports of its neighbour {}", ports.size(), address.to_string()),
             fmt::format("from {} to {}", *ports.begin(), *ports.rbegin()), Verdict::fail,
             std::move(evidence)});
    }
    return conclude(input, std::move(findings),
                    {"leaves its neighbours alone",
                     "The firmware contacts no machines of the site that it was not told of.", ""});
}

}  // namespace

extern const CheckType type;
const CheckType type{
    .element = {.name = "no-lan-scan",
                .doc =
                    "The camera does not look for other machines on its network, nor for their open ports.",
                .attributes = {{.name = "most-hosts",
                                .kind = markup::Kind::integer,
                                .doc = "Neighbours it may look for without being called a scanner.",
                                .fallback = "12"},
                               {.name = "most-ports",
                                .kind = markup::Kind::integer,
                                .doc = "Ports of one neighbour it may try.",
                                .fallback = "10"}}},
    .why =
        "A camera inside the site's network is a good place to look for other machines from. An honest one "
        "knows its recorder and its router.",
    .requirements = {"NET-04"},
    .rests_on = {analysis::Subject::destinations, analysis::Subject::neighbours},
    .for_captures = true,
    .judge = judge};

}  // namespace cambench::checks::no_lan_scan
