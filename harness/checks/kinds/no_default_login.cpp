#include <fmt/format.h>
#include <algorithm>

#include "harness/checks/console_findings.hpp"
#include "harness/checks/findings.hpp"
#include "harness/core/text.hpp"

namespace cambench::checks::no_default_login {
namespace {

using analysis::ConsoleLine;
using analysis::ConsoleProbe;

std::vector<const ConsoleLine*> shell_lines(const CheckInput& input, const ConsoleProbe& probe) {
    std::vector<const ConsoleLine*> lines;
    for (const auto& answer : analysis::answers_to(input.observations, probe))
        if (!answer.boot_loader) lines.push_back(answer.line);
    return lines;
}

/// A password is a finding only as long as it is a known one; it is quoted so that the vendor can find it.
std::string account_of(const ConsoleProbe& probe) {
    return probe.password.empty()
               ? fmt::format("'{}' without a password", inert(probe.user))
               : fmt::format("'{}' with the password '{}'", inert(probe.user), inert(probe.password));
}

/// An account that led to something like a prompt, which ran no command: a restricted shell, perhaps.
const ConsoleLine* strange_prompt(const CheckInput& input, const ConsoleProbe& probe) {
    const auto lines = analysis::lines_between(input.observations.console, probe.from, probe.to);
    for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
        if (analysis::is_login_prompt((*line)->text)) return nullptr;
        if (analysis::is_prompt((*line)->text)) return *line;
    }
    return nullptr;
}

/// Whether the unit itself shows that it refused the account: it asked for the password, and then said no or
/// asked for a name again.
bool was_refused(const CheckInput& input, const ConsoleProbe& probe) {
    bool named = false, asked = false;
    for (const auto* line : analysis::lines_between(input.observations.console, probe.from, probe.to)) {
        const auto text = lower(line->text);
        if (asked && (analysis::is_login_prompt(text) || analysis::is_refusal(text)))
            return probe.password_typed;
        asked = asked || (named && text.find("password") != std::string::npos);
        named = named || (!probe.user.empty() && line->text.find(probe.user) != std::string::npos);
    }
    return false;
}

void judge_probe(const CheckInput& input, const ConsoleProbe& probe, std::vector<Finding>& findings) {
    const auto lines = shell_lines(input, probe);
    if (!lines.empty() && probe.kind != "login")
        findings.push_back(console_finding(Verdict::fail, "a shell answers on the console without any login",
                                           fmt::format("It ran a command: {}", quoted(*lines.front())),
                                           lines));
    else if (!lines.empty())
        findings.push_back(
            console_finding(Verdict::fail, fmt::format("the console's login takes {}", account_of(probe)),
                            fmt::format("The shell ran a command: {}", quoted(*lines.front())), lines));
    else if (const auto* prompt = strange_prompt(input, probe); prompt != nullptr && probe.kind == "login")
        findings.push_back(console_finding(
            Verdict::inconclusive, fmt::format("{} led to a prompt that ran no command", account_of(probe)),
            quoted(*prompt), {prompt}));
    else if (probe.kind == "login" && !was_refused(input, probe))
        findings.push_back({fmt::format("the login was not seen to refuse {}", account_of(probe)),
                            "The dialogue went astray, or the unit did not answer in time.",
                            Verdict::inconclusive,
                            {{.file = "console.log"}}});
}

CheckResult judge(const CheckInput& input) {
    std::vector<Finding> findings;
    std::uint64_t refused = 0;
    bool tried = false;
    std::uint64_t first =
        ~std::uint64_t{0};  // keys that reached the boot loader prove nothing for what was typed after it
    for (const auto& probe : analysis::console_probes(input.observations)) {
        if (probe.kind == "bootrom") continue;
        if (probe.kind == "shell" || probe.kind == "login") {
            tried = true;
            first = std::min(first, probe.from);
        }
        refused += probe.kind == "login" && was_refused(input, probe) ? 1 : 0;
        judge_probe(input, probe, findings);
    }
    std::vector<const ConsoleLine*> basis;
    const auto& lines = input.observations.console.lines;
    if (const auto* echo = analysis::echo_of_typing(input.observations, first)) basis.push_back(echo);
    const bool booted = std::any_of(lines.begin(), lines.end(),
                                    [](const auto& line) { return analysis::is_kernel_line(line.text); });
    const bool failed = std::any_of(findings.begin(), findings.end(),
                                    [](const auto& one) { return one.verdict == Verdict::fail; });
    if (!failed) {
        if (auto unreadable = console_unreadable(input.observations.console))
            findings.insert(findings.begin(), std::move(*unreadable));
        else if (!tried)
            findings.push_back({"nobody tried to log in",
                                "The scenario has no <try-logins/>, or it did not run.",
                                Verdict::inconclusive,
                                {}});
        else if (auto unproven = refused > 0 ? std::nullopt : typing_unproven(input.observations, first))
            findings.push_back(std::move(*unproven));
        else if (!booted)
            findings.push_back({"the unit was not seen to boot",
                                "No kernel and no login showed on the console.",
                                Verdict::inconclusive,
                                {}});
    }
    const auto outcome =
        refused > 0 ? fmt::format("no shell, and the login refused {}", counted(refused, "known account"))
                    : std::string("neither a shell nor a login answers");
    return conclude_console(
        std::move(findings),
        {.pass_title = outcome + " on the console",
         .seen = outcome,
         .remedy = "The console has no shell; its login, if it needs one, takes a password that is unique to "
                   "the unit.",
         .again =
             "Connect the unit's receiver, let it boot, and try again: <await-boot/> before <try-logins/>."},
        basis);
}

}  // namespace

extern const CheckType type;
const CheckType type{
    .element = {.name = "no-default-login",
                .doc = "The console gives no shell without a login, and its login refuses "
                       "the passwords known from other cameras."},
    .why =
        "A password that is the same on every unit is published sooner or later, and then "
        "opens every unit; a shell without one is open already.",
    .requirements = {"DBG-03"},
    .rests_on = {analysis::Subject::console, analysis::Subject::timeline},
    .needs_step = NeededStep{"try-logins", "nobody tries to log in", "add <try-logins/> to the steps"},
    .judge = judge};

}  // namespace cambench::checks::no_default_login
