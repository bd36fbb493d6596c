#include <fmt/format.h>
#include <algorithm>

#include "harness/checks/findings.hpp"
#include "harness/checks/matching.hpp"
#include "harness/core/event_fields.hpp"

namespace cambench::checks::cloud_off_obeyed {
namespace {

using analysis::Destination;

/// A stretch of the run in which the cloud was switched off and the unit had power.
struct Silence {
    Nanoseconds from{}, until{};
};

/// What the operator and the power switch did, in order.
std::vector<const Event*> switchings(const analysis::Observations& observations) {
    std::vector<const Event*> found;
    for (const auto& event : observations.run.events)
        if ((event.lane == "scenario" && event.kind == "cloud") ||
            (event.lane == "power" && (event.kind == "on" || event.kind == "off")))
            found.push_back(&event);
    return found;
}

/// What was under way when the cloud was switched off may come to its end: `settle`.
std::vector<Silence> silences_of(const analysis::Observations& observations, Nanoseconds settle) {
    std::vector<Silence> silences;
    std::optional<Nanoseconds> begun;
    bool off = false;
    const auto end = [&](Nanoseconds now) {
        if (begun && now > *begun) silences.push_back({*begun, now});
        begun.reset();
    };
    for (const auto* event : switchings(observations)) {
        if (event->lane == "power") {
            end(event->time);
            if (off && event->kind == "on") begun = event->time;
            continue;
        }
        off = analysis::text_of(event->fields, "state") == "off";
        if (off && !begun) begun = event->time + settle;
        if (!off) end(event->time);
    }
    end(observations.run.length);
    return silences;
}

/// When the camera turned to a destination, on the run's clock, sorted. A connection and what is sent over it
/// at once is one turn.
std::vector<Nanoseconds> turns_of(const analysis::Observations& observations,
                                  const Destination& destination) {
    std::vector<Nanoseconds> turns;
    for (const auto* times : {&destination.attempt_times, &destination.sending_times})
        for (const auto time : *times) turns.push_back(run_time(observations, {0, time, 0}));
    std::sort(turns.begin(), turns.end());
    constexpr auto at_once = std::chrono::milliseconds(500);
    std::vector<Nanoseconds> apart;
    for (const auto turn : turns)
        if (apart.empty() || turn - apart.back() >= at_once) apart.push_back(turn);
    return apart;
}

/// How long the camera let pass between two turns before it was switched off; nullopt where it turned there
/// only once.
std::optional<Nanoseconds> longest_pause(const std::vector<Nanoseconds>& turns, Nanoseconds before) {
    std::optional<Nanoseconds> longest;
    for (std::size_t i = 1; i < turns.size() && turns[i] < before; ++i)
        longest = std::max(longest.value_or(Nanoseconds{}), turns[i] - turns[i - 1]);
    return longest;
}

Finding accusation(const CheckInput& input, const Destination& destination,
                   const std::vector<Nanoseconds>& breaches, const Event& off) {
    auto pointers = std::vector{pointer_to(off)};
    for (const auto& frame : destination.attempt_frames) {
        const auto time = run_time(input.observations, frame);
        if (pointers.size() < 8 && std::find(breaches.begin(), breaches.end(), time) != breaches.end())
            pointers.push_back(pointer_to(input.observations, frame));
    }
    if (pointers.size() == 1) pointers.push_back({.time = breaches.front(), .file = "timeline.jsonl"});
    return {fmt::format("{} {} though the cloud is switched off",
                        destination.answered ? "talks to" : "tries to reach", describe(destination)),
            fmt::format("switched off at {:.1f} s; {} since then, the first at {:.1f} s",
                        std::chrono::duration<double>(off.time).count(), counted(breaches.size(), "contact"),
                        std::chrono::duration<double>(breaches.front()).count()),
            Verdict::fail, std::move(pointers)};
}

/// Whether its silence means something: it was heard before, and has been silent for longer than it ever was.
Finding weigh_silence(const CheckInput& input, const Destination& destination,
                      const DeclaredDestination& entry, Nanoseconds off,
                      const std::vector<Silence>& silences) {
    constexpr double factor = 2.5;  // retries double their pause, with a fifth of jitter
    const auto pause = longest_pause(turns_of(input.observations, destination), off);
    auto watched = Nanoseconds{};
    for (const auto& silence : silences) watched = std::max(watched, silence.until - silence.from);
    const auto needed =
        pause ? Nanoseconds(static_cast<std::int64_t>(static_cast<double>(pause->count()) * factor))
              : entry.every.value_or(Nanoseconds::max());
    auto pointers = pointers_to(input.observations, destination);
    if (watched >= needed)
        return {fmt::format("{} fell silent for {}", describe(destination), describe_duration(watched)), "",
                Verdict::pass, std::move(pointers)};
    const auto why = pause ? fmt::format("it let up to {} pass between two contacts before; watch it for {}",
                                         describe_duration(*pause), describe_duration(needed))
                           : "it was contacted only once before; watch the camera longer, before and after";
    return {fmt::format("{} was silent, but for {} only", describe(destination), describe_duration(watched)),
            why, Verdict::inconclusive, std::move(pointers)};
}

void judge_destination(const CheckInput& input, const Destination& destination, const Event& off,
                       const std::vector<Silence>& silences, std::vector<Finding>& findings) {
    const auto found = match(destination, input.observations, input.declaration);
    if (found.entry == nullptr || !found.entry->cloud) return;
    std::vector<Nanoseconds> breaches;
    const auto turns = turns_of(input.observations, destination);
    for (const auto turn : turns)
        if (std::any_of(silences.begin(), silences.end(),
                        [&](const Silence& silence) { return turn >= silence.from && turn < silence.until; }))
            breaches.push_back(turn);
    if (!breaches.empty())
        findings.push_back(accusation(input, destination, breaches, off));
    else if (!turns.empty() && turns.front() < off.time)
        findings.push_back(weigh_silence(input, destination, *found.entry, off.time, silences));
}

CheckResult judge(const CheckInput& input) {
    std::vector<Finding> findings;
    const auto inconclusive = [&](const char* title, const char* detail) {
        findings.push_back({title, detail, Verdict::inconclusive, {}});
    };
    const auto events = events_of(input.observations, "scenario", "cloud");
    const auto off = std::find_if(events.begin(), events.end(), [](const Event* event) {
        return analysis::text_of(event->fields, "state") == "off";
    });
    const auto* declared = input.declaration;
    if (declared == nullptr || std::none_of(declared->destinations.begin(), declared->destinations.end(),
                                            [](const auto& one) { return one.cloud; })) {
        inconclusive("no destination is declared as the cloud's",
                     "Write cloud=\"yes\" at those that fall silent when it is switched off.");
    } else if (off == events.end()) {
        inconclusive("the cloud was not switched off",
                     "Put <switch-cloud state=\"off\"/> into the scenario.");
    } else {
        const auto silences = silences_of(input.observations, input.parameters.duration("settle"));
        for (const auto& destination : input.observations.destinations)
            judge_destination(input, destination, **off, silences, findings);
        if (findings.empty())
            inconclusive("the cloud was not contacted before it was switched off",
                         "Silence afterwards proves nothing.");
    }
    return conclude(
        input, std::move(findings),
        {"falls silent when the cloud is switched off",
         "The firmware leaves its cloud alone while the operator has switched it off, over restarts too.",
         "Watch the camera before and after it is switched off for longer than it ever pauses between two "
         "contacts."});
}

}  // namespace

extern const CheckType type;
const CheckType type{.element = {.name = "cloud-off-obeyed",
                                 .doc = "Declared destinations with cloud=\"yes\" are not contacted while "
                                        "the operator has switched the cloud off, over restarts too.",
                                 .attributes = {{.name = "settle",
                                                 .kind = markup::Kind::duration,
                                                 .doc = "How long what was under way may take to end.",
                                                 .fallback = "5s"}}},
                     .why =
                         "A switch that only hides the cloud from its owner is worse than none: he believes "
                         "the camera to be on its own.",
                     .requirements = {"TEL-02"},
                     .needs_declaration = true,
                     .needs_step = NeededStep{"switch-cloud", "nobody switches the cloud off",
                                              "add <switch-cloud state=\"off\"/> to the steps"},
                     .judge = judge};

}  // namespace cambench::checks::cloud_off_obeyed
