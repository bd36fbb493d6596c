#include <fmt/format.h>
#include <re2/re2.h>
#include <algorithm>
#include <array>

#include "harness/checks/console_findings.hpp"
#include "harness/checks/findings.hpp"

namespace cambench::checks::no_console_toggles {
namespace {

using analysis::ConsoleLine;

struct Toggle {
    const char* what;
    const char* expression;
};
constexpr std::array toggles{
    Toggle{"a setting that switches the console's login on (xmuart)", R"(\bxmuart\b)"},
    Toggle{"a setting that starts telnet (telnetctrl)", R"(\btelnetctrl\b)"},
    Toggle{
        "a script on a memory card that it would run",
        R"((?i)(?:mmcblk|/sd|sdcard|/mnt)\S*/(?:debug|hack|test|factory|auto)\w*(?:/config)?\.sh\b|\bdebug/config\.sh\b)"},
    Toggle{"a telnet server that it starts",
           R"((?i)\b(?:start(?:ing|ed)?|run(?:ning)?|enabl(?:e|ing)) +(?:busybox +)?telnetd?\b)"},
};

CheckResult judge(const CheckInput& input) {
    const auto& console = input.observations.console;
    std::vector<Finding> findings;
    for (const auto& toggle : toggles) {
        const RE2 pattern(toggle.expression, RE2::Latin1);
        std::vector<const ConsoleLine*> lines;
        for (const auto& line : console.lines)
            if (RE2::PartialMatch(re2::StringPiece(line.text), pattern)) lines.push_back(&line);
        if (!lines.empty())
            findings.push_back(console_finding(Verdict::fail,
                                               fmt::format("the console names {}", toggle.what),
                                               quoted(*lines.front()), lines));
    }
    const auto kernel = std::find_if(console.lines.begin(), console.lines.end(),
                                     [](const auto& line) { return analysis::is_kernel_line(line.text); });
    if (findings.empty()) {
        if (auto unreadable = console_unreadable(console))
            findings.push_back(std::move(*unreadable));
        else if (kernel == console.lines.end())
            findings.push_back({"no whole boot was recorded",
                                "Neither a kernel nor a login showed on the console.",
                                Verdict::inconclusive,
                                {{.file = "console.log"}}});
    }
    return conclude_console(
        std::move(findings),
        {.pass_title = "the console names no known toggle of a debug console; one that prints nothing cannot "
                       "be seen here",
         .seen = fmt::format("{} of console", counted(console.lines.size(), "line")),
         .remedy = "The product's firmware has no setting, script or card that opens a console or telnet.",
         .again = "Record a whole boot at the right rate."},
        kernel == console.lines.end() ? std::vector<const ConsoleLine*>{}
                                      : std::vector<const ConsoleLine*>{&*kernel});
}

}  // namespace

extern const CheckType type;
const CheckType type{
    .element =
        {.name = "no-console-toggles",
         .doc = "The console names no setting, script or card that would open a debug console or telnet."},
    .why = "A console that is closed today and opened by a setting or a card tomorrow is not closed.",
    .requirements = {"DBG-06"},
    .rests_on = {analysis::Subject::console, analysis::Subject::timeline},
    .judge = judge};

}  // namespace cambench::checks::no_console_toggles
