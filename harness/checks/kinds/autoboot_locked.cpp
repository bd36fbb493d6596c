#include <fmt/format.h>
#include <algorithm>

#include "harness/analysis/run/console_boot.hpp"
#include "harness/checks/console_findings.hpp"
#include "harness/checks/findings.hpp"
#include "harness/core/text.hpp"

namespace cambench::checks::autoboot_locked {
namespace {

using analysis::ConsoleLine;
using analysis::ConsoleProbe;

/// Where the boot in which the probe was made begins and ends, as offsets in console.log.
struct Boot {
    std::uint64_t begin = 0, end = ~std::uint64_t{0};
};

Boot boot_of(const analysis::Observations& observations, const ConsoleProbe& probe) {
    Boot boot;
    for (const auto offset : analysis::boot_offsets(observations)) {
        if (offset <= std::max(probe.from, boot.begin))
            boot.begin = offset;
        else if (offset >= probe.to && offset > probe.from)
            boot.end = std::min(boot.end, offset);
    }
    return boot;
}

/// The line with which the boot loader of the probe's boot was over.
const ConsoleLine* end_of_loader(const analysis::Observations& observations, const ConsoleProbe& probe) {
    const auto boot = boot_of(observations, probe);
    return analysis::end_of_loader(observations.console, boot.begin, boot.end);
}

/// Where the last key was typed, as an offset in console.log; nullopt: the timeline does not say.
std::optional<std::uint64_t> last_key(const analysis::Observations& observations, const ConsoleProbe& probe) {
    std::optional<std::uint64_t> last;
    for (const auto& sent : analysis::sent_bytes(observations))
        if (sent.offset >= probe.from && sent.time <= probe.end)
            last = std::max(last.value_or(0), sent.offset);
    return last;
}

Finding open_boot_loader(const std::vector<analysis::Answer>& answers) {
    std::vector<const ConsoleLine*> lines;
    for (const auto& answer : answers) lines.push_back(answer.line);
    return console_finding(
        Verdict::fail, "autoboot can be interrupted: the boot loader takes commands",
        fmt::format("Typed was echo cb${{...}}, and the boot loader printed what it means: {}",
                    quoted(*lines.front())),
        lines);
}

Finding unclear(std::string title, std::string detail, std::vector<const ConsoleLine*> lines = {}) {
    return console_finding(Verdict::inconclusive, std::move(title), std::move(detail), lines);
}

/// nullopt: in this boot, autoboot could not be interrupted.
std::optional<Finding> judge_probe(const CheckInput& input, const ConsoleProbe& probe) {
    auto answers = analysis::answers_to(input.observations, probe);
    const auto either =
        std::find_if(answers.begin(), answers.end(), [](const auto& answer) { return answer.either; });
    const auto* unclear_answer = either == answers.end() ? nullptr : either->line;
    std::erase_if(answers, [](const auto& answer) { return !answer.boot_loader; });
    if (!answers.empty()) return open_boot_loader(answers);
    if (unclear_answer != nullptr)
        return unclear(
            "something takes commands, and nothing shows whether it is the boot loader or what it started",
            quoted(*unclear_answer), {unclear_answer});
    if (probe.sent == 0) return unclear("nothing was typed during the boot", "");
    const auto boot = boot_of(input.observations, probe);
    const auto& console = input.observations.console;
    const auto* over = end_of_loader(input.observations, probe);
    if (over == nullptr) {
        for (const auto* line : analysis::lines_between(console, probe.from, boot.end))
            if (analysis::is_prompt(line->text))
                return unclear("the boot stopped at what looks like a prompt, which answered no command",
                               quoted(*line), {line});
        return unclear("the boot was not seen to go on",
                       "No kernel and no login showed after the boot loader: the keys may have stopped it, "
                       "or the console fell silent.");
    }
    if (over->offset < probe.from)
        return unclear("typing began when the boot loader was over",
                       "The step belongs directly after <power-on/>.", {over});
    if (over->offset > probe.to)
        return unclear("typing ended before the boot loader did",
                       fmt::format("after {}", counted(probe.sent, "byte")), {over});
    const auto* banner = analysis::last_banner(console, boot.begin, over->offset);
    const auto key = last_key(input.observations, probe);
    if (banner != nullptr && key && *key < banner->offset)
        return unclear("the last key was typed before the boot loader began", quoted(*banner), {banner});
    return std::nullopt;
}

CheckResult judge(const CheckInput& input) {
    const auto probes = analysis::console_probes(input.observations, "autoboot");
    std::vector<Finding> findings;
    std::uint64_t sent = 0;
    for (const auto& probe : probes) {
        sent += probe.sent;
        if (auto finding = judge_probe(input, probe)) findings.push_back(std::move(*finding));
    }
    const bool failed = std::any_of(findings.begin(), findings.end(),
                                    [](const auto& one) { return one.verdict == Verdict::fail; });
    if (!failed) {
        if (auto unreadable = console_unreadable(input.observations.console))
            findings.insert(findings.begin(), std::move(*unreadable));
        else if (probes.empty())
            findings.push_back(unclear("nobody tried to interrupt the boot",
                                       "The scenario has no <interrupt-autoboot/>, or it did not run."));
        else if (auto unproven = typing_unproven(input.observations))
            findings.push_back(std::move(*unproven));
    }
    std::vector<const ConsoleLine*> basis;
    if (const auto* echo = analysis::echo_of_typing(input.observations)) basis.push_back(echo);
    for (const auto& probe : probes)
        if (const auto* over = end_of_loader(input.observations, probe)) basis.push_back(over);
    return conclude_console(
        std::move(findings),
        {.pass_title = fmt::format("autoboot was not interrupted in {}", counted(probes.size(), "boot")),
         .seen = fmt::format("{} typed in {} while the boot loader ran; the boot went on each time",
                             counted(sent, "byte"), counted(probes.size(), "boot")),
         .remedy = "The boot loader takes no keys (U-Boot: bootdelay=-2, or CONFIG_AUTOBOOT_KEYED with a "
                   "secret of each unit).",
         .again = "Connect the unit's receiver as well as its transmitter, and type from power-on until a "
                  "kernel shows."},
        basis);
}

}  // namespace

extern const CheckType type;
const CheckType type{
    .element = {.name = "autoboot-locked",
                .doc = "No key and no known password stopped the boot loader: it answered no command."},
    .why =
        "Who can stop the boot loader owns the camera: other firmware, another command line, a root shell, "
        "the flash read out. A few seconds with a cable are enough.",
    .requirements = {"DBG-02"},
    .rests_on = {analysis::Subject::console, analysis::Subject::timeline},
    .needs_step = NeededStep{"interrupt-autoboot", "nobody tries to interrupt the boot",
                             "add <interrupt-autoboot/> to the steps"},
    .judge = judge};

}  // namespace cambench::checks::autoboot_locked
