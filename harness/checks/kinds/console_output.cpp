#include <fmt/format.h>
#include <re2/re2.h>
#include <charconv>

#include "harness/checks/console_findings.hpp"
#include "harness/checks/findings.hpp"

namespace cambench::checks::console_output {
namespace {

using Output = Declaration::SerialConsole::Output;

/// A rate the console is known to have: as the bench's adapter was set when the text was readable, or in the
/// unit's own words.
struct Rate {
    unsigned baud = 0;
    std::string known_by;
    std::vector<Pointer> where;
};

std::vector<Rate> rates_of(const analysis::Observations& observations) {
    std::vector<Rate> rates;
    for (const auto* kind : {"opened", "rate"})
        for (const auto* event : events_of(observations, "console", kind))
            if (const auto baud = event->fields.find("baud");
                baud != event->fields.end() && baud->is_number_integer())
                rates.push_back(
                    {baud->get<unsigned>(), "the bench reads it at that rate", {pointer_to(*event)}});
    static const RE2 pattern(R"(\bconsole=tty\w+,(\d{4,7}))", RE2::Latin1);
    for (const auto& line : observations.console.lines) {
        std::string digits;
        if (!RE2::PartialMatch(re2::StringPiece(line.text), pattern, &digits)) continue;
        Rate rate{0, "the kernel's command line says so", {pointer_to(line)}};
        std::from_chars(digits.data(), digits.data() + digits.size(), rate.baud);
        if (rates.empty() || rates.back().baud != rate.baud) rates.push_back(rate);
    }
    return rates;
}

void judge_rate(const CheckInput& input, const std::vector<Rate>& rates, std::vector<Finding>& findings) {
    const auto& declared = input.declaration->console->baud;
    if (!declared) return;
    for (const auto& rate : rates)
        if (rate.baud != *declared) {
            findings.push_back(
                {fmt::format("the console runs at {} baud, the declaration says {}", rate.baud, *declared),
                 rate.known_by, Verdict::fail, rate.where});
            return;
        }
}

CheckResult judge(const CheckInput& input) {
    const auto& console = input.observations.console;
    std::vector<Finding> findings;
    std::vector<const analysis::ConsoleLine*> lines;
    for (const auto& line : console.lines)
        if (line.text.size() > 8 && lines.size() < 4) lines.push_back(&line);
    const auto rates = rates_of(input.observations);
    auto unreadable = console_unreadable(console);
    const bool declared = input.declaration != nullptr && input.declaration->console &&
                          input.declaration->console->output == Output::boot_log;
    if (unreadable)
        findings.push_back(std::move(*unreadable));
    else if (input.declaration == nullptr)
        findings.push_back({"nothing is declared to compare with",
                            "Give the vendor's declaration of this product.",
                            Verdict::inconclusive,
                            {}});
    else if (!declared)
        findings.push_back(console_finding(Verdict::fail,
                                           "prints a boot log on a console that is not declared",
                                           lines.empty() ? "" : quoted(*lines.front()), lines));
    else
        judge_rate(input, rates, findings);
    const auto rate = rates.empty() ? std::string("at a rate the bench does not know")
                                    : fmt::format("at {} baud", rates.front().baud);
    return conclude_console(
        std::move(findings),
        {.pass_title = fmt::format("the console prints a boot log, as declared, {}", rate),
         .seen = fmt::format("{} in {}, {}", counted(console.bytes, "byte"),
                             counted(console.lines.size(), "line"), rate),
         .remedy = "The unit's console is silent, or the vendor declares it: <console output=\"boot-log\" "
                   "baud=\"\"/>.",
         .again = "Connect the console's three wires (ground, the unit's transmitter, its receiver), try "
                  "baud=\"auto\", and give the declaration."},
        lines);
}

}  // namespace

extern const CheckType type;
const CheckType type{.element = {.name = "console-output",
                                 .doc = "The serial console prints what is declared of it, at the declared "
                                        "rate, and nothing when it is not declared."},
                     .why =
                         "A console that nobody mentions is a way in that nobody guards. A declared one is "
                         "judged by the checks beside this one.",
                     .requirements = {"DBG-01"},
                     .rests_on = {analysis::Subject::console, analysis::Subject::timeline},
                     .judge = judge};

}  // namespace cambench::checks::console_output
