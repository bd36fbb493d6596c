#include <fmt/format.h>
#include <algorithm>

#include "harness/checks/traffic.hpp"
#include "harness/core/text.hpp"

namespace cambench::checks::reconnect_back_off {
namespace {

using analysis::Destination;

constexpr std::size_t fewest_attempts = 8;

double median_of(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

/// The pause between attempts at the end, when it is short and has not grown since the beginning. Seconds.
std::optional<double> steady_pause(const Destination& destination, double longest) {
    if (destination.failed < fewest_attempts || destination.failed * 10 < destination.attempts * 9)
        return std::nullopt;
    std::vector<double> pauses;
    for (std::size_t i = 1; i < destination.attempt_times.size(); ++i)
        pauses.push_back(
            std::chrono::duration<double>(destination.attempt_times[i] - destination.attempt_times[i - 1])
                .count());
    if (pauses.size() + 1 < fewest_attempts) return std::nullopt;
    const auto third = static_cast<std::ptrdiff_t>(pauses.size() / 3);
    const double early = median_of({pauses.begin(), pauses.begin() + third}),
                 late = median_of({pauses.end() - third, pauses.end()});
    return late <= early * 1.5 && late <= longest ? std::optional(late) : std::nullopt;
}

/// Whether some destination left enough attempts without an answer for their pauses to show growth.
bool was_refused_often(const CheckInput& input) {
    return std::any_of(input.observations.destinations.begin(), input.observations.destinations.end(),
                       [](const Destination& one) {
                           return leaves_network(one) && one.failed >= fewest_attempts &&
                                  one.failed * 10 >= one.attempts * 9 &&
                                  one.attempt_times.size() >= fewest_attempts;
                       });
}

CheckResult judge(const CheckInput& input) {
    std::vector<Finding> findings;
    const double longest = std::chrono::duration<double>(input.parameters.duration("pause")).count();
    for (const auto& destination : input.observations.destinations) {
        if (!leaves_network(destination)) continue;
        const auto pause = steady_pause(destination, longest);
        if (!pause) continue;
        findings.push_back(
            {fmt::format("tries {} again every {}, without pausing longer", describe(destination),
                         describe_duration(Nanoseconds(static_cast<std::int64_t>(*pause * 1e9)))),
             describe_traffic(input.observations, destination),
             input.parameters.flag("required") ? Verdict::fail : Verdict::pass,
             pointers_to(input.observations, destination)});
    }
    if (findings.empty() && input.parameters.flag("required") && !was_refused_often(input))
        findings.push_back(
            {"no server left the camera without an answer often enough to tell",
             fmt::format("It takes {} attempts in vain at one destination: <block/> or <isolate/>, and time.",
                         fewest_attempts),
             Verdict::inconclusive,
             {}});
    return conclude(input, std::move(findings),
                    {"does not press servers that do not answer",
                     "The firmware lengthens its pauses with each failure, with a random part.", ""});
}

}  // namespace

extern const CheckType type;
const CheckType type{.element = {.name = "reconnect-back-off",
                                 .doc = "The camera lengthens its pauses when a destination does not answer.",
                                 .attributes = {{.name = "required",
                                                 .kind = markup::Kind::flag,
                                                 .doc = "Whether it fails; otherwise it is only noted.",
                                                 .fallback = "no"},
                                                {.name = "pause",
                                                 .kind = markup::Kind::duration,
                                                 .doc = "Pauses longer than this need not grow.",
                                                 .fallback = "60s"}}},
                     .why =
                         "Thousands of cameras that all retry every few seconds bring down the very service "
                         "they wait for, and fill every log on the way.",
                     .requirements = {"RES-02"},
                     .for_captures = true,
                     .judge = judge};

}  // namespace cambench::checks::reconnect_back_off
