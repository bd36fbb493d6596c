#include <fmt/format.h>
#include <algorithm>

#include "harness/analysis/run/snapshots.hpp"
#include "harness/checks/findings.hpp"
#include "harness/core/text.hpp"

namespace cambench::checks::only_declared_services {
namespace {

bool is_declared(const std::string& port, const Declaration& declaration) {
    return std::any_of(declaration.services.begin(), declaration.services.end(), [&](const auto& service) {
        return port == fmt::format("{}/{}", service.port, to_string(service.transport));
    });
}

/// At which addresses somebody looked: a port may be open at one of them alone.
Finding looked_at(const analysis::AbilitySnapshot& snapshot, const Pointer& where) {
    const bool both = std::any_of(snapshot.addresses.begin(), snapshot.addresses.end(),
                                  [](const auto& address) { return address.find(':') != std::string::npos; });
    const auto text = snapshot.addresses.empty() ? std::string("at its address of IPv4 alone")
                                                 : "at " + inert(join(snapshot.addresses, ", "));
    return {fmt::format("looked {}{}", text,
                        both || snapshot.addresses.empty() ? "" : "; it has no address of IPv6"),
            inert(snapshot.label),
            Verdict::pass,
            {where}};
}

CheckResult judge(const CheckInput& input) {
    const auto snapshots = snapshots_of(input.observations);
    std::vector<Finding> findings;
    if (snapshots.empty())
        findings.push_back(
            {"nobody looked which ports are open", "It needs a <snapshot/>.", Verdict::inconclusive, {}});
    std::vector<std::string> told;
    for (const auto& snapshot : snapshots) {
        const Pointer where{.time = snapshot.time, .file = "timeline.jsonl"};
        if (snapshot.facts.empty())
            findings.push_back(
                {"the unit answered at no port", inert(snapshot.label), Verdict::inconclusive, {where}});
        else if (const auto overlooked = analysis::overlooked_address(input.observations, snapshot);
                 !overlooked.empty())
            findings.push_back(
                {fmt::format("nobody looked at {}, which the unit used", overlooked),
                 fmt::format("In '{}' it answered at {} alone: a port may be open at its address of "
                             "IPv6 that is not open there.",
                             inert(snapshot.label), inert(join(snapshot.addresses, ", "))),
                 Verdict::inconclusive,
                 {where}});
        else
            findings.push_back(looked_at(snapshot, where));
        for (const auto& fact : snapshot.facts) {
            if (fact.subject != "open port" || is_declared(fact.what, *input.declaration) ||
                std::find(told.begin(), told.end(), fact.what) != told.end())
                continue;
            told.push_back(fact.what);
            const auto only = fact.value.empty() ? std::string() : fmt::format(" ({})", inert(fact.value));
            findings.push_back(
                {fmt::format("listens at {}{}, which the declaration does not name", inert(fact.what), only),
                 inert(snapshot.label),
                 Verdict::fail,
                 {where}});
        }
    }
    return conclude(input, std::move(findings),
                    {"listens only where it is declared to",
                     "Ports the declaration does not name are closed: helpers of the factory and of the "
                     "service go before delivery.",
                     "Take a <snapshot/> once the unit is up.", false});
}

}  // namespace

extern const CheckType type;
const CheckType type{
    .element = {.name = "only-declared-services",
                .doc = "Every port that a <snapshot> found open is a declared service: TCP, "
                       "and UDP where it answers a greeting."},
    .why =
        "A port nobody told of is a way in nobody guards: shells, helpers of the factory, "
        "hidden update services.",
    .requirements = {"NET-01", "UPD-07"},
    .needs_declaration = true,
    .rests_on = {analysis::Subject::timeline},
    .needs_step = NeededStep{"snapshot", "nobody looks which ports are open", "add <snapshot/> to the steps"},
    .judge = judge};

}  // namespace cambench::checks::only_declared_services
