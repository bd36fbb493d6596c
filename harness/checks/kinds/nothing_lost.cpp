#include <fmt/format.h>
#include <algorithm>

#include "harness/checks/attestation_findings.hpp"
#include "harness/checks/findings.hpp"
#include "harness/core/event_fields.hpp"
#include "harness/core/text.hpp"

namespace cambench::checks::nothing_lost {
namespace {

using analysis::Observations;

Finding lost(std::string title, std::string detail, std::vector<Pointer> evidence = {}) {
    return {std::move(title), std::move(detail), Verdict::inconclusive, std::move(evidence)};
}

/// Whether somebody beyond the camera's own network answered it, or was tried more than once; a proxy stands
/// for whom it is asked for.
bool reaches_out(const Observations& observations) {
    return std::any_of(observations.destinations.begin(), observations.destinations.end(),
                       [](const analysis::Destination& one) {
                           const bool by_proxy =
                               std::any_of(one.claims.begin(), one.claims.end(),
                                           [](const auto& claim) { return claim.beyond.has_value(); });
                           return (one.resolution != analysis::Resolution::lan || by_proxy) &&
                                  (one.answered || one.attempts > 1);
                       });
}

void judge_captures(const Observations& observations, std::vector<Finding>& findings) {
    if (observations.captures.empty())
        findings.push_back(lost("there is no capture", "Nothing of the network was recorded."));
    for (const auto& capture : observations.captures) {
        if (capture.dropped.value_or(0) > 0)
            findings.push_back(
                lost(fmt::format("{} of the camera's wire were dropped", counted(*capture.dropped, "frame")),
                     "By the interface statistics in the capture.", {{.file = capture.file}}));
        if (capture.truncated)
            findings.push_back(
                lost("the capture ends torn", join(capture.notes, "; "), {{.file = capture.file}}));
        if (capture.frames > 0 && capture.unreadable_frames * 2 > capture.frames)
            findings.push_back(lost("most frames of the capture cannot be decoded",
                                    fmt::format("{} of {}{}{}", capture.unreadable_frames, capture.frames,
                                                capture.notes.empty() ? "" : "; ", join(capture.notes, "; ")),
                                    {{.file = capture.file}}));
    }
    for (const auto& one : observations.wrapped) {
        const auto& own = observations.camera.addresses;
        const auto is_own = [&](const IpAddress& address) {
            return std::find(own.begin(), own.end(), address) != own.end();
        };
        const bool mostly =
            one.frames * 2 > observations.camera.frames_sent;  // a switch that was taken for the camera
        if (one.opened) continue;
        if (is_own(one.from) &&
            !mostly) {  // a destination of its, and what is inside goes on from there to others
            findings.push_back(
                lost(fmt::format("the camera wraps {} to {} in {}, and what is inside was not judged",
                                 counted(one.frames, "frame"), one.to.to_string(), one.kind),
                     "", {pointer_to(observations, one.first)}));
            continue;
        }
        if (!observations.camera.guessed || (is_own(one.to) && !mostly)) continue;
        findings.push_back(lost(
            fmt::format("{} from {} to {} are wrapped in {}, and what is inside was not judged",
                        counted(one.frames, "frame"), one.from.to_string(), one.to.to_string(), one.kind),
            "A mirror would bring both directions of conversations this way. Record where the camera is, or "
            "name it by --camera.",
            {pointer_to(observations, one.first)}));
    }
    for (const auto& one : observations.unaccounted) {
        const auto to =
            one.to.is_unspecified() ? std::string() : fmt::format(", the first to {}", one.to.to_string());
        findings.push_back(
            lost(fmt::format("sends {} in {}{}", one.what, counted(one.frames, "frame"), to),
                 "What they carry was not judged: bytes in such places are seen by whoever waits for "
                 "them, and by no filter.",
                 {pointer_to(observations, one.first)}));
    }
    if (observations.camera.frames_sent > 0 && !observations.run.present && !observations.complete &&
        !reaches_out(observations))
        findings.push_back(
            lost("the recording shows the camera reach nobody beyond its own network",
                 "Nothing says that it would not: it may have been cut off, or recorded too shortly."));
    if (observations.camera.frames_sent == 0)
        findings.push_back(
            lost("no frame of the camera was recorded", "A camera that was not seen cannot be judged."));
}

void judge_capture_end(const Observations& observations, std::vector<Finding>& findings) {
    const auto closed = events_of(observations, "bench", "capture-closed");
    if (closed.empty()) {
        findings.push_back(lost("the capture was not closed in order", "The run may have been cut short."));
        return;
    }
    std::uint64_t frames = 0, recorded = 0;
    bool counted_all = true;
    for (const auto* event : closed) {
        const auto dropped = analysis::count_of(event->fields, "dropped");
        if (dropped > 0)
            findings.push_back(
                lost(fmt::format("the kernel dropped {} of the camera's wire", counted(dropped, "frame")), "",
                     {pointer_to(*event)}));
        counted_all =
            counted_all && event->fields.contains("frames") && event->fields["frames"].is_number_unsigned();
        if (counted_all) frames += event->fields["frames"].get<std::uint64_t>();
    }
    for (const auto& capture : observations.captures) recorded += capture.frames;
    if (counted_all && frames != recorded)
        findings.push_back(
            lost(fmt::format("the capture has {} frames, the recorder wrote {}", recorded, frames), ""));
}

std::string fault_of(const Event& event) {
    auto text = analysis::text_of(event.fields, "text");
    return text.empty() ? "the bench failed" : text;
}

void judge_run(const Observations& observations, std::vector<Finding>& findings) {
    if (observations.run.torn)
        findings.push_back(
            lost("the timeline is torn", "The run may have been cut short.", {{.file = "timeline.jsonl"}}));
    judge_capture_end(observations, findings);
    if (observations.console.gaps > 0)
        findings.push_back(
            lost(fmt::format("the console was interrupted {}", counted(observations.console.gaps, "time")),
                 "While the camera had power.", {{.file = "console.log"}}));
    for (const auto* event : events_of(observations, "bench", "fault"))
        findings.push_back({fault_of(*event), "", Verdict::error, {pointer_to(*event)}});
}

/// Whether the recorder lost frames, or did not end in order.
bool may_miss_frames(const Observations& observations) {
    const auto closed = events_of(observations, "bench", "capture-closed");
    const bool torn =
        std::any_of(observations.captures.begin(), observations.captures.end(),
                    [](const auto& capture) { return capture.truncated || capture.dropped.value_or(0) > 0; });
    return torn || observations.run.torn || closed.empty() ||
           std::any_of(closed.begin(), closed.end(),
                       [](const Event* event) { return analysis::count_of(event->fields, "dropped") > 0; });
}

/// What the process that answers the camera said and no frame bears out. It parses foreign bytes: it can
/// accuse, never acquit. Where frames are missing, those may be among them.
void judge_contradictions(const Observations& observations, std::vector<Finding>& findings) {
    for (const auto* event : events_of(observations, "bench", "not-held"))
        findings.push_back(lost(fmt::format("{} of the fake internet were not held against the capture",
                                            counted(analysis::count_of(event->fields, "events"), "event")),
                                "There are more conversations than are kept."));
    const auto contradictions = events_of(observations, "bench", "contradiction");
    if (contradictions.empty()) return;
    const auto& first = *contradictions.front();
    const bool unanswered = analysis::flag_of(first.fields, "unanswered");  // the graver ones come first
    findings.push_back(
        {fmt::format("the capture does not bear out what the fake internet says: {}",
                     inert(analysis::text_of(first.fields, "text"))),
         fmt::format(
             "{} of that kind. {}",
             counted(std::max<std::uint64_t>(analysis::count_of(first.fields, "all"), 1), "statement"),
             unanswered
                 ? "The camera could not be reached with the answer, or the process that answers is broken."
                 : "The process that answers the camera is broken, or in foreign hands."),
         unanswered || may_miss_frames(observations) ? Verdict::inconclusive : Verdict::error,
         {pointer_to(first)}});
}

/// Whether the recorder stated what it dropped: in the file itself, or in the run's timeline.
bool is_counted(const Observations& observations) {
    const bool by_file = std::all_of(observations.captures.begin(), observations.captures.end(),
                                     [](const auto& capture) { return capture.dropped.has_value(); });
    const auto closed = events_of(observations, "bench", "capture-closed");
    return by_file || std::any_of(closed.begin(), closed.end(), [](const Event* event) {
               return event->fields.contains("dropped") && event->fields["dropped"].is_number_unsigned();
           });
}

CheckResult judge(const CheckInput& input) {
    const auto& observations = input.observations;
    std::vector<Finding> findings;
    judge_captures(observations, findings);
    if (observations.run.present) judge_run(observations, findings);
    auto attestation = attestation_findings(observations);
    findings.insert(findings.end(), std::make_move_iterator(attestation.findings.begin()),
                    std::make_move_iterator(attestation.findings.end()));
    judge_contradictions(observations, findings);
    CheckResult result;
    std::uint64_t frames = 0;
    for (const auto& capture : observations.captures) frames += capture.frames;
    result.seen = fmt::format("{}, {} of them sent by the camera", counted(frames, "frame"),
                              observations.camera.frames_sent);
    if (!attestation.seen.empty()) result.seen += "; " + attestation.seen;
    for (const auto& capture : observations.captures) {
        if (capture.cut_frames > 0)
            result.seen +=
                fmt::format("; {} recorded only in part (snap length)", counted(capture.cut_frames, "frame"));
        if (capture.clock_steps_back > 0)
            result.seen +=
                fmt::format("; the recorder's clock went back {}", counted(capture.clock_steps_back, "time"));
    }
    for (const auto* event : events_of(observations, "bench", "capture-closed"))
        if (event->fields.contains("clock_stepped_s"))
            result.seen +=
                fmt::format("; the host's clock was set by {} s meanwhile, which no time here shows",
                            inert(event->fields["clock_stepped_s"].dump()));
    if (findings.empty()) {
        result.verdict = Verdict::pass;
        result.title = is_counted(observations) ? "the recordings are whole"
                                                : "nothing shows that frames are missing; the recording does "
                                                  "not say whether any were dropped";
        if (observations.camera.first_frame)
            result.evidence.push_back(pointer_to(observations, *observations.camera.first_frame));
        return result;
    }
    std::stable_partition(findings.begin(), findings.end(),
                          [](const Finding& one) { return one.verdict == Verdict::error; });
    result.verdict = findings.front().verdict;
    result.title = findings.front().title;
    result.remedy = "Record again: what was not recorded may have been what matters.";
    for (const auto& finding : findings)
        result.evidence.insert(result.evidence.end(), finding.evidence.begin(), finding.evidence.end());
    result.findings = std::move(findings);
    return result;
}

}  // namespace

extern const CheckType type;
const CheckType type{
    .element = {.name = "nothing-lost",
                .doc = "The recordings are whole, show the camera, and are attested: bench, link and "
                       "the same unit were there all the time; judged in every run."},
    .why =
        "A frame that was dropped, a recording that ends early or a camera that was never seen proves "
        "nothing: absence of evidence must not pass.",
    .requirements = {},
    .when = CheckType::When::always,
    .for_captures = true,
    .judge = judge};

}  // namespace cambench::checks::nothing_lost
