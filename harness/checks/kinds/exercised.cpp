#include <fmt/format.h>

#include "harness/checks/findings.hpp"
#include "harness/core/text.hpp"

namespace cambench::checks::exercised {
namespace {

std::string text_of(const Event& event, const char* key) {
    const auto found = event.fields.find(key);
    return found != event.fields.end() && found->is_string() ? inert(found->get<std::string>())
                                                             : std::string();
}

CheckResult judge(const CheckInput& input) {
    CheckResult result;
    std::vector<Finding> findings;
    std::uint64_t took = 0;
    for (const auto* event : events_of(input.observations, "scenario", "stimulus")) {
        const auto outcome = event->fields.find("took");
        if (outcome != event->fields.end() && outcome->is_boolean() && outcome->get<bool>()) {
            ++took;
            if (result.evidence.size() < 8) result.evidence.push_back(pointer_to(*event));
            continue;
        }
        const auto step = text_of(*event, "step"), why = text_of(*event, "why");
        findings.push_back({fmt::format("{} did not take{}", step.empty() ? "a stimulus" : step,
                                        why.empty() ? "" : ": " + why),
                            "What the camera would have done then was not seen.",
                            Verdict::inconclusive,
                            {pointer_to(*event)}});
    }
    std::int64_t open = 0;
    for (const auto* event : events_of(input.observations, "scenario", "step")) {
        const auto state = text_of(*event, "state");
        open += state == "begin" ? 1 : state == "end" ? -1 : 0;
    }
    if (!input.observations.run.present)
        findings.push_back({"there is no run on record",
                            "What was done to the camera is not known.",
                            Verdict::inconclusive,
                            {}});
    if (open > 0)
        findings.push_back(
            {"the scenario did not reach its end",
             fmt::format("{} left unfinished", counted(static_cast<std::uint64_t>(open), "step")),
             Verdict::inconclusive,
             {}});
    if (findings.empty()) {
        result.verdict = Verdict::pass;
        result.title = took == 0   ? "no step needed the camera's cooperation"
                       : took == 1 ? "the one stimulus took"
                                   : fmt::format("all {} stimuli took", took);
        result.seen = fmt::format("{} stimuli on record", took);
        return result;
    }
    result.verdict = Verdict::inconclusive;
    result.title = findings.front().title;
    result.seen = fmt::format("{} of {} stimuli took", took, took + findings.size());
    result.remedy =
        "Find out why the camera did not take the stimulus (the timeline shows what it did instead) and run "
        "again.";
    for (const auto& finding : findings)
        result.evidence.insert(result.evidence.end(), finding.evidence.begin(), finding.evidence.end());
    result.findings = std::move(findings);
    return result;
}

}  // namespace

extern const CheckType type;
const CheckType type{.element = {.name = "exercised",
                                 .doc = "Every stimulus of the scenario took effect; judged in every run."},
                     .why =
                         "A clock that the camera never read or a step that never ended tells nothing of "
                         "what the camera would have done.",
                     .requirements = {},
                     .when = CheckType::When::always,
                     .rests_on = {analysis::Subject::timeline},
                     .judge = judge};

}  // namespace cambench::checks::exercised
