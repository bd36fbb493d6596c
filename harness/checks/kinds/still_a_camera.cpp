#include <fmt/format.h>
#include <algorithm>

#include "harness/checks/findings.hpp"
#include "harness/core/event_fields.hpp"
#include "harness/core/text.hpp"

namespace cambench::checks::still_a_camera {
namespace {

struct Limits {
    std::int64_t frames;
    double darkest, flattest;
    bool motion;
};

double number_of(const Event& event, const char* key, double fallback) {
    const auto found = event.fields.find(key);
    return found != event.fields.end() && found->is_number() ? found->get<double>() : fallback;
}

/// "" when the view shows a live picture.
std::string trouble_of(const Event& view, const Limits& limits) {
    const auto frames = static_cast<std::int64_t>(number_of(view, "frames", 0));
    if (frames < limits.frames)
        return frames == 0
                   ? "no picture could be decoded"
                   : fmt::format("only {} pictures could be decoded, {} are wanted", frames, limits.frames);
    const auto luma = number_of(view, "mean_luma", -1), deviation = number_of(view, "luma_deviation", -1),
               motion = number_of(view, "motion", -1);
    if (luma >= 0 && luma < limits.darkest && deviation < limits.flattest * 4)
        return fmt::format("the picture is black (mean luma {:.1f})", luma);
    if (deviation >= 0 && deviation < limits.flattest)
        return fmt::format("the picture is blank (luma deviation {:.2f})", deviation);
    if (limits.motion && motion >= 0 && motion <= 0 && frames > 1)
        return fmt::format("the picture is frozen: {} identical frames", frames);
    return {};
}

/// A stream that asks who looks is there. Whether it shows a picture, only somebody with an account can tell.
bool asks_for_login(const Event& view) {
    return number_of(view, "frames", 0) <= 0 && analysis::text_of(view.fields, "login") == "asked";
}

Finding login_asked(const Event& view) {
    const bool given = analysis::flag_of(view.fields, "account");
    return {given ? "asks for a login, and does not take the account that was given"
                  : "asks for a login, and no account was given",
            "The declaration's <operator user=\"\" password=\"\"/>, or the step's own, names the account. At "
            "most three tries were made: cameras lock out who knocks too often.",
            Verdict::inconclusive,
            {pointer_to(view)}};
}

CheckResult judge(const CheckInput& input) {
    const Limits limits{input.parameters.integer("frames"), input.parameters.number("luma"),
                        input.parameters.number("deviation"), input.parameters.flag("motion")};
    CheckResult result;
    const auto views = events_of(input.observations, "scenario", "video");
    for (const auto* view : views) {
        result.evidence.push_back(pointer_to(*view));
        const auto seen = fmt::format("{} frames of {:.0f}x{:.0f}, mean luma {:.1f}, deviation {:.1f}",
                                      number_of(*view, "frames", 0), number_of(*view, "width", 0),
                                      number_of(*view, "height", 0), number_of(*view, "mean_luma", 0),
                                      number_of(*view, "luma_deviation", 0));
        result.seen += (result.seen.empty() ? "" : "; ") + seen;
        const auto trouble = trouble_of(*view, limits);
        if (trouble.empty()) continue;
        if (asks_for_login(*view)) {
            result.findings.push_back(login_asked(*view));
            continue;
        }
        auto why = analysis::text_of(view->fields, "why");
        if (why.empty()) why = analysis::text_of(view->fields, "error");
        result.findings.push_back(
            {trouble, why.empty() ? seen : seen + "; " + inert(why), Verdict::fail, {pointer_to(*view)}});
    }
    if (views.empty()) {
        result.verdict = Verdict::inconclusive;
        result.title = result.seen = "nobody looked at the picture";
        result.remedy = "The scenario needs a <view-video/> step that ran.";
    } else if (result.findings.empty()) {
        result.verdict = Verdict::pass;
        result.title = "gives a live picture";
    } else if (const auto fault =
                   std::find_if(result.findings.begin(), result.findings.end(),
                                [](const Finding& one) { return one.verdict == Verdict::fail; });
               fault == result.findings.end()) {
        result.verdict = Verdict::inconclusive;
        result.title = result.findings.front().title;
        result.remedy = "Give the account of an operator who may see the stream.";
    } else {
        result.verdict = Verdict::fail;
        result.title = fault->title;
        result.remedy =
            "The camera gives a live picture to a client on its own network under the conditions of this "
            "scenario.";
    }
    return result;
}

}  // namespace

extern const CheckType type;
const CheckType type{
    .element = {.name = "still-a-camera",
                .doc = "Every view of the scenario shows a live picture: neither missing, nor black, nor "
                       "blank, nor frozen.",
                .attributes = {{.name = "frames",
                                .kind = markup::Kind::integer,
                                .doc = "How many pictures a view must decode at least.",
                                .fallback = "2"},
                               {.name = "luma",
                                .kind = markup::Kind::number,
                                .doc = "A darker picture (0 to 255, mean) without structure is black.",
                                .fallback = "12"},
                               {.name = "deviation",
                                .kind = markup::Kind::number,
                                .doc = "A picture whose luma deviates less is blank.",
                                .fallback = "2"},
                               {.name = "motion",
                                .kind = markup::Kind::flag,
                                .doc = "Whether identical frames count as frozen.",
                                .fallback = "yes"}}},
    .why =
        "A camera that is kept from its cloud has to go on doing its work; one that stops is hostage to a "
        "server.",
    .requirements = {"RES-01"},
    .rests_on = {analysis::Subject::timeline},
    .needs_step = NeededStep{"view-video", "nothing views the video", "add <view-video/> to the steps"},
    .judge = judge};

}  // namespace cambench::checks::still_a_camera
