#include <fmt/format.h>
#include <algorithm>

#include "harness/checks/upgrade_findings.hpp"
#include "harness/core/text.hpp"

namespace cambench::checks::updates_verified {
namespace {

using analysis::UpgradeStory, analysis::Writing;

Finding judge_genuine(const UpgradeStory& story) {
    const auto absent = silent_witnesses(story);
    if (absent.empty())
        return upgrade_finding(story, Verdict::pass,
                               fmt::format("takes {}: all four witnesses agree", name_of(story)));
    if (story.offer.cut)
        return upgrade_finding(
            story, Verdict::pass,
            fmt::format("{} was cut short, which survives-power-cut judges", name_of(story)));
    const auto hint = story.offer.version.empty()
                          ? "; its bytes do not tell its version: <offer-update version=\"\"/> does"
                          : "";
    return upgrade_finding(story, Verdict::inconclusive,
                           fmt::format("the genuine update {} was not seen through: no witness for {}{}",
                                       name_of(story), absent, hint));
}

/// Why it is open whether the camera took a package that is not known to have started; "" : it is not. What
/// the console says of writing needs no look at the way; and a camera that starts anew with all of a package
/// tells nothing where its console names no version, or the one that ran before as well.
std::string left_open(const UpgradeStory& story) {
    if (!story.fetched() && story.writing() == Writing::said)
        return "its console says that it is written, but no witness for fetched";
    if (!story.fetched() || story.offer.outcome != "restarted" || story.offer.way == "restart" ||
        story.offer.way == "card" || !story.refused.empty())
        return "";
    if (story.starts.empty())
        return "it fetches all of it and starts anew, and its console does not tell with which version";
    if (story.after != story.before && !story.before.empty())
        return fmt::format(
            "it fetches all of it and starts {}, which is neither what ran nor what the package is thought "
            "to be",
            inert(story.after));
    if (story.before == story.offer.version && story.after == story.before)
        return fmt::format("it fetches all of it and starts {}, which ran before as well",
                           inert(story.after));
    return "";
}

/// The genuine package with something changed in it; the others are made anew, or are genuine and forbidden
/// for another reason.
bool is_changed(const UpgradeStory& story) {
    constexpr std::string_view kinds[]{"flipped-header", "flipped-body", "flipped-signature",
                                       "other-content",  "truncated",    "oversized"};
    return std::find(std::begin(kinds), std::end(kinds), story.offer.kind) != std::end(kinds);
}

/// Whether a refusal of this offer shows that somebody looks at a signature: every checksum fits, and no
/// other reason was given.
bool shows_signature(const UpgradeStory& story) {
    const bool forged =
        is_changed(story) || story.offer.kind == "unsigned" || story.offer.kind == "other-key";
    return forged && story.offered() && (story.offer.sums == "right" || story.offer.sums == "bound") &&
           story.offer.covered && !story.refused_by_checksum() && !story.booted() &&
           story.writing() == Writing::silent;
}

/// Why the refusal of a changed package proves nothing by itself; "" : it does.
std::string doubt_about(const UpgradeStory& story) {
    if (!is_changed(story) || story.offer.sums == "bound") return "";
    if (story.refused_by_checksum())
        return fmt::format("it says \"{}\", and a checksum is no signature",
                           inert(story.refused.front()->text.substr(0, 120)));
    if (story.offer.sums == "unknown")
        return "it may have had a wrong checksum, which cambench cannot make right in this format";
    if (story.offer.sums == "held")
        return "a digest in its signed manifest did not fit, so that it tells nothing about the signature "
               "itself";
    if (!story.offer.covered)
        return "whether a signature has to cover what was changed is not known in this format";
    return "";
}

/// `proven`: another refusal of the run shows that signatures are looked at.
Finding judge_bad(const UpgradeStory& story, bool proven) {
    const auto name = name_of(story);
    const bool taken = (story.booted() && (story.fetched() || story.writing() == Writing::said)) ||
                       (story.writing() == Writing::said && story.fetched());
    if (taken && !story.offer.covered)
        return upgrade_finding(story, Verdict::inconclusive,
                               fmt::format("takes the offer {}, and whether a signature has to cover what "
                                           "was changed is not known in this format",
                                           name));
    if (story.booted() && (story.fetched() || story.writing() == Writing::said))
        return upgrade_finding(story, Verdict::fail, fmt::format("takes the offer {} and starts it", name));
    if (story.booted())
        return upgrade_finding(
            story, Verdict::inconclusive,
            fmt::format("starts the version of the offer {}, but no witness for fetched", name));
    if (story.writing() == Writing::hinted && story.fetched())
        return upgrade_finding(
            story, Verdict::inconclusive,
            fmt::format(
                "perhaps writes the offer {} to its flash: its console says so in words that nobody declared",
                name));
    if (story.writing() == Writing::said && story.fetched())
        return upgrade_finding(story, Verdict::fail,
                               fmt::format("writes the offer {} to its flash{}", name,
                                           story.refused.empty() ? "" : " before it judges it"));
    if (const auto open = left_open(story); !open.empty())
        return upgrade_finding(story, Verdict::inconclusive,
                               fmt::format("may take the offer {}: {}", name, open));
    if (!story.offered() && story.offer.way == "restart")
        return upgrade_finding(
            story, Verdict::pass,
            fmt::format("asks for no firmware when it starts while {} is there to be had", name));
    if (!story.offered() && story.offer.way == "ports")
        return upgrade_finding(story, Verdict::pass,
                               fmt::format("no port beside the declared ones could be brought {}", name));
    if (!story.offered())
        return upgrade_finding(story, Verdict::inconclusive,
                               fmt::format("did not ask for updates while {} was offered", name));
    // For `same` that is the whole of the question: to leave what runs already is how it is refused.
    if (story.offer.kind != "same" && !story.fetched() && !story.before.empty() &&
        story.before == story.offer.version)
        return upgrade_finding(
            story, Verdict::inconclusive,
            fmt::format("has no reason to want the offer {}: it runs {} already", name, inert(story.before)));
    if (const auto doubt = doubt_about(story); !proven && !doubt.empty())
        return upgrade_finding(story, Verdict::inconclusive,
                               fmt::format("refuses the offer {}: {}", name, doubt));
    if (story.offer.way == "card")
        return upgrade_finding(story, Verdict::pass,
                               fmt::format("does not take the offer {} from a card", name));
    return upgrade_finding(
        story, Verdict::pass,
        fmt::format("refuses the offer {}{}", name, story.fetched() ? "" : " without fetching all of it"));
}

/// A camera that takes nothing proves nothing by refusing what it is asked to take. A recovery path needs no
/// such proof.
std::optional<Finding> without_control(const std::vector<UpgradeStory>& stories) {
    const auto needs = [](const UpgradeStory& story) {
        const auto& way = story.offer.way;
        return !story.offer.genuine && way != "restart" && way != "card" && way != "ports";
    };
    const auto is_control = [](const UpgradeStory& story) { return story.offer.genuine && !story.offer.cut; };
    if (std::none_of(stories.begin(), stories.end(), needs) ||
        std::any_of(stories.begin(), stories.end(), is_control))
        return std::nullopt;
    return Finding{
        "no genuine update was offered, so a refusal may have another reason", "", Verdict::inconclusive, {}};
}

CheckResult judge(const CheckInput& input) {
    auto stories = stories_of(input);
    std::vector<Finding> findings;
    if (auto nothing = nothing_offered(stories)) findings.push_back(std::move(*nothing));
    // What the vendor made and only the occasion forbids, other checks judge.
    std::erase_if(stories, [](const UpgradeStory& story) { return !story.offer.objection.empty(); });
    const bool proven = std::any_of(stories.begin(), stories.end(), [](const UpgradeStory& story) {
        return !story.offer.genuine && shows_signature(story) && left_open(story).empty();
    });
    for (const auto& story : stories)
        findings.push_back(story.offer.genuine ? judge_genuine(story) : judge_bad(story, proven));
    if (auto control = without_control(stories)) findings.push_back(std::move(*control));
    return conclude(input, std::move(findings),
                    {"takes the genuine update and nothing else",
                     "The firmware verifies the vendor's signature over every part, the model and the "
                     "version before it writes, and again before it starts what it wrote.",
                     "Let the camera ask for updates while each is offered, and offer a genuine one as well: "
                     "see the witnesses that are missing."});
}

}  // namespace

extern const CheckType type;
const CheckType type{
    .element = {.name = "updates-verified",
                .doc = "Of the firmware offered by <offer-update>, the camera takes the genuine one and "
                       "refuses the others; four witnesses have to agree."},
    .why =
        "Whoever can put firmware into a camera owns it: a server taken over, a stolen old package with "
        "holes, a file from the next model.",
    .requirements = {"UPD-03", "UPD-04", "UPD-05", "BOOT-04"},
    .rests_on = {analysis::Subject::firmware, analysis::Subject::console, analysis::Subject::timeline},
    .needs_step =
        NeededStep{"offer-update", "no update is offered",
                   "add <offer-update/> to the steps, of what must be refused and of a genuine one"},
    .judge = judge};

}  // namespace cambench::checks::updates_verified
