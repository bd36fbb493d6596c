#include <fmt/format.h>
#include <re2/re2.h>
#include <algorithm>
#include <array>
#include <memory>

#include "harness/checks/console_findings.hpp"
#include "harness/checks/findings.hpp"
#include "harness/core/text.hpp"

namespace cambench::checks::no_secrets_in_boot_log {
namespace {

using analysis::ConsoleLine;

struct Pattern {
    const char* what;
    const char* expression;  ///< RE2, case-insensitive; the first group, if there is one, is the secret
};

constexpr std::array patterns{
    Pattern{"a private key", R"(-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----)"},
    Pattern{"a shell instead of init on the kernel's command line",
            R"(\b(?:rd)?init=/bin/(?:sh|ash|bash|busybox)\b)"},
    Pattern{"a password's hash", R"((?:^|[\s:'"])(\$(?:1|2[aby]|5|6|7|y)\$[./A-Za-z0-9$=,]{16,}))"},
    Pattern{"a password's hash", R"(^\s*[a-z_][a-z0-9_-]{0,31}:([./A-Za-z0-9]{13}):\d+:\d*:)"},
    Pattern{
        "a password",
        R"(\b[\w-]{0,24}(?:password|passwd|passphrase|passwort|_pass|_pwd)\s*(?:=|:=|: |\bis\b)\s*["']?([^\s"',;[][^\s"',;]{3,}))"},
    Pattern{"a key of a wireless network",
            R"(\b(?:psk|wpa_?key|wifi_?(?:key|pass)\w*|wep_?key\d?)\s*[=:]\s*["']?([^\s"',;]{8,}))"},
    Pattern{
        "a token or key",
        R"(\b(?:[\w-]{0,24}[_-])?(?:token|secret|api[_-]?key|access[_-]?key|private[_-]?key|auth[_-]?key|aes[_-]?key)\s*[=:]\s*["']?([A-Za-z0-9+/_=.-]{12,}))"},
    Pattern{"a token", R"(\b(eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}))"},
    Pattern{"a key of a cloud account", R"(\b((?:AKIA|ASIA)[A-Z0-9]{16})\b)"},
    Pattern{"a name and password in an address",
            R"(\b[a-z][a-z0-9+.-]{1,12}://[^\s:/@]{1,64}:([^\s:/@]{3,})@)"},
};

/// Compiled once; immutable afterwards.
const std::vector<std::unique_ptr<RE2>>& compiled() {
    static const auto all = [] {
        RE2::Options options(RE2::Latin1);
        options.set_case_sensitive(false);
        options.set_log_errors(false);
        std::vector<std::unique_ptr<RE2>> list;
        for (const auto& pattern : patterns)
            list.push_back(std::make_unique<RE2>(pattern.expression, options));
        return list;
    }();
    return all;
}

/// What stands in place of a secret: words of a program, not a password.
bool is_placeholder(std::string_view value) {
    static const std::array<std::string_view, 24> words{
        "none",     "null",    "(null)",   "empty",    "required", "expired", "changed",   "incorrect",
        "invalid",  "wrong",   "accepted", "rejected", "file",     "hash",    "protected", "failed",
        "disabled", "enabled", "default",  "unset",    "locked",   "okay",    "mismatch",  "authentication"};
    const auto plain = lower(value);
    if (std::find(words.begin(), words.end(), plain) != words.end()) return true;
    return plain.find_first_not_of("*x.-_<>?#") == std::string::npos || plain.starts_with("<") ||
           plain.starts_with("${") || plain.starts_with("%");
}

/// Enough of it to find it again, not enough to use it.
std::string masked(const std::string& secret) {
    if (secret.size() < 6) return fmt::format("{} characters", secret.size());
    return fmt::format("{}..., {} characters", inert(secret.substr(0, 2)), secret.size());
}

/// Whether the bench typed it itself: an echo is no secret of the unit.
bool was_typed(const std::vector<analysis::SentBytes>& sent, const std::string& secret) {
    return std::any_of(sent.begin(), sent.end(), [&](const auto& one) {
        return !secret.empty() && one.text.find(secret) != std::string::npos;
    });
}

/// A question for a password, behind which other lines of the log may follow: it tells none. Only where the
/// bench typed is there anything to be asked.
bool is_question(const ConsoleLine& line, const std::vector<analysis::SentBytes>& sent) {
    return !sent.empty() && lower(trim(line.text)).starts_with("password:");
}

void judge_line(const ConsoleLine& line, const std::vector<analysis::SentBytes>& sent,
                std::vector<Finding>& findings) {
    constexpr std::size_t most_findings = 32;
    if (is_question(line, sent)) return;
    for (std::size_t i = 0; i < patterns.size() && findings.size() < most_findings; ++i) {
        std::string secret;
        const auto& expression = *compiled()[i];
        const re2::StringPiece text(line.text);
        const bool found = expression.NumberOfCapturingGroups() > 0
                               ? RE2::PartialMatch(text, expression, &secret)
                               : RE2::PartialMatch(text, expression);
        if (!found || (!secret.empty() && is_placeholder(secret)) || was_typed(sent, secret)) continue;
        const auto title = fmt::format("the boot log shows {}", patterns[i].what);
        const auto known = std::find_if(findings.begin(), findings.end(),
                                        [&](const Finding& one) { return one.title == title; });
        if (known != findings.end())
            known->evidence.push_back(pointer_to(line));
        else
            findings.push_back(console_finding(Verdict::fail, title,
                                               secret.empty() ? quoted(line) : masked(secret), {&line}));
        return;
    }
}

CheckResult judge(const CheckInput& input) {
    const auto& console = input.observations.console;
    const auto sent = analysis::sent_bytes(input.observations);
    std::vector<Finding> findings;
    for (const auto& line : console.lines) judge_line(line, sent, findings);
    const auto kernel = std::find_if(console.lines.begin(), console.lines.end(),
                                     [](const auto& line) { return analysis::is_kernel_line(line.text); });
    std::vector<const ConsoleLine*> basis;
    if (kernel != console.lines.end()) basis.push_back(&*kernel);
    if (findings.empty()) {
        if (auto unreadable = console_unreadable(console))
            findings.push_back(std::move(*unreadable));
        else if (kernel == console.lines.end())
            findings.push_back({"no whole boot was recorded",
                                "Neither a kernel nor a login showed on the console.",
                                Verdict::inconclusive,
                                {{.file = "console.log"}}});
        else if (console.lines_cut || console.gaps > 0)
            findings.push_back(
                {"parts of the boot log are missing", "", Verdict::inconclusive, {{.file = "console.log"}}});
    }
    return conclude_console(
        std::move(findings),
        {.pass_title = "the boot log shows no secret of a known form",
         .seen = fmt::format("{} of console", counted(console.lines.size(), "line")),
         .remedy = "The firmware prints no keys, passwords, hashes or tokens, and its kernel starts no "
                   "shell; what was printed counts as public and is replaced.",
         .again = "Record a whole boot, from power-on to the login, at the right rate."},
        basis);
}

}  // namespace

extern const CheckType type;
const CheckType type{.element = {.name = "no-secrets-in-boot-log",
                                 .doc = "The console prints no keys, passwords, hashes or tokens, and no "
                                        "command line that starts a shell."},
                     .why =
                         "What is printed on one unit's console is known to everybody who ever opened one; a "
                         "secret shared by all units is then none.",
                     .requirements = {"DBG-05"},
                     .rests_on = {analysis::Subject::console, analysis::Subject::timeline},
                     .judge = judge};

}  // namespace cambench::checks::no_secrets_in_boot_log
