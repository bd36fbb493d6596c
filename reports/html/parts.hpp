#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reports/finished_run.hpp"
#include "reports/html/markup.hpp"

namespace cambench::reports {

/// One scenario's place on the page: the prefix of its anchors ("s1-") and the level its headings begin with
/// (2 or 3).
struct Place {
    std::string prefix;
    int heading = 2;
};

/// A finding with the number it has on the page and in the timeline picture.
struct NumberedFinding {
    int number = 0;
    const Check* check = nullptr;
    const Finding* finding = nullptr;
};

/// All findings that are not a PASS, in the page's order, numbered from 1.
[[nodiscard]] std::vector<NumberedFinding> numbered_findings(const ScenarioRun& run);

/// The checks with the gravest first; the same verdict in the order of the evidence.
[[nodiscard]] std::vector<const Check*> by_gravity(const ScenarioRun& run);

[[nodiscard]] std::string_view css_class(Verdict verdict);  ///< "pass", "fail", "inconclusive", "error"
[[nodiscard]] Markup icon(Verdict verdict);                 ///< a shape of its own for each verdict
[[nodiscard]] Markup badge(Verdict verdict);                ///< icon and word
[[nodiscard]] std::string_view meaning(
    Verdict verdict);  ///< what it means for the reader, one or two sentences

[[nodiscard]] Markup heading(int level, std::string_view id, std::string_view text);
[[nodiscard]] Markup fact(std::string_view term,
                          const Markup& description);  ///< one pair of a definition list; nothing when empty
[[nodiscard]] Markup fact(std::string_view term, std::string_view description);
[[nodiscard]] Markup missing(std::string_view text);  ///< muted: "not stated"

[[nodiscard]] std::string describe_bytes(std::uint64_t bytes);  ///< "48 B", "12.3 kB"
[[nodiscard]] std::string describe_seconds(
    std::optional<double> seconds);                    ///< "24 s", "12.345 s", "" for nullopt
[[nodiscard]] std::string at_seconds(double seconds);  ///< "12.345 s"
[[nodiscard]] std::string describe_moment(std::string_view timestamp);  ///< "21 November 2026, 09:00:00 UTC"

/// Seconds on the run's clock of a moment in seconds since 1970; nullopt when the run's beginning is not
/// known.
[[nodiscard]] std::optional<double> run_seconds(const ScenarioRun& run, std::optional<double> epoch);

/// Where everything stands that a page has no room for.
[[nodiscard]] std::string_view where_the_rest_is(const ScenarioRun& run);

/// A name, an address or a path for reading: as foreign(), and a line may break behind its dots and strokes,
/// not between letters.
[[nodiscard]] Markup breakable(std::string_view name, std::size_t limit = 240);

/// "12.3", never "-0.0".
[[nodiscard]] std::string tenths(double value);

/// "3 failed, 1 inconclusive, 2 passed"
[[nodiscard]] std::string count_checks(const std::vector<Verdict>& verdicts);

// The sections of a scenario, in the order of the page.
[[nodiscard]] Markup verdict_banner(Verdict verdict, std::string_view reason, std::string_view consequence);
[[nodiscard]] Markup warnings_box(const std::vector<std::string>& warnings);
[[nodiscard]] Markup facts_at_a_glance(const ScenarioRun& run);
[[nodiscard]] Markup suite_facts(const FinishedRun& run);
[[nodiscard]] Markup checks_section(const ScenarioRun& run, const Place& place);
[[nodiscard]] Markup unit_section(const ScenarioRun& run, const Place& place);
[[nodiscard]] Markup destinations_section(const ScenarioRun& run, const Place& place);
[[nodiscard]] Markup upgrade_matrix(
    const FinishedRun& run);  ///< of a suite; nothing when fewer than two kinds of firmware were offered
[[nodiscard]] Markup upgrades_section(const ScenarioRun& run,
                                      const Place& place);  ///< nothing when no firmware was offered
[[nodiscard]] Markup tls_section(const ScenarioRun& run,
                                 const Place& place);  ///< nothing when its TLS was not put to the test
[[nodiscard]] Markup timeline_section(const ScenarioRun& run, const Place& place);
[[nodiscard]] Markup findings_section(const ScenarioRun& run, const Place& place);
[[nodiscard]] Markup suite_limits(const FinishedRun& run);  ///< of all scenarios, each limit once
[[nodiscard]] Markup limits_section(const ScenarioRun& run, const Place& place);
[[nodiscard]] Markup provenance_section(const ScenarioRun& run, const Place& place);
[[nodiscard]] Markup glossary_section();

}  // namespace cambench::reports
