#include <fmt/format.h>
#include <re2/re2.h>
#include <algorithm>

#include "harness/analysis/run/console_dialogue.hpp"
#include "harness/checks/findings.hpp"
#include "harness/core/text.hpp"

namespace cambench::checks::declared_identity {
namespace {

using analysis::Console;
using analysis::ConsoleLine;
using analysis::IdentityFact;

/// Collects, per stated item, whether it was confirmed, contradicted or not to be read.
struct Tally {
    const CheckInput& input;
    std::vector<Finding> findings;
    std::vector<std::string> confirmed;
    std::vector<Pointer> evidence;

    void confirm(const std::string& what, Pointer where) {
        confirmed.push_back(what);
        evidence.push_back(std::move(where));
    }
    void contradict(std::string title, std::string detail, std::vector<Pointer> where) {
        findings.push_back({std::move(title), std::move(detail), Verdict::fail, std::move(where)});
    }
    void unreadable(std::string title, std::string detail = {}) {
        findings.push_back({std::move(title), std::move(detail), Verdict::inconclusive, {}});
    }
};

bool is_word_byte(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

/// `value` as a word of its own in `text`, case-insensitively: "1.4.2" is not in "1.4.21" nor in "11.4.2".
bool has_word(std::string_view text, const std::string& value) {
    const auto haystack = lower(text), needle = lower(value);
    for (auto at = haystack.find(needle); at != std::string::npos; at = haystack.find(needle, at + 1)) {
        const auto end = at + needle.size();
        const bool begins = at == 0 || !is_word_byte(haystack[at - 1]) || !is_word_byte(needle.front()) ||
                            (haystack[at - 1] == 'v' && (at == 1 || !is_word_byte(haystack[at - 2])));
        const bool dotted_before =
            at >= 2 && haystack[at - 1] == '.' && std::isdigit(static_cast<unsigned char>(haystack[at - 2]));
        const bool dotted_after = end + 1 < haystack.size() && haystack[end] == '.' &&
                                  std::isdigit(static_cast<unsigned char>(haystack[end + 1]));
        const bool ends =
            end == haystack.size() || !is_word_byte(haystack[end]) || !is_word_byte(needle.back());
        if (begins && ends && !dotted_before && !dotted_after) return true;
    }
    return false;
}

/// Equal but for a single byte: a bit error on the wire rather than another product.
bool nearly_equal(std::string_view a, std::string_view b) {
    if (a.size() != b.size() || a.size() < 4) return false;
    int bits = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        bits += __builtin_popcount(static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]));
    return bits <= 1;
}

/// One names the family of the other: "hi3516" and "Hi3516EV300".
bool is_family(std::string_view a, std::string_view b) {
    const auto shorter = lower(a.size() < b.size() ? a : b), longer = lower(a.size() < b.size() ? b : a);
    return shorter.size() >= 5 && shorter.size() < longer.size() && longer.starts_with(shorter) &&
           std::isalpha(static_cast<unsigned char>(shorter.front()));
}

/// A value the boot log should state: some line shows it as a word; every explicit statement of the same
/// thing agrees.
void judge_console_value(Tally& tally, const std::string& key, const std::string& what,
                         const std::string& declared) {
    if (declared.empty()) return;
    const auto& console = tally.input.observations.console;
    const auto shown = std::find_if(console.lines.begin(), console.lines.end(),
                                    [&](const ConsoleLine& line) { return has_word(line.text, declared); });
    std::vector<Pointer> where;
    std::vector<std::string> others;
    bool damaged = false;
    for (const auto& fact : console.facts) {
        if (fact.key != key || has_word(fact.value, declared) || is_family(fact.value, declared)) continue;
        const auto line = std::find_if(console.lines.begin(), console.lines.end(),
                                       [&](const ConsoleLine& one) { return one.number == fact.line; });
        if (line == console.lines.end() || analysis::is_damaged(line->text) ||
            nearly_equal(lower(fact.value), lower(declared))) {
            damaged = true;
            continue;
        }
        if (std::find(others.begin(), others.end(), fact.value) == others.end()) others.push_back(fact.value);
        if (where.size() < 8) where.push_back(pointer_to(*line));
    }
    // Modules and tools print versions of their own beside the unit's; a foreign SoC beside the declared one
    // is a contradiction.
    const bool stated = std::any_of(
        console.facts.begin(), console.facts.end(),
        [&](const IdentityFact& fact) { return fact.key == key && has_word(fact.value, declared); });
    if (!others.empty() && (key == "soc" || !stated)) {
        for (auto& other : others) other = inert(other);
        tally.contradict(fmt::format("the boot log says {} {}, the declaration says {}", what,
                                     join(others, ", "), inert(declared)),
                         "", std::move(where));
    } else if (shown != console.lines.end()) {
        tally.confirm(fmt::format("{} {}", what, declared), pointer_to(*shown));
    } else {
        tally.unreadable(fmt::format("the boot log does not show {} {}", what, inert(declared)),
                         damaged ? "A line that may state it is damaged." : "");
    }
}

void judge_boot_lines(Tally& tally) {
    const auto& console = tally.input.observations.console;
    for (const auto& expression : tally.input.declaration->identity.boot_lines) {
        RE2::Options options(RE2::Latin1);
        options.set_log_errors(false);
        const RE2 pattern(expression, options);
        const auto found = std::find_if(
            console.lines.begin(), console.lines.end(),
            [&](const ConsoleLine& line) { return RE2::PartialMatch(re2::StringPiece(line.text), pattern); });
        if (found != console.lines.end())
            tally.confirm(fmt::format("/{}/", expression), pointer_to(*found));
        else
            tally.unreadable(
                fmt::format("no console line fits the declared boot line /{}/", inert(expression)),
                console.lines_cut ? "The console has more lines than are kept." : "");
    }
}

void judge_hostname(Tally& tally) {
    const auto& declared = tally.input.declaration->identity.hostname;
    const auto& camera = tally.input.observations.camera;
    if (declared.empty()) return;
    const auto where = camera.named_in ? std::vector{pointer_to(tally.input.observations, *camera.named_in)}
                                       : std::vector<Pointer>{};
    if (camera.hostname.empty())
        tally.unreadable("the camera told no host name by DHCP");
    else if (glob_matches(lower(declared), lower(camera.hostname)))
        tally.confirm("host name " + inert(camera.hostname), where.empty() ? Pointer{} : where.front());
    else
        tally.contradict(fmt::format("calls itself {} by DHCP, the declaration says {}",
                                     inert(camera.hostname), inert(declared)),
                         "", where);
}

void judge_mac(Tally& tally) {
    const auto& prefixes = tally.input.declaration->identity.mac_prefixes;
    const auto& camera = tally.input.observations.camera;
    if (prefixes.empty()) return;
    if (!camera.mac) return tally.unreadable("the camera's MAC address was not seen");
    const auto mac = camera.mac->to_string();
    const auto where = camera.first_frame
                           ? std::vector{pointer_to(tally.input.observations, *camera.first_frame)}
                           : std::vector<Pointer>{};
    const bool fits = std::any_of(prefixes.begin(), prefixes.end(), [&](const std::string& prefix) {
        auto plain = lower(prefix);
        std::replace(plain.begin(), plain.end(), '-', ':');
        return mac.starts_with(plain);
    });
    if (fits && !where.empty())
        tally.confirm("MAC address " + mac, where.front());
    else if (!fits)
        tally.contradict(
            fmt::format("sends from MAC address {}, the declaration says {}", mac, join(prefixes, " or ")),
            "", where);
}

CheckResult sum_up(Tally& tally) {
    CheckResult result;
    auto& findings = tally.findings;
    std::stable_partition(findings.begin(), findings.end(),
                          [](const Finding& one) { return one.verdict == Verdict::fail; });
    if (findings.empty() && tally.confirmed.empty())
        findings.push_back(
            {"the declaration states no identity that could be seen", "", Verdict::inconclusive, {}});
    result.seen = tally.confirmed.empty() ? "nothing that was declared"
                                          : "as declared: " + inert(join(tally.confirmed, ", "));
    result.evidence = tally.evidence;
    if (findings.empty()) {
        result.verdict = Verdict::pass;
        result.title = "is the product its declaration describes, as far as it says so itself";
        return result;
    }
    result.verdict = findings.front().verdict;
    result.title = findings.front().title;
    result.remedy =
        result.verdict == Verdict::fail
            ? "The unit is the declared product, or the vendor corrects the declaration."
            : "Record the console from before power-on until the camera serves, at the right speed.";
    for (const auto& finding : findings)
        result.evidence.insert(result.evidence.end(), finding.evidence.begin(), finding.evidence.end());
    result.findings = std::move(findings);
    return result;
}

CheckResult judge(const CheckInput& input) {
    Tally tally{input, {}, {}, {}};
    if (input.declaration == nullptr) {
        tally.unreadable("nothing is declared to compare with",
                         "Give the vendor's declaration of this product.");
        return sum_up(tally);
    }
    const auto& identity = input.declaration->identity;
    const auto& console = input.observations.console;
    const bool wants_console =
        !identity.soc.empty() || !identity.firmware.empty() || !identity.boot_lines.empty();
    if (wants_console && console.lines.empty()) {
        tally.unreadable(console.recorded ? "the console said nothing"
                                          : "there is no recording of the console");
    } else {
        judge_console_value(tally, "soc", "SoC", identity.soc);
        judge_console_value(tally, "firmware", "firmware", identity.firmware);
        judge_boot_lines(tally);
    }
    judge_hostname(tally);
    judge_mac(tally);
    return sum_up(tally);
}

}  // namespace

extern const CheckType type;
const CheckType type{.element = {.name = "declared-identity",
                                 .doc = "The boot log and the network show the SoC, firmware, boot lines, "
                                        "host name and MAC address of the declaration."},
                     .why =
                         "Relabelled cameras carry one maker's name and another's hardware and firmware. The "
                         "boot log is where the insides speak.",
                     .requirements = {"ORG-01", "ORG-03", "ORG-04"},
                     .judge = judge};

}  // namespace cambench::checks::declared_identity
