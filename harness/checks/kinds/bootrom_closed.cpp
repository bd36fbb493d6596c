#include <fmt/format.h>
#include <algorithm>

#include "harness/checks/console_findings.hpp"
#include "harness/checks/findings.hpp"

namespace cambench::checks::bootrom_closed {
namespace {

using analysis::ConsoleLine;
using analysis::ConsoleProbe;

std::string text_of(const std::vector<const ConsoleLine*>& lines) {
    std::string text;
    for (const auto* line : lines) {
        if (!text.empty()) text += '\n';
        text += line->text;
    }
    return text;
}

/// nullopt: the boot ROM offered nothing.
std::optional<Finding> judge_probe(const CheckInput& input, const ConsoleProbe& probe) {
    const auto lines = analysis::lines_between(input.observations.console, probe.from, probe.to);
    const auto text = text_of(lines);
    if (!analysis::offers_download(text)) return std::nullopt;
    const bool echoed = text.find(std::string("\xfe\x00\xff", 3)) != std::string::npos;
    const bool acknowledged = text.find('\xaa') != std::string::npos && !echoed;
    if (acknowledged)
        return console_finding(Verdict::fail, "the boot ROM takes a download over the console",
                               "It offered one at power-on and acknowledged the announcement of a file "
                               "(0xaa). Nothing was sent after that.",
                               lines);
    return console_finding(Verdict::inconclusive,
                           "the boot ROM offers a download, but did not acknowledge one",
                           "A boot ROM that waits, one that has no flash to boot from and one that the bench "
                           "answered too late look the same.",
                           lines);
}

CheckResult judge(const CheckInput& input) {
    const auto probes = analysis::console_probes(input.observations, "bootrom");
    std::vector<Finding> findings;
    for (const auto& probe : probes)
        if (auto finding = judge_probe(input, probe)) findings.push_back(std::move(*finding));
    if (findings.empty()) {
        if (auto unreadable = console_unreadable(input.observations.console))
            findings.push_back(std::move(*unreadable));
        else if (probes.empty())
            findings.push_back({"nobody tried the boot ROM",
                                "The scenario has no <try-bootrom/>, or it did not run.",
                                Verdict::inconclusive,
                                {}});
        else if (auto unproven = typing_unproven(input.observations))
            findings.push_back(std::move(*unproven));
    }
    std::vector<const ConsoleLine*> basis;
    for (const auto& probe : probes)
        for (const auto* line : analysis::lines_between(input.observations.console, probe.from, probe.to))
            if (basis.size() < 2 && line->text.size() > 2) basis.push_back(line);
    return conclude_console(
        std::move(findings),
        {.pass_title = "the boot ROM offers no download over the console, as far as HiSilicon's and Goke's "
                       "protocol goes",
         .seen = fmt::format("{} answered from the first byte on", counted(probes.size(), "cold start")),
         .remedy = "The fuses that switch the boot ROM's download off are blown, or the console's pins lead "
                   "nowhere.",
         .again = "Leave the unit without power for ten seconds and try again; connect its receiver as well "
                  "as its transmitter."},
        basis);
}

}  // namespace

extern const CheckType type;
const CheckType type{
    .element = {.name = "bootrom-closed",
                .doc = "At power-on the boot ROM takes no program over the console."},
    .why =
        "A boot ROM that loads a program over the console runs it before anything of the "
        "vendor's: every lock in the boot loader is passed by.",
    .requirements = {"DBG-04"},
    .rests_on = {analysis::Subject::console, analysis::Subject::timeline},
    .needs_step = NeededStep{"try-bootrom", "nobody tries the boot ROM", "add <try-bootrom/> to the steps"},
    .judge = judge};

}  // namespace cambench::checks::bootrom_closed
