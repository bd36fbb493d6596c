#include <algorithm>
#include <fmt/format.h>

#include "harness/analysis/snapshots.hpp"
#include "harness/checks/findings.hpp"
#include "harness/core/text.hpp"

namespace cambench::checks::only_declared_services {
namespace {

bool is_declared(const std::string& port, const Declaration& declaration) {
    return std::any_of(declaration.services.begin(), declaration.services.end(), [&](const auto& service) { return port == fmt::format("{}/{}", service.port, to_string(service.transport)); });
}

CheckResult judge(const CheckInput& input) {
    const auto snapshots = snapshots_of(input.observations);
    std::vector<Finding> findings;
    if (snapshots.empty()) findings.push_back({"nobody looked which ports are open", "It needs a <snapshot/>.", Verdict::inconclusive, {}});
    std::vector<std::string> told;
    for (const auto& snapshot : snapshots) {
        const Pointer where{.time = snapshot.time, .file = "timeline.jsonl"};
        if (snapshot.facts.empty()) findings.push_back({"the unit answered at no port", inert(snapshot.label), Verdict::inconclusive, {where}});
        for (const auto& fact : snapshot.facts) {
            if (fact.subject != "open port" || is_declared(fact.what, *input.declaration) || std::find(told.begin(), told.end(), fact.what) != told.end()) continue;
            told.push_back(fact.what);
            findings.push_back({fmt::format("listens at {}, which the declaration does not name", inert(fact.what)), inert(snapshot.label), Verdict::fail, {where}});
        }
    }
    return conclude(input, std::move(findings),
                    {"listens only where it is declared to", "Ports the declaration does not name are closed: helpers of the factory and of the service go before delivery.",
                     "Take a <snapshot/> once the unit is up."});
}

}  // namespace

extern const CheckType type;
const CheckType type{
    .element = {.name = "only-declared-services", .doc = "Every port that a <snapshot> found open is a declared service: TCP, and UDP where it answers a greeting."},
    .why = "A port nobody told of is a way in nobody guards: shells, helpers of the factory, hidden update services.",
    .requirements = {"NET-01", "UPD-07"},
    .needs_declaration = true,
    .judge = judge};

}  // namespace cambench::checks::only_declared_services
