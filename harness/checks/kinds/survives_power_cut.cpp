#include <fmt/format.h>
#include <algorithm>

#include "harness/analysis/run/console_dialogue.hpp"
#include "harness/checks/upgrade_findings.hpp"
#include "harness/core/text.hpp"

namespace cambench::checks::survives_power_cut {
namespace {

using analysis::UpgradeStory, analysis::Writing;

/// Whether the unit said anything after the cut: one that is silent may have lost its console, not its
/// firmware.
const analysis::ConsoleLine* first_word(const CheckInput& input, const UpgradeStory& story) {
    for (const auto& line : input.observations.console.lines)
        if (line.time && *line.time > *story.offer.cut && *line.time < story.end && !line.text.empty())
            return &line;
    return nullptr;
}

/// Whether the unit was on its way to a start of its own when the power went: the update was over.
bool was_over(const CheckInput& input, const UpgradeStory& story) {
    const auto begun = story.written_at();
    if (!begun) return false;
    const auto& lines = input.observations.console.lines;
    return std::any_of(lines.begin(), lines.end(), [&](const analysis::ConsoleLine& line) {
        return line.time && *line.time > *begun && *line.time < *story.offer.cut &&
               analysis::is_start_line(line.text);
    });
}

Finding judge_one(const CheckInput& input, const UpgradeStory& story) {
    const auto name = name_of(story);
    const bool amid_writing = story.written_at() && *story.written_at() < *story.offer.cut;
    const bool over = was_over(input, story);
    const std::string when = over            ? "when it was written and the unit was starting"
                             : !amid_writing ? "while it was being fetched"
                             : story.writing() == Writing::hinted ? "while it was perhaps being written"
                                                                  : "while it was being written";
    if (story.after_cut.empty()) {
        if (first_word(input, story) == nullptr)
            return upgrade_finding(story, Verdict::inconclusive,
                                   fmt::format("not a word on the console since the power cut {}", when));
        return upgrade_finding(story, Verdict::fail,
                               fmt::format("does not start any more: the power was cut {}", when));
    }
    const auto& first = story.after_cut.front();
    if (over && (first.version == story.before || first.version == story.offer.version))
        return upgrade_finding(
            story, Verdict::inconclusive,
            fmt::format("the power was cut too late: {} was written, and the unit was starting", name));
    if (first.version == story.before)
        return upgrade_finding(
            story, Verdict::pass,
            fmt::format("starts {} again: the power was cut {}", inert(first.version), when));
    if (first.version == story.offer.version && amid_writing && story.fetched() &&
        story.writing() == Writing::hinted)
        return upgrade_finding(story, Verdict::inconclusive,
                               fmt::format("starts {}: perhaps all of it was written when the power was cut, "
                                           "its console speaks of writing in words that nobody declared",
                                           inert(first.version)));
    if (first.version == story.offer.version && amid_writing && story.fetched() && !story.offer.cut_amid)
        return upgrade_finding(
            story, Verdict::inconclusive,
            fmt::format(
                "starts {}: all of it may have been written when the power was cut, so long after the offer",
                inert(first.version)));
    if (first.version == story.offer.version)
        return upgrade_finding(story, Verdict::fail,
                               fmt::format("starts {}, of which only a part was {} when the power was cut",
                                           inert(first.version), amid_writing ? "written" : "fetched"));
    return upgrade_finding(
        story, Verdict::fail,
        fmt::format("starts {}, which is neither what ran nor what was offered", inert(first.version)));
}

CheckResult judge(const CheckInput& input) {
    std::vector<Finding> findings;
    for (const auto& story : stories_of(input))
        if (story.offer.cut) findings.push_back(judge_one(input, story));
    if (findings.empty())
        findings.push_back(
            {"no power cut fell into an update",
             "It needs <offer-update cut-at=\"50\"/> or cut-on, and a camera that gets so far.",
             Verdict::inconclusive,
             {}});
    return conclude(input, std::move(findings),
                    {"starts what ran before when the power is cut amid an update",
                     "Write into a slot that is not in use, choose it when all of it is written and "
                     "verified, and fall back.",
                     "Cut the power at a line of the console that stands amid the installation, or at a "
                     "share of the download."});
}

}  // namespace

extern const CheckType type;
const CheckType type{
    .element = {.name = "survives-power-cut",
                .doc = "After a power cut amid an update the unit starts the firmware that ran before, "
                       "whole. Needs <offer-update> with cut-at or cut-on."},
    .why =
        "Power fails at the worst moment. A camera that is lost then, or runs half of its firmware, guards "
        "nothing.",
    .requirements = {"UPD-06"},
    .rests_on = {analysis::Subject::firmware, analysis::Subject::console, analysis::Subject::timeline},
    .needs_step =
        NeededStep{"offer-update", "no update is offered", "add <offer-update cut-at=\"50\"/> to the steps"},
    .judge = judge};

}  // namespace cambench::checks::survives_power_cut
