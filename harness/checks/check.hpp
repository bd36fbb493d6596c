#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/analysis/observations/observations.hpp"
#include "harness/checks/verdict.hpp"
#include "harness/core/markup/markup.hpp"
#include "harness/declaration/declaration.hpp"

namespace cambench {

/// Where in the evidence a statement can be verified. At least one member is set.
struct Pointer {
    std::optional<std::uint64_t> frame;  ///< frame number in the capture, from 1, as Wireshark counts
    std::optional<std::uint64_t> line;   ///< line of console.log, from 1
    std::optional<Nanoseconds> time;     ///< on the run's clock
    std::string
        file;  ///< relative to the evidence directory: "capture.pcapng", "console.log", "payloads/<sha256>"
};

/// One fact a check reports.
struct Finding {
    std::string title;   ///< one line: "talks to 198.51.100.77:9443/tcp, which the declaration does not name"
    std::string detail;  ///< "" or more lines: how much, how often, how known
    Verdict verdict = Verdict::fail;
    std::vector<Pointer> evidence;
};

/// What a check says in the end.
struct CheckResult {
    std::string check;  ///< its id, e.g. "only-declared-destinations"
    Verdict verdict = Verdict::error;
    std::string title;                      ///< one sentence with the outcome
    std::string why;                        ///< why it matters
    std::string seen;                       ///< what was seen
    std::string remedy;                     ///< what would make it pass; "" when it passed
    std::vector<std::string> requirements;  ///< "PHN-02", ...
    std::vector<Finding> findings;
    std::vector<Pointer> evidence;  ///< all of the findings', in order; for a PASS what it rests on
};

struct CheckInput {
    const analysis::Observations& observations;
    const Declaration* declaration = nullptr;  ///< nullptr: nothing was declared
    const markup::Node& parameters;            ///< the check's own element in the scenario
};

/// A step without which a check has nothing to judge.
struct NeededStep {
    std::string_view name;
    std::string_view lack;    ///< "nothing views the video"
    std::string_view better;  ///< "add <view-video/> to the steps"
};

/// A kind of check: one file in harness/checks/kinds/, listed by the registry that CMake makes from the
/// folder.
struct CheckType {
    markup::Element element;  ///< name = id; attributes = parameters
    std::string why;          ///< one or two sentences for the report
    std::vector<std::string> requirements = {};
    enum class When {
        if_listed,
        always
    } when = When::if_listed;        ///< always: judged in every run, listed or not
    bool needs_declaration = false;  ///< without one it has no subject: left out of `analyze`
    /// What of the recording a PASS of it rests on: it is none where a bound on that was reached. Empty: on
    /// all of it.
    std::vector<analysis::Subject> rests_on = {};
    bool for_captures = false;  ///< makes sense for a foreign recording, too: no run, no console, no power
    std::optional<NeededStep> needs_step = std::nullopt;
    bool needs_tls_trials = false;  ///< it judges certificates that the bench shows: <tls/> in the <internet>
    CheckResult (*judge)(const CheckInput&) = nullptr;
};

/// All kinds of checks, in alphabetical order.
[[nodiscard]] const std::vector<const CheckType*>& check_types();
/// nullptr: there is none of that name.
[[nodiscard]] const CheckType* find_check(std::string_view name);

}  // namespace cambench
