// What was found, check by check, with the way back into the recordings.
#include <algorithm>
#include <set>

#include "harness/core/text.hpp"
#include "reports/html/parts.hpp"

namespace cambench::reports {
namespace {

constexpr std::size_t most_findings = 60;
constexpr std::size_t most_pointers = 16;
constexpr std::size_t most_filter_frames = 40;

Markup pointer_item(const Pointer& pointer) {
    Markup text;
    if (pointer.frame)
        text = markup("frame <strong>{}</strong> of <span class=\"mono\">{}</span>", *pointer.frame,
                      foreign(pointer.file.empty() ? "capture.pcapng" : pointer.file, 120));
    else if (pointer.line)
        text = markup("line <strong>{}</strong> of <span class=\"mono\">{}</span>", *pointer.line,
                      foreign(pointer.file.empty() ? "console.log" : pointer.file, 120));
    else if (!pointer.file.empty())
        text = markup("file <span class=\"mono\">{}</span>", foreign(pointer.file, 160));
    else
        text = Markup::trusted("timeline");
    if (pointer.time) text += markup(", at {}", at_seconds(*pointer.time));
    return markup("<li>{}</li>", text);
}

/// The cited console lines with a neighbour each side, as one listing.
Markup console_excerpt(const ScenarioRun& run, const std::vector<Pointer>& evidence) {
    std::set<std::uint64_t> cited, wanted;
    for (const auto& pointer : evidence) {
        if (!pointer.line || cited.size() >= most_pointers) continue;
        cited.insert(*pointer.line);
        wanted.insert({*pointer.line - 1, *pointer.line, *pointer.line + 1});
    }
    Markup lines;
    for (const auto number : wanted) {
        const auto found = run.console_lines.find(number);
        if (found == run.console_lines.end()) continue;
        auto text = std::string_view(found->second);
        if (text.ends_with('\r')) text.remove_suffix(1);
        lines +=
            markup("<li value=\"{}\"{}><code>{}</code></li>", number,
                   Markup::trusted(cited.contains(number) ? " class=\"cited\"" : ""), foreign(text, 300));
    }
    if (lines.empty()) return {};
    return markup(
        "<p class=\"caption\">From console.log, control characters made visible:</p><ol "
        "class=\"console\">{}</ol>\n",
        lines);
}

/// What to type into Wireshark to see the cited frames.
Markup frame_filter(const std::vector<Pointer>& evidence) {
    std::set<std::uint64_t> frames;
    for (const auto& pointer : evidence)
        if (pointer.frame && frames.size() < most_filter_frames) frames.insert(*pointer.frame);
    if (frames.empty()) return {};
    std::vector<std::string> numbers;
    for (const auto frame : frames) numbers.push_back(std::to_string(frame));
    return markup("<p class=\"caption\">Wireshark filter: <code>frame.number in {{{}}}</code></p>\n",
                  join(numbers, ", "));
}

Markup evidence_list(const ScenarioRun& run, const std::vector<Pointer>& evidence) {
    if (evidence.empty()) return {};
    Markup items;
    for (std::size_t i = 0; i < std::min(most_pointers, evidence.size()); ++i)
        items += pointer_item(evidence[i]);
    if (evidence.size() > most_pointers)
        items +=
            markup("<li>and {} more in {}</li>", evidence.size() - most_pointers, where_the_rest_is(run));
    auto block = markup("<ul class=\"pointers\">{}</ul>\n", items);
    block += frame_filter(evidence);
    block += console_excerpt(run, evidence);
    return block;
}

Markup finding_item(const ScenarioRun& run, const NumberedFinding& numbered, const Place& place) {
    const auto& finding = *numbered.finding;
    const auto verdict = finding.verdict == numbered.check->verdict ? Markup() : badge(finding.verdict);
    return markup(
        "<li id=\"{}finding-{}\" class=\"finding {}\"><span class=\"pin\" "
        "aria-hidden=\"true\">{}</span><div><p class=\"claim\"><span class=\"visually-hidden\">Finding {}: "
        "</span>{} {}</p>{}{}</div></li>\n",
        place.prefix, numbered.number, css_class(finding.verdict), numbered.number, numbered.number,
        foreign(finding.title, 400), verdict, paragraphs(finding.detail, 1500),
        evidence_list(run, finding.evidence));
}

Markup findings_of(const ScenarioRun& run, const Check& check, const std::vector<NumberedFinding>& all,
                   const Place& place) {
    Markup items;
    std::size_t count = 0;
    for (const auto& numbered : all) {
        if (numbered.check != &check) continue;
        if (++count <= most_findings) items += finding_item(run, numbered, place);
    }
    if (items.empty()) return {};
    auto list = markup("<ul class=\"findings\">\n{}</ul>\n", items);
    if (count > most_findings)
        list += markup("<p>{} more findings of this check are in {}.</p>\n", count - most_findings,
                       where_the_rest_is(run));
    return list;
}

Markup check_article(const ScenarioRun& run, const Check& check, std::size_t number,
                     const std::vector<NumberedFinding>& findings, const Place& place) {
    const auto list = findings_of(run, check, findings, place);
    Markup facts;
    facts += fact("Why it matters", paragraphs(check.why));
    facts += fact("What was seen", paragraphs(check.seen));
    if (check.verdict != Verdict::pass) facts += fact("What would make it pass", paragraphs(check.remedy));
    if (list.empty())
        facts += fact(check.verdict == Verdict::pass ? "What it rests on" : "Evidence",
                      evidence_list(run, check.evidence));
    if (!check.requirements.empty())
        facts += fact("Requirements", shortened(join(check.requirements, ", "), 200));
    return markup(
        "<article class=\"check {0}\">\n<h{1} id=\"{2}check-{3}\">{4} {5}</h{1}>\n<p class=\"muted "
        "mono\">{6}</p>\n<dl class=\"reasons\">\n{7}</dl>\n{8}</article>\n",
        css_class(check.verdict), place.heading + 1, place.prefix, number, badge(check.verdict),
        foreign(check.title.empty() ? check.check : check.title, 400), foreign(check.check, 120), facts,
        list);
}

}  // namespace

Markup findings_section(const ScenarioRun& run, const Place& place) {
    if (run.checks.empty()) return {};
    Markup section = heading(place.heading, place.prefix + "findings", "Findings and evidence");
    const auto findings = numbered_findings(run);
    section +=
        markup("<p class=\"lead\">{}</p>\n",
               findings.empty() ? "Nothing was found that speaks against the unit. What each check rests on:"
               : run.foreign    ? "Frames are those of the recording, counted from 1."
                             : "The numbers are those of the pins in the timeline picture. Files and frames "
                               "are those of the evidence directory.");
    const auto checks = by_gravity(run);
    for (std::size_t i = 0; i < checks.size(); ++i)
        section += check_article(run, *checks[i], i + 1, findings, place);
    return section;
}

}  // namespace cambench::reports
