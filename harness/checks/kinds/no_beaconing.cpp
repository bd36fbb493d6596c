#include <fmt/format.h>
#include <algorithm>

#include "harness/checks/periodicity.hpp"
#include "harness/checks/traffic.hpp"
#include "harness/core/text.hpp"

namespace cambench::checks::no_beaconing {
namespace {

using analysis::Destination;

/// Connections and their attempts, or, within few long ones, the moments at which it begins to send.
std::optional<Period> period_of(const Destination& destination, RandomRhythms& random) {
    if (auto period = find_period(destination.attempt_times, random)) return period;
    return destination.transport == Transport::tcp ? find_period(destination.sending_times, random)
                                                   : std::nullopt;
}

/// Named destinations without a declaration may be the vendor's declared heartbeat: a note. A bare address
/// has no such excuse.
Verdict weigh(const CheckInput& input, const Destination& destination, Standing standing) {
    if (input.declaration == nullptr)
        return destination.resolution == analysis::Resolution::literal ? Verdict::inconclusive
                                                                       : Verdict::pass;
    return unless_declared(standing, input.declaration);
}

CheckResult judge(const CheckInput& input) {
    std::vector<Finding> findings;
    RandomRhythms random;
    for (const auto& destination : input.observations.destinations) {
        if (!leaves_network(destination)) continue;
        const auto found = match(destination, input.observations, input.declaration);
        if (!is_own_business(found.standing)) continue;
        const auto period = period_of(destination, random);
        if (!period) continue;
        Finding finding;
        finding.title =
            fmt::format("calls {} every {}", describe_standing(destination, found, input.declaration),
                        describe_duration(period->length));
        finding.detail = fmt::format("{} beats, off by {:.0f} % as a rule; {}", period->beats,
                                     period->jitter * 100, describe_traffic(input.observations, destination));
        finding.verdict = weigh(input, destination, found.standing);
        finding.evidence = pointers_to(input.observations, destination);
        findings.push_back(std::move(finding));
    }
    return conclude(input, std::move(findings),
                    {"calls nobody by the clock but whom it may",
                     "The vendor declares the destination with `every`, or the firmware stops calling it.",
                     "Give the vendor's declaration of this product."});
}

}  // namespace

extern const CheckType type;
const CheckType type{
    .element =
        {.name = "no-beaconing",
         .doc = "The camera calls no undeclared destination at regular intervals; attempts that fail count."},
    .why =
        "A planted program reports for duty by the clock and waits for orders, whether or not anybody "
        "answers. The rhythm shows it even when the content is encrypted.",
    .requirements = {"PHN-02", "PHN-05"},
    .for_captures = true,
    .judge = judge};

}  // namespace cambench::checks::no_beaconing
