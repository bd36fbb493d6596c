#include <fmt/format.h>
#include <algorithm>

#include "harness/checks/traffic.hpp"
#include "harness/core/text.hpp"

namespace cambench::checks::no_port_mapping {
namespace {

using analysis::Destination;

CheckResult judge(const CheckInput& input) {
    std::vector<Finding> findings;
    for (const auto& destination : input.observations.destinations) {
        if (!destination.port_mapping) continue;
        const auto found = match(destination, input.observations, input.declaration);
        // A declared endpoint is not enough: speaking to the router by HTTP is one thing, opening its door
        // another.
        const bool says_so = found.entry != nullptr &&
                             (speaks_of(found.entry->purpose, {"port mapping", "port forward", "upnp",
                                                               "nat-pmp", "pcp", "mapping"}) ||
                              speaks_of(found.entry->protocol, {"upnp", "nat-pmp", "pcp"}));
        Finding finding;
        finding.title = fmt::format("asks {} to open a port towards the camera",
                                    describe_standing(destination, found, input.declaration));
        finding.detail = describe_traffic(input.observations, destination);
        finding.verdict = says_so                        ? Verdict::pass
                          : input.declaration == nullptr ? Verdict::inconclusive
                                                         : Verdict::fail;
        finding.evidence = pointers_to(input.observations, destination);
        findings.push_back(std::move(finding));
    }
    return conclude(input, std::move(findings),
                    {"asks no router to open a port",
                     "The firmware leaves UPnP, NAT-PMP and PCP port mapping off, or the vendor declares it.",
                     "Give the vendor's declaration of this product."});
}

}  // namespace

extern const CheckType type;
const CheckType type{.element = {.name = "no-port-mapping",
                                 .doc = "The camera asks no router to open a port towards it (UPnP, NAT-PMP, "
                                        "PCP) unless that is declared."},
                     .why =
                         "A mapped port puts the camera's services, with all their weaknesses, onto the "
                         "internet without anybody having decided so.",
                     .requirements = {"NET-03"},
                     .for_captures = true,
                     .judge = judge};

}  // namespace cambench::checks::no_port_mapping
