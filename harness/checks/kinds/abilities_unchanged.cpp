#include <fmt/format.h>
#include <algorithm>
#include <cctype>

#include "harness/analysis/run/snapshots.hpp"
#include "harness/checks/findings.hpp"
#include "harness/core/event_fields.hpp"
#include "harness/core/text.hpp"

namespace cambench::checks::abilities_unchanged {
namespace {

using analysis::AbilityFact;
using analysis::AbilitySnapshot;

std::string describe_fact(const AbilityFact& fact) {
    return fmt::format("{} {}{}{}", inert(fact.subject), inert(fact.what), fact.value.empty() ? "" : ": ",
                       inert(fact.value));
}

bool declares(const Declaration* declaration, std::string_view ability) {
    if (declaration == nullptr) return false;
    const auto found = declaration->abilities.find(ability);
    return found != declaration->abilities.end() && found->second;
}

/// What the declaration allows the unit to have, it may also show later.
bool is_declared(const AbilityFact& fact, const Declaration* declaration) {
    if (declaration == nullptr) return false;
    if (fact.subject == "open port")
        return std::any_of(
            declaration->services.begin(), declaration->services.end(), [&](const auto& service) {
                return fact.what == fmt::format("{}/{}", service.port, to_string(service.transport));
            });
    const auto text = lower(fact.what);
    if (text.find("audio") != std::string::npos) return declares(declaration, "audio");
    if (text.find("analytics") != std::string::npos)
        return declares(declaration, "motion") && declares(declaration, "faces") &&
               declares(declaration, "plates");
    return fact.subject == "stream" && text == "video" && declares(declaration, "video");
}

/// Abilities that touch people, as the unit names them; a declaration that leaves them out denies them.
struct Telltale {
    std::string_view word, ability;
};
constexpr Telltale telltales[] = {
    {"audio", "audio"}, {"plate", "plates"}, {"anpr", "plates"}, {"lpr", "plates"}, {"face", "faces"}};

/// Whether `word` begins a word of `text`: "LicensePlateRecognition" and "plate-reader" do so, "template"
/// does not.
bool has_word(std::string_view text, std::string_view word) {
    const auto lowered = lower(text);
    for (auto at = lowered.find(word); at != std::string::npos; at = lowered.find(word, at + 1)) {
        const bool begins = at == 0 || std::isalpha(static_cast<unsigned char>(text[at - 1])) == 0 ||
                            (std::isupper(static_cast<unsigned char>(text[at])) != 0 &&
                             std::islower(static_cast<unsigned char>(text[at - 1])) != 0);
        if (begins) return true;
    }
    return false;
}

Pointer pointer_to_snapshot(const AbilitySnapshot& snapshot) {
    return {.time = snapshot.time, .file = "timeline.jsonl"};
}

/// What the unit can from the first: nothing may be there that the declaration leaves out. ONVIF's analytics
/// service alone does not say what it looks for.
void judge_first(const AbilitySnapshot& snapshot, const Declaration& declaration,
                 std::vector<Finding>& findings) {
    for (const auto& fact : snapshot.facts) {
        if (fact.subject == "banner" || fact.subject == "onvif information") continue;
        const auto said = std::find_if(std::begin(telltales), std::end(telltales), [&](const Telltale& one) {
            return has_word(fact.what, one.word) || has_word(fact.value, one.word);
        });
        if (said != std::end(telltales)) {
            if (!declares(&declaration, said->ability))
                findings.push_back(
                    {fmt::format("has {}, which the declaration does not name", describe_fact(fact)),
                     fmt::format("In '{}', the first snapshot; <abilities {}=\"yes\"/> would declare it.",
                                 inert(snapshot.label), said->ability),
                     Verdict::fail,
                     {pointer_to_snapshot(snapshot)}});
            continue;
        }
        const bool any = declares(&declaration, "motion") || declares(&declaration, "faces") ||
                         declares(&declaration, "plates");
        if (!any && (has_word(fact.what, "analytics") || has_word(fact.value, "analytics")))
            findings.push_back({fmt::format("has {}, and the declaration names nothing that it recognises",
                                            describe_fact(fact)),
                                "What it looks for was not seen; <abilities motion=\"yes\"/>, faces or "
                                "plates would declare it.",
                                Verdict::inconclusive,
                                {pointer_to_snapshot(snapshot)}});
    }
}

void compare_two(const AbilitySnapshot& first, const AbilitySnapshot& later, const Declaration* declaration,
                 std::vector<Finding>& findings) {
    const auto between = fmt::format("Between '{}' and '{}'.", inert(first.label), inert(later.label));
    for (const auto& fact : gained(first, later)) {
        const bool declared = is_declared(fact, declaration);
        findings.push_back(
            {fmt::format("{} {}", declared ? "shows for the first time what is declared:" : "has gained",
                         describe_fact(fact)),
             between,
             declared ? Verdict::pass : Verdict::fail,
             {pointer_to_snapshot(first), pointer_to_snapshot(later)}});
    }
    for (const auto& fact : gained(later, first))
        findings.push_back({fmt::format("no longer has {}", describe_fact(fact)),
                            between,
                            Verdict::pass,
                            {pointer_to_snapshot(later)}});
}

CheckResult judge(const CheckInput& input) {
    const auto snapshots = snapshots_of(input.observations);
    std::vector<Finding> findings;
    if (snapshots.size() < 2)
        findings.push_back({"there are no two snapshots to compare",
                            "It needs <snapshot/> before and after what might change the unit.",
                            Verdict::inconclusive,
                            {}});
    for (const auto& snapshot : snapshots)
        if (snapshot.facts.empty())
            findings.push_back({fmt::format("the snapshot '{}' shows nothing: the unit did not answer",
                                            inert(snapshot.label)),
                                "",
                                Verdict::inconclusive,
                                {pointer_to_snapshot(snapshot)}});
    for (const auto& snapshot : snapshots)
        if (const auto overlooked = analysis::overlooked_address(input.observations, snapshot);
            !overlooked.empty())
            findings.push_back({fmt::format("nobody looked at {}, which the unit used", overlooked),
                                fmt::format("The snapshot '{}' looked at {} alone.", inert(snapshot.label),
                                            inert(join(snapshot.addresses, ", "))),
                                Verdict::inconclusive,
                                {pointer_to_snapshot(snapshot)}});
    if (!snapshots.empty() && input.declaration != nullptr)
        judge_first(snapshots.front(), *input.declaration, findings);
    for (const auto* event : events_of(input.observations, "scenario", "snapshot")) {
        const auto unasked = event->fields.contains("unasked") ? event->fields["unasked"] : Json::array();
        if (!unasked.is_array() || unasked.empty()) continue;
        std::vector<std::string> texts;
        for (const auto& one : unasked)
            if (one.is_string() && texts.size() < 8) texts.push_back(inert(one.get<std::string>()));
        findings.push_back({fmt::format("the snapshot '{}' does not show all that the unit can",
                                        inert(analysis::text_of(event->fields, "label"))),
                            join(texts, "; "),
                            Verdict::inconclusive,
                            {{.time = event->time, .file = "timeline.jsonl"}}});
    }
    for (std::size_t i = 1; i < snapshots.size(); ++i)
        if (!snapshots[0].facts.empty() && !snapshots[i].facts.empty())
            compare_two(snapshots[0], snapshots[i], input.declaration, findings);
    return conclude(input, std::move(findings),
                    {"can the same before and after",
                     "An update, or a word of the cloud, adds no ability that the declaration does not name.",
                     "Take a <snapshot/> before and one after, each once the unit is up."});
}

}  // namespace

extern const CheckType type;
const CheckType type{
    .element = {.name = "abilities-unchanged",
                .doc = "Ports, ONVIF services and profiles and the media of the stream are the same in every "
                       "<snapshot> of the run, unless declared; sound, and "
                       "the recognition of faces and plates, are in none unless declared."},
    .why =
        "An update sold as maintenance can add hearing, recognition of number plates, a port for others: "
        "what was certified is another camera then.",
    .requirements = {"CAP-01", "CAP-02"},
    .rests_on = {analysis::Subject::timeline},
    .needs_step = NeededStep{"snapshot", "nobody looks what the unit can",
                             "add <snapshot/> to the steps, before and after"},
    .judge = judge};

}  // namespace cambench::checks::abilities_unchanged
