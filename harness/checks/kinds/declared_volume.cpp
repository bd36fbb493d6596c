#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <map>

#include "harness/checks/traffic.hpp"
#include "harness/core/text.hpp"

namespace cambench::checks::declared_volume {
namespace {

using analysis::Destination;

/// All that went to the destinations of one entry.
struct Sum {
    std::uint64_t bytes = 0, contacts = 0, connections = 0;
    WallTime first = WallTime::max(), last = WallTime::min();
    const Destination* example = nullptr;
};

std::map<const DeclaredDestination*, Sum> sums_of(const CheckInput& input) {
    std::map<const DeclaredDestination*, Sum> sums;
    for (const auto& destination : input.observations.destinations) {
        const auto found = match(destination, input.observations, input.declaration);
        if (found.entry == nullptr || (!found.entry->every && !found.entry->volume)) continue;
        auto& sum = sums[found.entry];
        sum.bytes += destination.bytes_out;
        sum.contacts += destination.connections_used;
        sum.connections += destination.attempts;
        sum.first = std::min(sum.first, destination.first_seen);
        sum.last = std::max(sum.last, destination.last_seen);
        if (sum.example == nullptr) sum.example = &destination;
    }
    return sums;
}

/// Periods that the contacts span, the one begun included.
double periods_of(const Sum& sum, Nanoseconds every) {
    const auto span = std::chrono::duration<double>(sum.last - sum.first).count(),
               period = std::chrono::duration<double>(every).count();
    return period > 0 ? std::floor(span / period) + 1 : 1;
}

/// A vendor states what a service needs as a rule; start-up and a retry are allowed on top.
void judge_pace(const CheckInput& input, const DeclaredDestination& entry, const Sum& sum, double slack,
                std::vector<Finding>& findings) {
    constexpr double start_up = 3;
    const double allowed = periods_of(sum, *entry.every) * slack + start_up;
    if (static_cast<double>(sum.contacts) <= allowed) return;
    findings.push_back(
        {fmt::format("contacts {} {} times in {}, declared every {}", describe(*sum.example), sum.contacts,
                     describe_duration(sum.last - sum.first), describe_duration(*entry.every)),
         fmt::format("at most {:.0f} were to be expected", allowed), Verdict::fail,
         pointers_to(input.observations, *sum.example)});
}

void judge_amount(const CheckInput& input, const DeclaredDestination& entry, const Sum& sum, double slack,
                  std::vector<Finding>& findings) {
    // What the transport itself needs (hellos, certificates of the client, closing) is not the vendor's to
    // declare.
    constexpr double for_each_connection = 3000;
    const double periods = entry.every ? periods_of(sum, *entry.every) : 1;
    const double allowed = static_cast<double>(*entry.volume) * periods * slack +
                           for_each_connection * static_cast<double>(sum.connections);
    if (static_cast<double>(sum.bytes) <= allowed) return;
    const auto stated = entry.every
                            ? fmt::format("{} bytes every {}", *entry.volume, describe_duration(*entry.every))
                            : fmt::format("{} bytes in all", *entry.volume);
    findings.push_back(
        {fmt::format("sends {} bytes to {} in {}, declared: {}", sum.bytes, describe(*sum.example),
                     describe_duration(sum.last - sum.first), stated),
         fmt::format("at most {:.0f} bytes were to be expected, connections included", allowed),
         Verdict::fail, pointers_to(input.observations, *sum.example)});
}

CheckResult judge(const CheckInput& input) {
    std::vector<Finding> findings;
    const double slack = input.parameters.number("slack");
    if (input.declaration == nullptr) {
        findings.push_back({"nothing is declared to compare with",
                            "Give the vendor's declaration of this product.",
                            Verdict::inconclusive,
                            {}});
    } else {
        const auto sums = sums_of(input);
        if (sums.empty())
            findings.push_back({"no destination whose rhythm or amount is declared was contacted",
                                "Declare every=\"\" and volume=\"\" at the destinations, and record until "
                                "they are contacted.",
                                Verdict::inconclusive,
                                {}});
        for (const auto& [entry, sum] : sums) {
            if (entry->every) judge_pace(input, *entry, sum, slack, findings);
            if (entry->volume) judge_amount(input, *entry, sum, slack, findings);
        }
    }
    return conclude(input, std::move(findings),
                    {"sends no more, and no more often, than declared",
                     "The vendor declares how often and how much, or the firmware keeps to it.",
                     "Give the vendor's declaration of this product."});
}

}  // namespace

extern const CheckType type;
const CheckType type{
    .element = {.name = "declared-volume",
                .doc = "The camera contacts declared destinations no more often, and sends them no "
                       "more, than their `every` and `volume` say. "
                       "Allowed are `slack` times as many contacts and three more, and `slack` times "
                       "as much and 3,000 bytes for each connection.",
                .attributes = {{.name = "slack",
                                .kind = markup::Kind::number,
                                .doc = "How many times the declared amount is still taken for it.",
                                .fallback = "1.5"}}},
    .why =
        "A declared health report is a good cover for footage. What gives it away is that there is "
        "more of it than a report needs.",
    .requirements = {"EXF-03", "TEL-01"},
    .needs_declaration = true,
    .for_captures = true,
    .judge = judge};

}  // namespace cambench::checks::declared_volume
