#include "reports/html/page.hpp"

#include "reports/html/parts.hpp"
#include "reports/html/style.hpp"

namespace cambench::reports {
namespace {

std::string title_of(const FinishedRun& run) {
    if (!run.title.empty()) return run.title;
    if (run.kind == FinishedRun::Kind::scenario && !run.scenarios[0].id.empty()) return run.scenarios[0].id;
    return run.directory.filename().string();
}

constexpr std::string_view changed =
    "Files of the evidence were changed, added or taken away after the run was sealed; they are named below. "
    "Nothing may be concluded from what is left, neither good nor bad.";

constexpr std::string_view disputed =
    "The verdict that was recorded and the one that its recordings give now are not the same, or it could "
    "not be "
    "judged anew. One of them was changed, or the rules were; until that is known nothing may be concluded.";

/// A killed run and an untrusted one need another sentence than their verdict's.
std::string_view consequence(const ScenarioRun& run) {
    if (run.altered) return changed;
    if (run.disputed) return disputed;
    if (run.finished) return meaning(run.verdict);
    return "The run was ended before it could be judged. What was recorded until then is shown below; "
           "nothing may be concluded about the unit.";
}

Markup sections(const ScenarioRun& run, const Place& place) {
    Markup body;
    const auto timeline = run.foreign ? Markup() : timeline_section(run, place),
               provenance = run.foreign ? Markup() : provenance_section(run, place);
    for (const auto& section :
         {checks_section(run, place), unit_section(run, place), destinations_section(run, place),
          tls_section(run, place), upgrades_section(run, place), timeline, findings_section(run, place),
          limits_section(run, place), provenance})
        if (!section.empty()) body += markup("<section>\n{}</section>\n", section);
    return body;
}

Markup scenario_body(const ScenarioRun& run) {
    Markup body = verdict_banner(run.verdict, run.reason, consequence(run));
    body += warnings_box(run.warnings);
    body += facts_at_a_glance(run);
    body += sections(run, {"", 2});
    return body;
}

/// " on a1, unit HV2100A0000017"
Markup place_of(const ScenarioRun& run) {
    Markup place;
    if (!run.slot.empty()) place += markup(" on {}", foreign(run.slot, 40));
    if (!run.unit.empty()) place += markup(", unit {}", foreign(run.unit, 60));
    return place;
}

Markup suite_row(const ScenarioRun& run, std::size_t number) {
    return markup(
        "<tr role=\"row\"><td role=\"cell\" data-label=\"Verdict\">{}</td><td role=\"cell\" "
        "data-label=\"Scenario\"><a href=\"#s{}\">{}</a><div class=\"muted mono\">{}{}</div></td>"
        "<td role=\"cell\" data-label=\"Level\">{}</td><td role=\"cell\" "
        "data-label=\"Reason\">{}</td></tr>\n",
        badge(run.verdict), number, foreign(run.title.empty() ? run.id : run.title), foreign(run.id, 80),
        place_of(run), run.level.empty() ? missing("none") : foreign(run.level, 20),
        foreign(run.reason, 300));
}

Markup suite_table(const FinishedRun& run) {
    Markup rows;
    for (std::size_t i = 0; i < run.scenarios.size(); ++i) rows += suite_row(run.scenarios[i], i + 1);
    return markup(
        "<section>\n{}<table role=\"table\" class=\"suite\"><thead role=\"rowgroup\"><tr role=\"row\"><th "
        "role=\"columnheader\" scope=\"col\">Verdict</th><th role=\"columnheader\" "
        "scope=\"col\">Scenario</th>"
        "<th role=\"columnheader\" scope=\"col\">Level</th><th role=\"columnheader\" "
        "scope=\"col\">Reason</th></tr></thead>\n<tbody role=\"rowgroup\">\n{}</tbody></table>\n</section>\n",
        heading(2, "scenarios", "The scenarios"), rows);
}

Markup suite_part(const ScenarioRun& run, std::size_t number, Folding folding) {
    const auto open = folding == Folding::for_paper || run.verdict != Verdict::pass;
    Markup body;
    if (!run.reason.empty()) body += markup("<p class=\"reason\">{}</p>\n", foreign(run.reason, 600));
    body += markup("<p class=\"meaning\">{}</p>\n", consequence(run));
    body += warnings_box(run.warnings);
    body += facts_at_a_glance(run);
    body += sections(run, {fmt::format("s{}-", number), 3});
    return markup(
        "<details class=\"part {}\" id=\"s{}\"{}>\n<summary><h2>{} {}</h2></summary>\n{}</details>\n",
        css_class(run.verdict), number, Markup::trusted(open ? " open" : ""), badge(run.verdict),
        foreign(run.title.empty() ? run.id : run.title), body);
}

Markup suite_body(const FinishedRun& run, Folding folding) {
    Markup body = verdict_banner(run.verdict, run.reason,
                                 run.altered    ? changed
                                 : run.disputed ? disputed
                                                : meaning(run.verdict));
    body += warnings_box(run.warnings);
    body += suite_facts(run);
    body += suite_table(run);
    body += upgrade_matrix(run);
    body += suite_limits(run);
    for (std::size_t i = 0; i < run.scenarios.size(); ++i)
        body += suite_part(run.scenarios[i], i + 1, folding);
    return body;
}

}  // namespace

std::string html_report(const FinishedRun& run, Folding folding) {
    const auto title = title_of(run);
    const auto body =
        run.kind == FinishedRun::Kind::suite ? suite_body(run, folding) : scenario_body(run.scenarios.at(0));
    return markup(
               "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
               "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
               "'unsafe-inline'; img-src data:\">\n"
               "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta "
               "name=\"referrer\" content=\"no-referrer\">\n<meta name=\"color-scheme\" content=\"light "
               "dark\">\n"
               "<link rel=\"icon\" href=\"data:,\">\n<title>{0}: "
               "{1}</title>\n<style>\n{2}</style>\n</head>\n<body>\n<main>\n"
               "<header><p class=\"product\">cambench <span>Report on a surveillance "
               "camera</span></p>\n<h1>{3}</h1></header>\n{4}{5}</main>\n"
               "<footer><p>Made by cambench from the {7} <span class=\"mono\">{6}</span> alone. This page "
               "fetches nothing and runs no script.</p></footer>\n</body>\n</html>\n",
               to_string(run.verdict), shortened(title, 120), Markup::trusted(std::string(style_sheet)),
               foreign(title), body, glossary_section(), foreign(run.directory.filename().string(), 120),
               run.kind == FinishedRun::Kind::scenario && run.scenarios[0].foreign ? "recording"
                                                                                   : "evidence directory")
        .text();
}

}  // namespace cambench::reports
