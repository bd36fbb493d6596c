#include "harness/checks/upgrade_findings.hpp"

#include <fmt/format.h>

#include "harness/core/text.hpp"

namespace cambench {
namespace {

using analysis::UpgradeStory;

std::string at_time(const std::optional<Nanoseconds>& time) {
    return time ? fmt::format(" at {:.2f} s", static_cast<double>(time->count()) / 1e9) : std::string();
}

/// The four witnesses, each with its time: what every finding is made of.
std::string witnesses(const UpgradeStory& story) {
    const auto& offer = story.offer;
    std::string text = offer.uploaded      ? "offered: brought by the operator"
                       : offer.lists > 0   ? fmt::format("offered: asked {} for it{}", inert(offer.server),
                                                         at_time(offer.asked))
                       : offer.fetches > 0 ? "offered: fetched without a question which there is"
                                           : "offered: nobody asked for it";
    if (offer.uploaded)
        text += fmt::format("; fetched: {} bytes", offer.size);
    else if (offer.fetches == 0)
        text += "; fetched: no";
    else
        text += fmt::format("; fetched: {} of {} bytes{}", offer.bytes, offer.size,
                            at_time(offer.delivered ? offer.delivered : offer.fetch_began));
    if (story.writing() != analysis::Writing::silent)
        text += fmt::format("; installed: {}\"{}\"{}",
                            story.writing() == analysis::Writing::hinted ? "perhaps, its console says " : "",
                            inert(story.installing.front()->text.substr(0, 80)), at_time(story.written_at()));
    else
        text += story.starts.empty()
                    ? "; installed: no sign of it"
                    : fmt::format("; installed: restarted{}", at_time(story.starts.front().time));
    if (story.starts.empty())
        text += fmt::format("; booted: no start, {} ran before",
                            story.before.empty() ? "an unknown version" : inert(story.before));
    for (const auto& start : story.starts)
        text += fmt::format("; booted: {}{}{}", inert(start.version),
                            start.slot.empty() ? "" : fmt::format(" (slot {})", inert(start.slot)),
                            at_time(start.time));
    if (!offer.change.empty()) text += fmt::format("; changed: {}", inert(offer.change));
    if (offer.cut) text += fmt::format("; the power was cut{}", at_time(offer.cut));
    return text;
}

}  // namespace

std::vector<UpgradeStory> stories_of(const analysis::Observations& observations,
                                     const Declaration* declaration) {
    analysis::UpgradeWords words;
    if (declaration != nullptr)
        words = {declaration->updates.refused, declaration->updates.installing, declaration->updates.running};
    return upgrade_stories(observations, words);
}

std::string name_of(const UpgradeStory& story) {
    return fmt::format("'{}'{}", inert(story.offer.kind),
                       story.offer.version.empty() ? "" : fmt::format(" ({})", inert(story.offer.version)));
}

std::string silent_witnesses(const UpgradeStory& story) {
    std::vector<std::string> silent;
    if (!story.offered()) silent.emplace_back("offered");
    if (!story.fetched()) silent.emplace_back("fetched");
    if (!story.installed()) silent.emplace_back("installed");
    if (!story.booted()) silent.emplace_back("booted");
    return join(silent, ", ");
}

Finding upgrade_finding(const UpgradeStory& story, Verdict verdict, std::string title) {
    Finding finding{std::move(title), witnesses(story), verdict, {}};
    if (!story.refused.empty())
        finding.detail += fmt::format("; it said \"{}\"", inert(story.refused.front()->text.substr(0, 120)));
    finding.evidence.push_back({.time = story.offer.time, .file = "payloads/" + story.offer.sha256});
    for (const auto& when : {story.offer.asked, story.offer.delivered, story.offer.cut})
        if (when) finding.evidence.push_back({.time = *when, .file = "timeline.jsonl"});
    for (const auto* lines : {&story.installing, &story.refused})
        if (!lines->empty()) finding.evidence.push_back(pointer_to(*lines->front()));
    for (const auto& start : story.starts) finding.evidence.push_back(pointer_to(*start.line));
    return finding;
}

std::optional<Finding> nothing_offered(const std::vector<UpgradeStory>& stories) {
    if (!stories.empty()) return std::nullopt;
    return Finding{"no update was offered",
                   "The scenario has no <offer-update>, or ended before it.",
                   Verdict::inconclusive,
                   {}};
}

}  // namespace cambench
