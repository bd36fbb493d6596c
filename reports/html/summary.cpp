// The sections at the top of a scenario: verdict, warnings, facts at a glance, the checks in one line each,
// the unit.
#include <algorithm>

#include "harness/core/text.hpp"
#include "reports/html/parts.hpp"

namespace cambench::reports {
namespace {

std::string join_all(const std::vector<std::string>& parts) { return join(parts, ", "); }

std::string product(const ScenarioRun& run) {
    if (run.declaration) {
        const auto both = run.declaration->vendor + " " + run.declaration->model;
        return std::string(trim(both));
    }
    const auto model = run.camera.identity.find("model");
    return model == run.camera.identity.end() ? std::string() : model->second;
}

Markup foreign_list(const std::vector<std::string>& texts) {
    Markup list;
    for (const auto& text : texts)
        list += markup("{}{}", Markup::trusted(list.empty() ? "" : ", "), foreign(text));
    return list;
}

Markup identity_rows(const ScenarioRun& run) {
    static const std::vector<std::pair<std::string, std::string>> known{{"soc", "Processor (SoC)"},
                                                                        {"firmware", "Firmware"},
                                                                        {"serial", "Serial number"},
                                                                        {"model", "Model"},
                                                                        {"network", "Network settings"},
                                                                        {"mac", "MAC (boot log)"},
                                                                        {"hostname", "Host name (boot log)"},
                                                                        {"bootloader", "Boot loader"},
                                                                        {"kernel", "Kernel"}};
    Markup rows;
    for (const auto& [key, term] : known)
        if (const auto found = run.camera.identity.find(key); found != run.camera.identity.end())
            rows += fact(term, found->second);
    for (const auto& [key, value] : run.camera.identity)
        if (std::none_of(known.begin(), known.end(),
                         [&name = key](const auto& pair) { return pair.first == name; }))
            rows += fact(shortened(key, 60), value);
    return rows;
}

Markup check_row(const Check& check, std::size_t number, const Place& place) {
    const auto requirements =
        check.requirements.empty() ? missing("none") : foreign(join_all(check.requirements), 80);
    return markup(
        "<tr><td>{}</td><td><a href=\"#{}check-{}\">{}</a><div class=\"muted "
        "mono\">{}</div></td><td>{}</td></tr>\n",
        badge(check.verdict), place.prefix, number, foreign(check.title.empty() ? check.check : check.title),
        foreign(check.check, 80), requirements);
}

}  // namespace

Markup verdict_banner(Verdict verdict, std::string_view reason, std::string_view consequence) {
    const auto sentence =
        reason.empty() ? Markup() : markup("<p class=\"reason\">{}</p>\n", foreign(reason, 600));
    return markup(
        "<div class=\"banner {}\">\n{}\n<div><p class=\"verdict\"><span class=\"visually-hidden\">Verdict: "
        "</span>{}</p>\n{}<p class=\"meaning\">{}</p></div>\n</div>\n",
        css_class(verdict), icon(verdict), to_string(verdict), sentence, consequence);
}

Markup warnings_box(const std::vector<std::string>& warnings) {
    if (warnings.empty()) return {};
    constexpr std::size_t most = 20;
    Markup list;
    for (std::size_t i = 0; i < std::min(most, warnings.size()); ++i)
        list += markup("<li>{}</li>\n", foreign(warnings[i]));
    if (warnings.size() > most) list += markup("<li>and {} more</li>\n", warnings.size() - most);
    return markup(
        "<div class=\"warnings\"><p><strong>About the evidence itself</strong></p><ul>\n{}</ul></div>\n",
        list);
}

Markup facts_at_a_glance(const ScenarioRun& run) {
    std::vector<Verdict> verdicts;
    for (const auto& check : run.checks) verdicts.push_back(check.verdict);
    Markup facts = fact("Product", shortened(product(run), 120));
    const auto told = run.camera.identity.find("serial");
    const auto serial = told == run.camera.identity.end() ? run.unit : told->second;
    facts += fact("Serial number", shortened(serial, 80));
    if (!run.unit.empty() && run.unit != serial)
        facts += fact("Serial number stated for the run", shortened(run.unit, 80));
    facts += fact("Slot", shortened(run.slot, 80));
    facts += run.foreign ? fact("Recording", run.directory.string())
                         : fact("Scenario", run.title.empty() ? run.id : run.title);
    facts += fact("Started", describe_moment(run.started));
    if (run.foreign) {
        facts += fact("Recorded for", describe_seconds(run.duration));
    } else {
        facts += fact("Powered for", describe_seconds(run.powered));
        facts += fact("Observed for", describe_seconds(run.observed));
    }
    facts += fact("Checks", count_checks(verdicts));
    return markup("<dl class=\"facts\">\n{}</dl>\n", facts);
}

Markup suite_facts(const FinishedRun& run) {
    constexpr std::size_t most_units = 4;
    std::vector<Verdict> verdicts;
    std::vector<std::string> products, serials;
    const auto add = [](std::vector<std::string>& list, const std::string& text) {
        if (!text.empty() && std::find(list.begin(), list.end(), text) == list.end())
            list.push_back(shortened(text, 80));
    };
    for (const auto& part : run.scenarios) {
        verdicts.push_back(part.verdict);
        add(products, product(part));
        if (const auto serial = part.camera.identity.find("serial"); serial != part.camera.identity.end())
            add(serials, serial->second);
        add(serials, part.unit);
    }
    for (auto* list : {&products, &serials})
        if (list->size() > most_units) {
            const auto more = list->size() - most_units;
            list->resize(most_units);
            list->push_back(fmt::format("and {} more", more));
        }
    Markup facts = fact("Product", foreign_list(products));
    facts += fact("Serial number", foreign_list(serials));
    facts += fact("Scenarios", count_checks(verdicts));
    facts += fact("Run", shortened(run.id, 80));
    facts += fact("Started",
                  run.scenarios.empty() ? std::string() : describe_moment(run.scenarios.front().started));
    return markup("<dl class=\"facts\">\n{}</dl>\n", facts);
}

Markup checks_section(const ScenarioRun& run, const Place& place) {
    Markup section = heading(place.heading, place.prefix + "checks", "What was judged");
    if (!run.why.empty()) section += markup("<p class=\"lead\">{}</p>\n", foreign(run.why, 1000));
    if (run.checks.empty()) {
        section += markup("<p>{}</p>\n", run.finished ? "No check was made."
                                                      : "The run ended before anything could be judged.");
        return section;
    }
    Markup rows;
    const auto checks = by_gravity(run);
    for (std::size_t i = 0; i < checks.size(); ++i) rows += check_row(*checks[i], i + 1, place);
    section += markup(
        "<table class=\"checks\"><thead><tr><th scope=\"col\">Verdict</th><th scope=\"col\">Check</th><th "
        "scope=\"col\">Requirements</th></tr></thead>\n<tbody>\n{}</tbody></table>\n",
        rows);
    return section;
}

Markup unit_section(const ScenarioRun& run, const Place& place) {
    Markup declared;
    if (run.declaration) {
        declared += fact("Vendor", run.declaration->vendor);
        declared += fact("Model", run.declaration->model);
        declared += fact("Stated in", run.declaration->file);
    } else if (!run.finished) {
        declared += fact("Declaration", missing("not read: the run ended before it was judged"));
    } else {
        declared += fact("Declaration", missing("none was given: nobody stated what this unit may do, so its "
                                                "destinations could not be compared with anything"));
    }
    Markup seen = identity_rows(run);
    seen += fact("MAC address", run.camera.mac);
    seen += fact("Addresses", shortened(join_all(run.camera.addresses), 600));
    seen += fact("Host name", run.camera.hostname);
    seen += fact("DHCP vendor class", run.camera.vendor_class);
    if (seen.empty()) seen += fact("Identity", missing("nothing that identifies the unit was seen"));
    seen += fact("Emulated persona", run.persona);
    Markup section = heading(place.heading, place.prefix + "unit", "The unit and its declaration");
    section += markup(
        "<div class=\"columns\"><div><h{0}>What the vendor declares</h{0}><dl "
        "class=\"pairs\">\n{1}</dl></div>\n<div><h{0}>What the bench saw</h{0}><dl "
        "class=\"pairs\">\n{2}</dl></div></div>\n",
        place.heading + 1, declared, seen);
    return section;
}

}  // namespace cambench::reports
