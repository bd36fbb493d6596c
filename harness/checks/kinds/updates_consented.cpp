#include <fmt/format.h>

#include "harness/checks/upgrade_findings.hpp"
#include "harness/core/text.hpp"

namespace cambench::checks::updates_consented {
namespace {

using analysis::UpgradeStory, analysis::Writing;

Finding judge_one(const UpgradeStory& story) {
    const auto name = name_of(story);
    const auto why = inert(story.offer.objection);
    if (story.booted())
        return upgrade_finding(story, Verdict::fail,
                               fmt::format("installs {} and starts it, though {}", name, why));
    if (story.writing() == Writing::said)
        return upgrade_finding(story, Verdict::fail, fmt::format("installs {}, though {}", name, why));
    if (story.writing() == Writing::hinted)
        return upgrade_finding(
            story, Verdict::inconclusive,
            fmt::format("perhaps installs {}, though {}: its console says so in words that nobody declared",
                        name, why));
    if (!story.offered() && story.offer.way == "ports")
        return upgrade_finding(story, Verdict::pass,
                               fmt::format("no port beside the declared ones could be brought {}", name));
    if (!story.offered())
        return upgrade_finding(story, Verdict::inconclusive,
                               fmt::format("did not ask for updates while {} was offered", name));
    return upgrade_finding(
        story, Verdict::pass,
        fmt::format("leaves {} alone, since {}{}", name, why, story.fetched() ? "; it has fetched it" : ""));
}

CheckResult judge(const CheckInput& input) {
    const auto stories = stories_of(input);
    std::vector<Finding> findings;
    for (const auto& story : stories)
        if (!story.offer.objection.empty() && (story.offer.trusted || analysis::is_brought(story.offer.way)))
            findings.push_back(judge_one(story));
    if (findings.empty())
        findings.push_back(
            {"no update was offered that the operator did not agree to",
             "It needs <offer-update way=\"none\"/>, and a declaration with <updates consent=\"operator\"/>.",
             Verdict::inconclusive,
             {}});
    return conclude(
        input, std::move(findings),
        {"updates only when the operator agrees",
         "Updates wait for the operator; servers and messages may announce them, and no setting comes back "
         "by itself.",
         "Watch for as long as the camera takes to ask for updates, and start it again in between."});
}

}  // namespace

extern const CheckType type;
const CheckType type{
    .element = {.name = "updates-consented",
                .doc = "A genuine update is not installed while nobody has agreed to it: not on its own, not "
                       "pushed, not after a restart."},
    .why =
        "Who decides when a camera's firmware changes decides what the camera is; the operator has certified "
        "another one.",
    .requirements = {"UPD-07", "UPD-08"},
    .needs_declaration = true,
    .rests_on = {analysis::Subject::firmware, analysis::Subject::console, analysis::Subject::timeline},
    .needs_step =
        NeededStep{"offer-update", "no update is offered", "add <offer-update way=\"none\"/> to the steps"},
    .judge = judge};

}  // namespace cambench::checks::updates_consented
