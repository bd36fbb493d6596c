#include <fmt/format.h>
#include <algorithm>

#include "harness/checks/traffic.hpp"
#include "harness/core/text.hpp"
#include "harness/wire/protocols.hpp"

namespace cambench::checks::no_code_arriving {
namespace {

using analysis::ContentFact;
using analysis::ContentKind;
using analysis::Destination;

bool is_shell(const std::string& protocol) {
    return protocol == protocol::telnet || protocol == protocol::ssh;
}

Verdict weigh(const CheckInput& input, const ContentFact& fact, const Destination& destination,
              const Match& found) {
    const bool gives_shell = fact.outgoing && (found.entry == nullptr || !is_shell(found.entry->protocol));
    const bool orders_by_name = fact.kind == ContentKind::command &&
                                destination.protocol == protocol::dns;  // no look-up has a use for them
    if ((gives_shell && fact.certain) || orders_by_name) return Verdict::fail;
    if (gives_shell) return Verdict::inconclusive;
    const auto verdict = unless_declared(found.standing, input.declaration);
    if (verdict != Verdict::pass || fact.outgoing) return verdict;
    const bool update = found.entry != nullptr &&
                        speaks_of(found.entry->purpose, {"update", "upgrade", "firmware", "software", "ota"});
    return update && fact.kind == ContentKind::code ? Verdict::pass : Verdict::inconclusive;
}

/// Callers from outside the camera's network. Whoever calls sends what he likes; what the camera gives him is
/// its own.
void judge_visitor(const CheckInput& input, const Destination& visitor, std::vector<Finding>& findings) {
    for (const auto& fact : visitor.contents) {
        const bool command = fact.kind == ContentKind::command;
        if (!command && (fact.outgoing || fact.kind != ContentKind::code)) continue;
        const auto what =
            !fact.outgoing
                ? fmt::format("is sent {} ({}) by", command ? "orders for a shell" : "code", fact.what)
                : fmt::format("{} a shell ({}) to", fact.certain ? "gives" : "seems to give", fact.what);
        findings.push_back({fmt::format("{} a caller from outside its network, {}", what,
                                        visitor.addresses.front().to_string()),
                            describe_traffic(input.observations, visitor),
                            fact.outgoing && fact.certain ? Verdict::fail : Verdict::inconclusive,
                            pointers_to(input.observations, fact)});
    }
}

CheckResult judge(const CheckInput& input) {
    std::vector<Finding> findings;
    for (const auto& visitor : input.observations.visitors) judge_visitor(input, visitor, findings);
    for (const auto& destination : input.observations.destinations) {
        for (const auto& fact : destination.contents) {
            const bool command = fact.kind == ContentKind::command;
            if (!command && (fact.outgoing || fact.kind != ContentKind::code)) continue;
            const auto found = match(destination, input.observations, input.declaration);
            const auto what = fact.outgoing ? fmt::format("{} a shell ({}) to",
                                                          fact.certain ? "gives" : "seems to give", fact.what)
                              : command ? fmt::format("receives orders for its shell ({}) from", fact.what)
                                        : fmt::format("receives code ({}) from", fact.what);
            findings.push_back(
                {fmt::format("{} {}", what, describe_standing(destination, found, input.declaration)),
                 describe_traffic(input.observations, destination), weigh(input, fact, destination, found),
                 pointers_to(input.observations, fact)});
        }
    }
    return conclude(input, std::move(findings),
                    {"fetches no programs, as far as the content can be seen",
                     "The firmware takes code only as signed updates from declared update servers.",
                     "Give the vendor's declaration, with the update servers and their purpose."});
}

}  // namespace

extern const CheckType type;
const CheckType type{.element = {.name = "no-code-arriving",
                                 .doc = "The camera receives no programs, scripts or orders for a shell but "
                                        "from declared update servers, and gives nobody outside a shell."},
                     .why =
                         "The first stage of a backdoor is small and harmless to look at; what it fetches "
                         "later is not. Code on the wire is where it shows.",
                     .requirements = {"UPD-07", "UPD-08"},
                     .for_captures = true,
                     .judge = judge};

}  // namespace cambench::checks::no_code_arriving
