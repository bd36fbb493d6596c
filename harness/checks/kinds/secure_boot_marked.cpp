#include <fmt/format.h>
#include <re2/re2.h>
#include <algorithm>
#include <array>
#include <memory>

#include "harness/checks/console_findings.hpp"
#include "harness/checks/findings.hpp"
#include "harness/core/text.hpp"

namespace cambench::checks::secure_boot_marked {
namespace {

using analysis::ConsoleLine;

// Words of boot ROMs and boot loaders that say that nothing is enforced.
constexpr std::array negatives{
    R"(## Verified-boot: 0)",      // Rockchip: the fuse is not blown
    R"(<<< Non-Secure Boot >>>)",  // Novatek
    R"((?i)\bsecure[ _-]?boot\b[ \w]{0,16}[:= ]\s*(?:disabled|off|no|0|false|not (?:enabled|fused))\b)",
    R"((?i)\b(?:verify|verification|signature(?: check)?|sign[ _-]?check)\b[^\n]{0,24}\b(?:fail(?:ed|ure)?|bad|mismatch|error|skipped|disabled)\b)",  // and boots all the same
};
// Words that say the opposite, where nothing is declared.
constexpr std::array positives{R"(## Verified-boot: 1)", R"(\bCUST_KEY\b)", R"(\bKEYN_SIZE\()",
                               R"(\bImgsign pass\b)", R"(RSA_SIGN_VERIFY\]: run successfully)"};

std::unique_ptr<RE2> compile(const std::string& expression) {
    RE2::Options options(RE2::Latin1);
    options.set_log_errors(false);
    return std::make_unique<RE2>(expression, options);
}

const ConsoleLine* find(const std::vector<const ConsoleLine*>& lines, const std::string& expression) {
    const auto pattern = compile(expression);
    const auto found = std::find_if(lines.begin(), lines.end(), [&](const auto* line) {
        return RE2::PartialMatch(re2::StringPiece(line->text), *pattern);
    });
    return found == lines.end() ? nullptr : *found;
}

/// The lines of each boot that ran until a kernel showed.
std::vector<std::vector<const ConsoleLine*>> whole_boots(const analysis::Observations& observations) {
    std::vector<std::vector<const ConsoleLine*>> boots;
    const auto offsets = analysis::boot_offsets(observations);
    for (std::size_t i = 0; i < offsets.size(); ++i) {
        auto lines = analysis::lines_between(observations.console, offsets[i],
                                             i + 1 < offsets.size() ? offsets[i + 1] : ~std::uint64_t{0});
        std::erase_if(lines, [&](const auto* line) { return line->offset < offsets[i]; });
        if (std::any_of(lines.begin(), lines.end(),
                        [](const auto* line) { return analysis::is_kernel_line(line->text); }))
            boots.push_back(std::move(lines));
    }
    return boots;
}

struct Markers {
    std::vector<Finding> findings;
    std::vector<const ConsoleLine*> basis;
};

void judge_declared(const Declaration& declaration, const std::vector<std::vector<const ConsoleLine*>>& boots,
                    Markers& markers) {
    for (const auto& expression : declaration.secure_boot_markers)
        for (std::size_t i = 0; i < boots.size(); ++i) {
            if (const auto* line = find(boots[i], expression))
                markers.basis.push_back(line);
            else if (std::any_of(boots[i].begin(), boots[i].end(),
                                 [](const auto* one) { return analysis::is_damaged(one->text); }))
                markers.findings.push_back(
                    {fmt::format(
                         "boot {} does not show the declared marker /{}/, but lines of it are damaged", i + 1,
                         inert(expression)),
                     "",
                     Verdict::inconclusive,
                     {}});
            else
                markers.findings.push_back(console_finding(
                    Verdict::fail,
                    fmt::format("boot {} does not show the declared marker of secure boot, /{}/", i + 1,
                                inert(expression)),
                    "", {boots[i].front()}));
        }
}

void judge_undeclared(const std::vector<std::vector<const ConsoleLine*>>& boots, Markers& markers) {
    std::string said;
    for (const auto& lines : boots)
        for (const auto* expression : positives)
            if (const auto* line = find(lines, expression); line != nullptr && said.empty()) {
                said = quoted(*line);
                markers.basis.push_back(line);
            }
    markers.findings.push_back({"no secure boot is declared",
                                said.empty() ? "And no known marker of it was printed." : "It says: " + said,
                                Verdict::inconclusive,
                                {}});
}

CheckResult judge(const CheckInput& input) {
    const auto boots = whole_boots(input.observations);
    Markers markers;
    for (const auto& lines : boots)
        for (const auto* expression : negatives)
            if (const auto* line = find(lines, expression))
                markers.findings.push_back(console_finding(
                    Verdict::fail, fmt::format("the boot says that nothing is enforced: {}", quoted(*line)),
                    "", {line}));
    if (auto unreadable = console_unreadable(input.observations.console))
        markers.findings.push_back(std::move(*unreadable));
    else if (boots.empty())
        markers.findings.push_back({"no whole boot was recorded",
                                    "From power-on until a kernel shows.",
                                    Verdict::inconclusive,
                                    {{.file = "console.log"}}});
    else if (input.declaration != nullptr && !input.declaration->secure_boot_markers.empty())
        judge_declared(*input.declaration, boots, markers);
    else
        judge_undeclared(boots, markers);
    return conclude_console(
        std::move(markers.findings),
        {.pass_title =
             fmt::format("the declared marker of secure boot stands in {}; that is the unit's own word",
                         boots.size() == 1 ? "the one boot" : fmt::format("all {} boots", boots.size())),
         .seen = fmt::format("{} from power-on to a kernel", counted(boots.size(), "boot")),
         .remedy = "The fuses for secure boot are blown and every stage refuses what is not signed; the boot "
                   "log says so in every boot.",
         .again = "Declare the line that says so (<secure-boot marker=\"\"/>) and record whole boots. Only a "
                  "tampered image proves enforcement."},
        markers.basis);
}

}  // namespace

extern const CheckType type;
const CheckType type{
    .element =
        {.name = "secure-boot-marked",
         .doc =
             "Every boot shows the declared marker of secure boot, and none says that nothing is enforced."},
    .why =
        "Without secure boot, whoever can write the flash once owns the camera for good. Units are sold with "
        "the fuses left open, and their boot logs say so.",
    .requirements = {"BOOT-01"},
    .rests_on = {analysis::Subject::console, analysis::Subject::timeline},
    .judge = judge};

}  // namespace cambench::checks::secure_boot_marked
