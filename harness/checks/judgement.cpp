#include "harness/checks/judgement.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <exception>

#include "harness/checks/bounds.hpp"
#include "harness/checks/findings.hpp"
#include "harness/checks/limits.hpp"
#include "harness/checks/lookup_index.hpp"
#include "harness/core/text.hpp"

namespace cambench {
namespace {

CheckResult faulty(const std::string& id, const std::string& what) {
    CheckResult result;
    result.check = id;
    result.verdict = Verdict::error;
    result.title = result.seen = what;
    return result;
}

bool leaves_unexplained(const Declaration& declaration, const std::string& check, const std::string& title) {
    return std::any_of(declaration.unexplained.begin(), declaration.unexplained.end(),
                       [&](const Unexplained& one) {
                           return one.check == check && (one.finding.empty() || one.finding == inert(title));
                       });
}

/// What a draft was learnt from is no surprise to it, and no declaration either: such findings accuse nobody
/// and clear nobody.
void doubt_the_unexplained(CheckResult& result, const Declaration& declaration) {
    if (result.verdict != Verdict::fail) return;
    bool accuses = result.findings.empty() && !leaves_unexplained(declaration, result.check, result.title);
    for (auto& finding : result.findings) {
        if (finding.verdict != Verdict::fail) continue;
        if (leaves_unexplained(declaration, result.check, finding.title)) {
            finding.verdict = Verdict::inconclusive;
            finding.detail += finding.detail.empty() ? "the draft leaves it unexplained"
                                                     : "; the draft leaves it unexplained";
        } else {
            if (!accuses) result.title = finding.title;
            accuses = true;
        }
    }
    if (accuses) return;
    result.verdict = Verdict::inconclusive;
    result.title += " (unexplained in the draft)";
    result.remedy =
        "Declare what is meant to be, end what is not, and remove its <unexplained> from the declaration.";
}

CheckResult not_judged() {
    CheckResult result;
    result.verdict = Verdict::inconclusive;
    result.title = result.seen = "not judged: the time for judgement was up";
    result.remedy = "Judge the evidence again: replay takes as long as it needs.";
    result.findings.push_back({result.title, "", Verdict::inconclusive, {}});
    return result;
}

/// How all of them are judged.
struct Judging {
    Scope scope;
    const std::function<bool()>& go_on;  ///< may be empty
};

CheckResult run_check(const CheckType& type, const CheckInput& input, const Judging& judging) {
    CheckResult result;
    try {
        result = !judging.go_on || judging.go_on() ? type.judge(input) : not_judged();
    } catch (const std::exception& failure) {  // a defect of ours (or no memory) must not stop the others
        result = faulty(type.element.name, fmt::format("the check failed: {}", failure.what()));
    }
    result.check = type.element.name;
    result.why = type.why;
    result.requirements = type.requirements;
    // Whoever hands in a unit excuses nothing by what he left open.
    if (input.declaration != nullptr && judging.scope == Scope::captures)
        doubt_the_unexplained(result, *input.declaration);
    doubt_the_bounded(result, type, input.observations);
    shorten(result);
    return result;
}

/// Judges a check that no document lists, with the defaults of its table.
CheckResult run_unlisted(const CheckType& type, const analysis::Observations& observations,
                         const Declaration* declaration, const Judging& judging) {
    markup::Problems problems;
    const auto node =
        markup::read_text(fmt::format("<{}/>", type.element.name), "defaults", type.element, problems);
    if (!node) return faulty(type.element.name, node.error().message);
    return run_check(type, {observations, declaration, *node}, judging);
}

bool is_judged(const std::vector<CheckResult>& results, std::string_view id) {
    return std::any_of(results.begin(), results.end(),
                       [&](const CheckResult& result) { return result.check == id; });
}

void judge_run(Judgement& judgement, const analysis::Observations& observations,
               const Declaration* declaration, std::span<const markup::Node> checks, const Judging& judging) {
    for (const auto& node : checks) {
        const auto* type = find_check(node.name());
        judgement.results.push_back(type == nullptr
                                        ? faulty(node.name(), "this check is unknown")
                                        : run_check(*type, {observations, declaration, node}, judging));
    }
    for (const auto* type : check_types()) {
        if (type->when == CheckType::When::always && !is_judged(judgement.results, type->element.name))
            judgement.results.push_back(run_unlisted(*type, observations, declaration, judging));
    }
}

/// The order of results of a recording: what speaks for the whole first, then alphabetical.
constexpr int last_rank = 3;
int rank(const CheckType& type) {
    if (type.element.name == "only-declared-destinations") return 0;
    if (type.element.name == "no-literal-addresses") return 1;
    return type.when == CheckType::When::always ? 2 : last_rank;
}

/// Without a declaration, or without a question to a resolver, some checks have no subject in a foreign
/// recording.
bool has_subject(const CheckType& type, const CheckResult& result, const Declaration* declaration) {
    if (type.needs_declaration && declaration == nullptr) return false;
    // Silence is said once, not by every check.
    const bool nothing_seen =
        result.verdict == Verdict::inconclusive && result.findings.size() == 1 && result.evidence.empty();
    if (nothing_seen && rank(type) == last_rank) return false;
    return type.element.name != "resolver-discipline" || result.verdict != Verdict::inconclusive ||
           std::any_of(result.findings.begin(), result.findings.end(),
                       [](const Finding& one) { return !one.evidence.empty(); });
}

void judge_captures(Judgement& judgement, const analysis::Observations& observations,
                    const Declaration* declaration, const Judging& judging) {
    auto types = check_types();
    std::stable_sort(types.begin(), types.end(),
                     [](const CheckType* a, const CheckType* b) { return rank(*a) < rank(*b); });
    for (const auto* type : types) {
        if (!type->for_captures) continue;
        auto result = run_unlisted(*type, observations, declaration, judging);
        if (has_subject(*type, result, declaration)) judgement.results.push_back(std::move(result));
    }
}

CheckResult which_camera(const std::string& title, std::string why, std::string remedy) {
    CheckResult doubt;
    doubt.check = "which-camera";
    doubt.verdict = Verdict::inconclusive;
    doubt.title = doubt.seen = title;
    doubt.why = std::move(why);
    doubt.remedy = std::move(remedy);
    doubt.findings.push_back({doubt.title, doubt.remedy, Verdict::inconclusive, {}});
    return doubt;
}

/// A camera that was only guessed among equals: neither guilt nor innocence of one of them can be told.
void doubt_the_guess(Judgement& judgement, const analysis::Observations& observations) {
    const auto& camera = observations.camera;
    if (camera.rivals.empty() && !camera.undeclared_mac) return;
    for (auto& result : judgement.results) {
        for (auto& finding : result.findings) {
            if (finding.verdict == Verdict::fail) finding.verdict = Verdict::inconclusive;
        }
        if (result.verdict == Verdict::pass) result.title += ", if this is the camera";
        if (result.verdict == Verdict::fail || result.verdict == Verdict::pass)
            result.verdict = Verdict::inconclusive;
    }
    const auto self = camera.mac                 ? camera.mac->to_string()
                      : camera.addresses.empty() ? std::string("a host")
                                                 : camera.addresses.front().to_string();
    const auto title =
        camera.rivals.empty()
            ? fmt::format(
                  "{} is likest to a camera, but no machine on record has a MAC address of the declaration",
                  self)
            : fmt::format("{} may be the camera, and so may {}", self, join(camera.rivals, ", "));
    auto doubt =
        which_camera(title, "The recording shows several machines, and none of them proves to be the camera.",
                     "Name the camera: --camera with its MAC or IP address.");
    if (camera.first_frame)
        doubt.findings.back().evidence.push_back(pointer_to(observations, *camera.first_frame));
    judgement.results.insert(judgement.results.begin(), std::move(doubt));
}

/// Two devices on a slot's wire: what is proven was done there, but nothing of it clears the one that was
/// meant.
void doubt_the_wire(Judgement& judgement, const analysis::Observations& observations) {
    if (!observations.camera.several) return;
    std::vector<std::string> seen;
    for (const auto& one : observations.camera.macs)
        seen.push_back(fmt::format("{} ({}, {})", one.mac.to_string(),
                                   one.addresses.empty() ? "no address" : one.addresses.front().to_string(),
                                   counted(one.frames, "frame")));
    auto doubt = which_camera(
        "two or more devices spoke on the slot's wire: " + join(seen, ", "),
        "Each is judged as if it were the camera; which of them did what, the wire does not tell.",
        "Leave nothing but the camera at the far end of the slot's cable.");
    for (const auto& one : observations.camera.macs)
        doubt.findings.back().evidence.push_back(pointer_to(observations, one.first));
    judgement.results.push_back(std::move(doubt));
}

/// The first result with the run's verdict speaks for it; a PASS rests on all of them.
std::string reason_of(const Judgement& judgement) {
    if (judgement.results.empty()) return "no check was judged";
    const auto& results = judgement.results;
    const auto decisive = std::find_if(results.begin(), results.end(), [&](const CheckResult& result) {
        return result.verdict == judgement.verdict;
    });
    if (decisive == results.end()) return "no check was listed";
    if (judgement.verdict != Verdict::pass) return decisive->title;
    return fmt::format("{} ({})", decisive->title, decisive->seen);
}

}  // namespace

const CheckType* find_check(std::string_view name) {
    const auto& types = check_types();
    const auto found = std::find_if(types.begin(), types.end(),
                                    [&](const CheckType* type) { return type->element.name == name; });
    return found == types.end() ? nullptr : *found;
}

Judgement judge(const analysis::Observations& observations, const Declaration* declaration,
                std::span<const markup::Node> checks, Scope scope, const std::function<bool()>& go_on) {
    LookupIndex::forget(observations);
    Judgement judgement;
    const Judging judging{scope, go_on};
    if (scope == Scope::run)
        judge_run(judgement, observations, declaration, checks, judging);
    else
        judge_captures(judgement, observations, declaration, judging);
    if (scope == Scope::captures)
        doubt_the_guess(judgement, observations);
    else
        doubt_the_wire(judgement, observations);
    std::vector<Verdict> verdicts;
    for (const auto& result : judgement.results) verdicts.push_back(result.verdict);
    if (scope == Scope::run && checks.empty()) verdicts.push_back(Verdict::error);
    judgement.verdict = combined(verdicts);
    judgement.reason =
        scope == Scope::run && checks.empty() ? "the scenario lists no check" : reason_of(judgement);
    judgement.limits = limits_of(observations);
    return judgement;
}

}  // namespace cambench
