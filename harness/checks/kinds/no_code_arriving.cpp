#include <algorithm>
#include <fmt/format.h>

#include "harness/checks/traffic.hpp"
#include "harness/core/text.hpp"

namespace cambench::checks::no_code_arriving {
namespace {

using analysis::Destination;
using analysis::ContentFact;
using analysis::ContentKind;

Verdict weigh(const CheckInput& input, const ContentFact& fact, const Match& found) {
    const auto verdict = unless_declared(found.standing, input.declaration);
    if (verdict != Verdict::pass) return verdict;
    const bool update = found.entry != nullptr && speaks_of(found.entry->purpose, {"update", "upgrade", "firmware", "software", "ota"});
    return update && fact.kind == ContentKind::code ? Verdict::pass : Verdict::inconclusive;
}

CheckResult judge(const CheckInput& input) {
    std::vector<Finding> findings;
    for (const auto& destination : input.observations.destinations) {
        for (const auto& fact : destination.contents) {
            if (fact.outgoing || (fact.kind != ContentKind::code && fact.kind != ContentKind::command)) continue;
            const auto found = match(destination, input.observations, input.declaration);
            const auto what = fact.kind == ContentKind::command ? fmt::format("orders for its shell ({})", fact.what) : fmt::format("code ({})", fact.what);
            findings.push_back({fmt::format("receives {} from {}", what, describe_standing(destination, found, input.declaration)), describe_traffic(input.observations, destination),
                                weigh(input, fact, found), pointers_to(input.observations, fact)});
        }
    }
    return conclude(input, std::move(findings),
                    {"fetches no programs, as far as the content can be seen", "The firmware takes code only as signed updates from declared update servers.",
                     "Give the vendor's declaration, with the update servers and their purpose."});
}

}  // namespace

extern const CheckType type;
const CheckType type{
    .element = {.name = "no-code-arriving", .doc = "The camera receives no programs, scripts or orders for a shell but from declared update servers."},
    .why = "The first stage of a backdoor is small and harmless to look at; what it fetches later is not. Code on the wire is where it shows.",
    .requirements = {"UPD-07", "UPD-08"},
    .for_captures = true,
    .judge = judge};

}  // namespace cambench::checks::no_code_arriving
