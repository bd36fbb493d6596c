#include <fmt/format.h>
#include <algorithm>
#include <set>

#include "harness/checks/traffic.hpp"
#include "harness/core/text.hpp"
#include "harness/wire/protocols.hpp"

namespace cambench::checks::keeps_identifiers {
namespace {

using analysis::ContentFact;
using analysis::ContentKind;
using analysis::Destination;

/// A declaration that states a protocol without encryption states that the password travels in clear.
bool says_in_clear(const Match& found) {
    return found.entry != nullptr &&
           protocol::has(wire_protocol(found.entry->protocol), protocol::login_in_clear);
}

Verdict weigh(const CheckInput& input, const ContentFact& fact, const Match& found) {
    const auto verdict = unless_declared(found.standing, input.declaration);
    if (verdict != Verdict::pass || fact.kind == ContentKind::identifier) return verdict;
    return says_in_clear(found) ? Verdict::pass : Verdict::inconclusive;
}

CheckResult judge(const CheckInput& input) {
    std::vector<Finding> findings;
    for (const auto& destination : input.observations.destinations) {
        if (!leaves_network(destination)) continue;
        const auto found = match(destination, input.observations, input.declaration);
        if (!is_own_business(found.standing)) continue;
        for (const auto& fact : destination.contents) {
            if (!fact.outgoing ||
                (fact.kind != ContentKind::identifier && fact.kind != ContentKind::credential))
                continue;
            const auto whom = describe_standing(destination, found, input.declaration);
            findings.push_back({fact.kind == ContentKind::credential
                                    ? fmt::format("sends {} in clear to {}", fact.what, whom)
                                    : fmt::format("tells its {} to {}", fact.what, whom),
                                describe_traffic(input.observations, destination), weigh(input, fact, found),
                                pointers_to(input.observations, fact)});
        }
    }
    return conclude(input, std::move(findings),
                    {"tells nobody undeclared who it is",
                     "The firmware sends identifiers and passwords only to declared destinations, and "
                     "passwords only encrypted.",
                     "Give the vendor's declaration of this product."});
}

}  // namespace

extern const CheckType type;
const CheckType type{.element = {.name = "keeps-identifiers",
                                 .doc = "The camera tells its MAC address, serial number and passwords to no "
                                        "undeclared destination, in clear, hex or base64."},
                     .why =
                         "A serial number in a stranger's log is a door bell: it says which unit stands "
                         "where, and is often all that is needed to reach it.",
                     .requirements = {"TEL-01"},
                     .for_captures = true,
                     .judge = judge};

}  // namespace cambench::checks::keeps_identifiers
