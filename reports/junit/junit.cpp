#include "reports/junit/junit.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/text.hpp"
#include "reports/escape.hpp"

namespace cambench::reports {
namespace {

constexpr std::size_t longest_text = 2000;

/// For attributes that must not be empty.
std::string name_of(const std::string& text, std::string_view otherwise) {
    const auto short_text = shortened(trim(text), 200);
    return xml(short_text.empty() ? otherwise : std::string_view(short_text));
}

/// The schema wants a date and time to the second without a zone; it is UTC.
std::string timestamp_of(const ScenarioRun& run) {
    constexpr auto to_the_second = std::string_view("2026-11-21T09:00:00").size();
    const auto moment = parse_timestamp(run.started);
    return moment ? format_timestamp(*moment).substr(0, to_the_second) : "1970-01-01T00:00:00";
}

std::string pointer_line(const Pointer& pointer) {
    std::vector<std::string> parts;
    if (!pointer.file.empty()) parts.push_back(shortened(pointer.file, 120));
    if (pointer.frame) parts.push_back(fmt::format("frame {}", *pointer.frame));
    if (pointer.line) parts.push_back(fmt::format("line {}", *pointer.line));
    if (pointer.time) parts.push_back(fmt::format("at {:.3f} s", *pointer.time));
    return parts.empty() ? std::string() : "    " + join(parts, ", ") + "\n";
}

/// The body of a failure: what was seen, each finding with its evidence, what would make it pass.
std::string account(const Check& check) {
    constexpr std::size_t most_findings = 50, most_pointers = 10;
    std::string text;
    const auto add = [&](std::string_view title, const std::string& content) {
        if (!content.empty()) text += fmt::format("{}: {}\n", title, shortened(content, longest_text));
    };
    add("seen", check.seen);
    for (std::size_t i = 0; i < std::min(most_findings, check.findings.size()); ++i) {
        const auto& finding = check.findings[i];
        add("finding", finding.title);
        for (std::size_t j = 0; j < std::min(most_pointers, finding.evidence.size()); ++j)
            text += pointer_line(finding.evidence[j]);
    }
    if (check.findings.size() > most_findings)
        text += fmt::format("and {} more findings in verdict.json\n", check.findings.size() - most_findings);
    add("would pass", check.remedy);
    add("why", check.why);
    return xml_lines(text);
}

std::string outcome_of(const Check& check) {
    const auto message = xml(shortened(check.title, longest_text));
    const auto element = [&](std::string_view name, std::string_view type) {
        return fmt::format("      <{0} message=\"{1}\" type=\"{2}\">{3}</{0}>\n", name, message, type,
                           account(check));
    };
    switch (check.verdict) {
        case Verdict::pass:
            return {};
        case Verdict::fail:
            return element("failure", "fail");
        case Verdict::inconclusive:
            return element("error", "inconclusive");
        case Verdict::error:
            break;
    }
    return element("error", "bench-error");
}

/// A run that says more than its checks (killed, or nothing was judged) gets a test case of its own, so that
/// it is not green.
std::vector<Check> cases_of(const ScenarioRun& run) {
    auto cases = run.checks;
    if (run.altered || run.disputed) {
        Check altered{run.altered ? "evidence" : "verdict", Verdict::error};
        altered.title = run.reason;
        altered.seen = join(run.warnings, "; ");
        cases.insert(cases.begin(), std::move(altered));
    }
    const auto worse = std::any_of(cases.begin(), cases.end(),
                                   [](const Check& check) { return check.verdict != Verdict::pass; });
    if (worse || run.verdict == Verdict::pass) return cases;
    Check whole{"run", run.verdict};
    whole.title = run.reason.empty() ? "the run has no verdict" : run.reason;
    cases.push_back(std::move(whole));
    return cases;
}

std::string properties_of(const ScenarioRun& run) {
    std::string text;
    const auto add = [&](std::string_view name, const std::string& value) {
        if (!value.empty())
            text +=
                fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", name, xml(shortened(value, 300)));
    };
    add("verdict", std::string(to_string(run.verdict)));
    add("reason", run.reason);
    add("run", run.run);
    add("slot", run.slot);
    add("unit", run.unit);
    add("evidence", run.directory.filename().string());
    add("level", run.level);
    add("persona", run.persona);
    add("mac", run.camera.mac);
    add("tool", std::string(trim(run.tool + " " + run.tool_version)));
    return text;
}

std::string suite_of(const ScenarioRun& run, std::size_t number) {
    const auto cases = cases_of(run);
    const auto seconds = std::max(0.0, run.duration.value_or(0));
    const auto id = name_of(run.id, "scenario");
    std::string body;
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const auto outcome = outcome_of(cases[i]);
        const auto head = fmt::format("    <testcase classname=\"cambench.{}\" name=\"{}\" time=\"{:.3f}\"",
                                      id, name_of(cases[i].check, "check"), i == 0 ? seconds : 0.0);
        body += outcome.empty() ? head + "/>\n" : fmt::format("{}>\n{}    </testcase>\n", head, outcome);
    }
    const auto count = [&](auto wanted) {
        return std::count_if(cases.begin(), cases.end(),
                             [&](const Check& check) { return wanted(check.verdict); });
    };
    const auto failures = count([](Verdict verdict) { return verdict == Verdict::fail; });
    const auto errors =
        count([](Verdict verdict) { return verdict == Verdict::error || verdict == Verdict::inconclusive; });
    std::string limits;
    for (const auto& limit : run.limits) limits += fmt::format("not seen: {}\n", shortened(limit, 400));
    return fmt::format(
        "  <testsuite name=\"{}\" package=\"cambench\" id=\"{}\" hostname=\"{}\" timestamp=\"{}\" "
        "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"0\" time=\"{:.3f}\">\n"
        "    <properties>\n{}    </properties>\n{}    <system-out>{}</system-out>\n    "
        "<system-err></system-err>\n  </testsuite>\n",
        id, number, name_of(run.slot, "bench"), timestamp_of(run), cases.size(), failures, errors, seconds,
        properties_of(run), body, xml_lines(shortened(limits, 8000)));
}

}  // namespace

std::string junit_report(const FinishedRun& run) {
    std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
    auto scenarios = run.scenarios;
    if (run.altered &&
        std::none_of(scenarios.begin(), scenarios.end(), [](const auto& part) { return part.altered; })) {
        // The suite's own files were: no part of it shows that.
        auto& whole = scenarios.emplace_back();
        whole.id = run.title;
        whole.directory = run.directory;
        whole.verdict = run.verdict;
        whole.reason = run.reason;
        whole.warnings = run.warnings;
        whole.altered = true;
    }
    if (scenarios.empty()) {
        scenarios.emplace_back();
        scenarios[0].id = run.title;
        scenarios[0].directory = run.directory;
        scenarios[0].verdict = run.verdict == Verdict::pass ? Verdict::error : run.verdict;
        scenarios[0].reason = run.reason;
    }
    for (std::size_t i = 0; i < scenarios.size(); ++i) text += suite_of(scenarios[i], i);
    return text + "</testsuites>\n";
}

}  // namespace cambench::reports
