// What could not have been seen, how the run was made, and what the words mean.
#include <algorithm>

#include "harness/core/text.hpp"
#include "reports/html/parts.hpp"

namespace cambench::reports {
namespace {

constexpr std::size_t most_limits = 100;
constexpr std::size_t most_files = 60;

std::string_view describe(EvidenceFile::State state) {
    switch (state) {
        case EvidenceFile::State::stated:
            return "not read for this report; the hash is the manifest's word";
        case EvidenceFile::State::matches:
            return "read for this report, equals the manifest";
        case EvidenceFile::State::altered:
            return "ALTERED: differs from the manifest";
        case EvidenceFile::State::missing:
            return "MISSING: named in the manifest, taken away after the run";
        case EvidenceFile::State::unlisted:
            return "computed for this report; not in a manifest";
    }
    return "";
}

Markup files_table(const ScenarioRun& run) {
    if (run.files.empty()) return {};
    Markup rows;
    std::size_t payloads = 0, shown = 0;
    for (const auto& file : run.files) {
        const auto is_payload =
            file.path.starts_with("payloads/") &&
            (file.state == EvidenceFile::State::stated || file.state == EvidenceFile::State::matches);
        if (is_payload || shown >= most_files) {
            ++payloads;
            continue;
        }
        ++shown;
        rows += markup(
            "<tr><td class=\"mono\">{}</td><td class=\"mono hash\">{}</td><td class=\"{}\">{}</td></tr>\n",
            breakable(file.path, 160), foreign(file.sha256, 64),
            file.state == EvidenceFile::State::altered || file.state == EvidenceFile::State::missing
                ? "mark fail"
                : "",
            describe(file.state));
    }
    auto table = markup(
        "<table class=\"files\"><caption>Files of the evidence and inputs of the run</caption><thead><tr><th "
        "scope=\"col\">File</th><th scope=\"col\">SHA-256</th><th "
        "scope=\"col\">State</th></tr></thead>\n<tbody>\n{}</tbody></table>\n",
        rows);
    if (payloads > 0)
        table += markup(
            "<p class=\"caption\">{} more files (payloads the unit sent) are named in the manifest.</p>\n",
            payloads);
    return table;
}

Markup capture_fact(const ScenarioRun& run) {
    if (!run.capture) return {};
    return markup(
        "{}: {} frames, {}, {}", foreign(run.capture->file, 80), run.capture->frames,
        describe_bytes(run.capture->bytes),
        run.capture->dropped ? fmt::format("{} dropped", *run.capture->dropped) : "drops were not counted");
}

}  // namespace

Markup suite_limits(const FinishedRun& run) {
    constexpr std::size_t most = 12, most_named = 4;
    struct Limit {
        std::string text;
        std::vector<std::string> scenarios;
        std::size_t runs = 0;
    };
    std::vector<Limit> limits;
    for (const auto& part : run.scenarios)
        for (const auto& text : part.limits) {
            auto known = std::find_if(limits.begin(), limits.end(),
                                      [&](const Limit& one) { return one.text == text; });
            if (known == limits.end() && limits.size() > most) continue;
            if (known == limits.end()) known = limits.insert(limits.end(), {text, {}});
            ++known->runs;
            if (std::find(known->scenarios.begin(), known->scenarios.end(), part.id) ==
                known->scenarios.end())
                known->scenarios.push_back(part.id);
        }
    if (limits.empty()) return {};
    Markup items;
    for (std::size_t i = 0; i < std::min(most, limits.size()); ++i) {
        auto& where = limits[i].scenarios;
        const bool of_all = limits[i].runs == run.scenarios.size();
        const auto more = where.size() > most_named ? fmt::format(" and {} more", where.size() - most_named)
                                                    : std::string();
        where.resize(std::min(most_named, where.size()));
        items +=
            markup("<li>{}{}</li>\n", foreign(limits[i].text, 600),
                   of_all ? Markup() : markup(" <code>{}{}</code>", foreign(join(where, ", "), 200), more));
    }
    if (limits.size() > most) items += Markup::trusted("<li>more stand with each scenario below</li>\n");
    return markup("<section>\n{}<ul class=\"limits\">\n{}</ul></section>\n",
                  heading(2, "limits", "What could not have been seen"), items);
}

Markup limits_section(const ScenarioRun& run, const Place& place) {
    Markup section = heading(place.heading, place.prefix + "limits", "What could not have been seen");
    Markup items;
    for (std::size_t i = 0; i < std::min(most_limits, run.limits.size()); ++i)
        items += markup("<li>{}</li>\n", foreign(run.limits[i], 600));
    if (run.limits.size() > most_limits)
        items +=
            markup("<li>and {} more in {}</li>\n", run.limits.size() - most_limits, where_the_rest_is(run));
    if (!run.finished)
        items += Markup::trusted(
            "<li>the run did not finish: everything after its last recorded event was not seen</li>\n");
    if (run.timeline.torn)
        items +=
            Markup::trusted("<li>the last event of the timeline was cut off while it was written</li>\n");
    if (items.empty())
        items += Markup::trusted(
            "<li>the evidence states no limits; it covers this one unit for the time observed and nothing "
            "beyond</li>\n");
    section += markup("<ul class=\"limits\">\n{}</ul>\n", items);
    return section;
}

Markup provenance_section(const ScenarioRun& run, const Place& place) {
    Markup facts = fact("Tool", std::string(trim(run.tool + " " + run.tool_version)));
    facts += fact("Scenario", run.id);
    facts += fact("Requirements", shortened(join(run.requirements, ", "), 400));
    facts += fact("Run", run.run);
    facts += fact("Slot", run.slot);
    facts += fact("Unit", run.unit);
    facts += fact("Started", run.started);
    facts += fact("Duration", describe_seconds(run.duration));
    facts += fact("Capture", capture_fact(run));
    facts += fact("Evidence directory", run.directory.filename().string());
    if (!run.manifest_sha256.empty())
        facts += fact("SHA-256 of the manifest",
                      markup("<span class=\"mono hash\">{}</span>", run.manifest_sha256));
    Markup section = heading(place.heading, place.prefix + "provenance", "How it was run");
    section += markup("<dl class=\"pairs\">\n{}</dl>\n{}", facts, files_table(run));
    section += Markup::trusted(
        "<p class=\"caption\">The verdict follows from these files alone: <code>cambench verify</code> "
        "recomputes every hash, <code>cambench replay</code> judges the recordings again.</p>\n");
    return section;
}

Markup glossary_section() {
    Markup terms;
    for (const auto verdict : {Verdict::pass, Verdict::fail, Verdict::inconclusive, Verdict::error})
        terms += markup("<div><dt>{}</dt><dd>{}</dd></div>\n", badge(verdict), meaning(verdict));
    terms += fact("Declaration", markup("{}",
                                        "What the vendor states about the product: its parts, whom it "
                                        "contacts and why, which services it offers."));
    terms += fact("Declared", markup("{}",
                                     "The declaration names this destination with this port. That is the "
                                     "vendor's word, not a judgement of the destination."));
    terms += fact("Literal address", markup("{}",
                                            "An address that was contacted although no name look-up had "
                                            "given it: it is written into the unit."));
    terms += fact(
        "Finding",
        markup("{}",
               "One fact a check reports, with the place in the recordings where anyone can verify it."));
    return markup(
        "<section aria-labelledby=\"glossary\">\n{}<dl class=\"pairs glossary\">\n{}</dl></section>\n",
        heading(2, "glossary", "What the words mean"), terms);
}

}  // namespace cambench::reports
