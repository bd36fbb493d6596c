#include <fmt/format.h>

#include "harness/checks/findings.hpp"

namespace cambench::checks::nothing_escaped {
namespace {

CheckResult judge(const CheckInput& input) {
    CheckResult result;
    std::vector<Finding> findings;
    std::uint64_t tests = 0, counters = 0;
    for (const auto* event : events_of(input.observations, "bench", "containment")) {
        const auto self_test = event->fields.find("self_test");
        if (self_test != event->fields.end() && self_test->is_boolean()) {
            ++tests;
            if (!self_test->get<bool>())
                findings.push_back({"the leak self-test failed",
                                    "The sandbox let a probe of the bench's own pass.",
                                    Verdict::error,
                                    {pointer_to(*event)}});
        }
        const auto escaped = event->fields.find("escaped_packets");
        if (escaped == event->fields.end() || !escaped->is_number_integer()) continue;
        ++counters;
        const auto count = escaped->get<std::int64_t>();
        if (count != 0)
            findings.push_back(
                {fmt::format("{} left the sandbox", counted(static_cast<std::uint64_t>(count), "packet")),
                 "The containment of the bench is broken.",
                 Verdict::error,
                 {pointer_to(*event)}});
        result.evidence.push_back(pointer_to(*event));
    }
    if (findings.empty() && tests == 0)
        findings.push_back({"the leak self-test is not on record", "", Verdict::inconclusive, {}});
    if (findings.empty() && counters == 0)
        findings.push_back({"the escape counter after the run is not on record",
                            "The run may have been cut short.",
                            Verdict::inconclusive,
                            {}});
    if (findings.empty()) {
        result.verdict = Verdict::pass;
        result.title = "nothing left the sandbox";
        result.seen = fmt::format("{} passed, the escape counter read 0", counted(tests, "leak self-test"));
        return result;
    }
    result.verdict = findings.front().verdict;
    result.title = result.seen = findings.front().title;
    result.remedy =
        "Mend the bench (cambench doctor) and run again; nothing this run says of the camera counts.";
    for (const auto& finding : findings)
        result.evidence.insert(result.evidence.end(), finding.evidence.begin(), finding.evidence.end());
    result.findings = std::move(findings);
    return result;
}

}  // namespace

extern const CheckType type;
const CheckType type{
    .element = {.name = "nothing-escaped",
                .doc = "Not one packet of the camera left the sandbox; judged in every run."},
    .why =
        "A camera under suspicion must not reach anybody from the bench, and a bench that leaks does not "
        "answer for what the camera was told.",
    .requirements = {},
    .when = CheckType::When::always,
    .rests_on = {analysis::Subject::timeline},
    .judge = judge};

}  // namespace cambench::checks::nothing_escaped
