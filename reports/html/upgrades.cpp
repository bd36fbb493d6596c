// What became of the firmware that was offered: a row for each offer, a column for each witness.
#include <algorithm>
#include <map>
#include <set>
#include <span>

#include "reports/html/parts.hpp"

namespace cambench::reports {
namespace {

constexpr std::size_t most_upgrades = 500;

Markup upgrade_cell(std::string_view label, const Markup& content) {
    return markup("<td role=\"cell\" data-label=\"{}\">{}</td>", label, content);
}

Markup witness(const std::optional<double>& time) {
    return time ? markup("{}", describe_seconds(time)) : missing("no");
}

Markup upgrade_outcome(const Upgrade& upgrade) {
    if (upgrade.cut && upgrade.taken && upgrade.installed_is_hint)
        return Markup::trusted(R"(<span class="mark">? started, perhaps cut short</span>)");
    if (upgrade.cut)
        return upgrade.taken
                   ? Markup::trusted(R"(<span class="mark fail">&#10007; started though cut short</span>)")
                   : Markup::trusted(R"(<span class="mark">power cut</span>)");
    if (upgrade.genuine)
        return upgrade.taken ? Markup::trusted(R"(<span class="mark pass">&#10003; taken</span>)")
                             : Markup::trusted(R"(<span class="mark">? not taken</span>)");
    if (upgrade.taken) return Markup::trusted(R"(<span class="mark fail">&#10007; taken</span>)");
    if (upgrade.installed && upgrade.fetched && upgrade.installed_is_hint)
        return Markup::trusted(R"(<span class="mark">? perhaps written</span>)");
    if (upgrade.installed && upgrade.fetched)
        return Markup::trusted(R"(<span class="mark fail">&#10007; written</span>)");
    return upgrade.offered || upgrade.fetched
               ? Markup::trusted(R"(<span class="mark pass">&#10003; refused</span>)")
               : Markup::trusted(R"(<span class="mark">? never asked</span>)");
}

Markup upgrade_row(const Upgrade& upgrade) {
    auto name = markup("<strong>{}</strong><div class=\"muted\">{}</div>", foreign(upgrade.offer, 40),
                       foreign(upgrade.version, 40));
    if (!upgrade.objection.empty())
        name += markup("<div class=\"note\">{}</div>", foreign(upgrade.objection, 120));
    auto fetched = witness(upgrade.fetched);
    if (upgrade.bytes > 0)
        fetched += markup("<div class=\"muted\">{} of {} bytes</div>", upgrade.bytes, upgrade.of);
    auto installed = witness(upgrade.installed);
    if (upgrade.installed && upgrade.installed_is_hint)
        installed += Markup::trusted("<div class=\"muted\">perhaps</div>");
    auto booted = witness(upgrade.booted);
    booted += markup("<div class=\"muted\">{}</div>", foreign(upgrade.after, 40));
    return markup("<tr role=\"row\">{}{}{}{}{}{}</tr>\n", upgrade_cell("Offer", name),
                  upgrade_cell("Offered", witness(upgrade.offered)), upgrade_cell("Fetched", fetched),
                  upgrade_cell("Installed", installed), upgrade_cell("Booted", booted),
                  upgrade_cell("Outcome", upgrade_outcome(upgrade)));
}

/// What a row of the matrix stands for: the offer and the occasion that changes what is right.
std::string occasion_of(const Upgrade& upgrade) {
    std::string text = upgrade.offer;
    if (!upgrade.objection.empty()) text += ", though " + upgrade.objection;
    if (upgrade.cut) text += ", with a power cut";
    return text;
}

/// Whether units of one model shared the scenarios: several slots, and no scenario ran on two of them.
bool is_shared(const FinishedRun& run) {
    std::set<std::string> ids, slots;
    for (const auto& scenario : run.scenarios) ids.insert(scenario.id), slots.insert(scenario.slot);
    return slots.size() > 1 && ids.size() == run.scenarios.size();
}

/// Offers down, units across; a cell has the outcomes there, each with a way to its scenario.
struct Matrix {
    bool shared = false;
    std::vector<std::string> offers, units;
    std::map<std::pair<std::string, std::string>, Markup> cells;

    /// A column: the slot, and the persona of an emulated unit; all slots of a model have one.
    std::string unit_of(const ScenarioRun& run) const {
        const std::string place = shared ? "units of one model" : run.slot;
        return run.persona.empty() ? place : place + " (" + run.persona + ")";
    }

    void add(const ScenarioRun& run, std::size_t number) {
        for (const auto& upgrade : run.upgrades) {
            const auto offer = occasion_of(upgrade), unit = unit_of(run);
            if (std::find(offers.begin(), offers.end(), offer) == offers.end()) offers.push_back(offer);
            if (std::find(units.begin(), units.end(), unit) == units.end()) units.push_back(unit);
            cells[{offer, unit}] +=
                markup("<div><a href=\"#s{}\">{}</a></div>", number, upgrade_outcome(upgrade));
        }
    }
};

Markup contact_row(const UpdateContact& contact) {
    auto whom = markup("<strong>{}</strong><div class=\"muted mono\">{}</div>", foreign(contact.server, 120),
                       foreign(contact.request, 160));
    if (contact.times > 1) whom += markup("<div class=\"muted\">{} such requests</div>", contact.times);
    Markup why;
    for (const auto& ground : contact.grounds) why += markup("<div>{}</div>", foreign(ground, 200));
    auto came = contact.image.empty() ? missing("nothing that is firmware")
                                      : markup("{}<div class=\"muted\">{}</div>", foreign(contact.image, 60),
                                               describe_bytes(contact.image_bytes));
    if (contact.offered) came += markup("<div class=\"note\">offered by the bench</div>");
    auto when = witness(contact.time);
    if (contact.frame) when += markup("<div class=\"muted\">frame {}</div>", *contact.frame);
    return markup("<tr role=\"row\">{}{}{}{}{}</tr>\n", upgrade_cell("Server", whom),
                  upgrade_cell("Why it is thought so", why), upgrade_cell("Came", came),
                  upgrade_cell("On the way", Markup::trusted(contact.encrypted ? "inside TLS" : "in clear")),
                  upgrade_cell("First seen", when));
}

/// An observation; whether it is right, the checks say.
Markup contacts_part(const ScenarioRun& run, const Place& place) {
    if (run.update_contacts.empty()) return {};
    auto part = heading(place.heading, place.prefix + "updates", "Whom it asks for firmware");
    part += markup(
        "<p class=\"lead\">Told by the shape of its requests and of what came back. Asking is no fault; what "
        "is asked in clear, anybody on the way can answer.</p>\n");
    Markup head, rows;
    for (const auto* title : {"Server", "Why it is thought so", "Came", "On the way", "First seen"})
        head += markup("<th role=\"columnheader\" scope=\"col\">{}</th>", title);
    for (const auto& contact :
         std::span(run.update_contacts).first(std::min(most_upgrades, run.update_contacts.size())))
        rows += contact_row(contact);
    part += markup(
        "<table role=\"table\" class=\"destinations\"><thead role=\"rowgroup\"><tr "
        "role=\"row\">{}</tr></thead>\n<tbody role=\"rowgroup\">\n{}</tbody></table>\n",
        head, rows);
    return part;
}

}  // namespace

Markup upgrade_matrix(const FinishedRun& run) {
    Matrix matrix{is_shared(run), {}, {}, {}};
    for (std::size_t i = 0; i < run.scenarios.size(); ++i) matrix.add(run.scenarios[i], i + 1);
    if (matrix.offers.size() < 2) return {};
    const auto rows_shown = std::min(most_upgrades, matrix.offers.size());
    Markup head = markup("<th role=\"columnheader\" scope=\"col\">Offer</th>"), rows;
    for (const auto& unit : matrix.units)
        head += markup("<th role=\"columnheader\" scope=\"col\">{}</th>", foreign(unit, 60));
    for (const auto& offer : std::span(matrix.offers).first(rows_shown)) {
        auto row = upgrade_cell("Offer", markup("<strong>{}</strong>", foreign(offer, 120)));
        for (const auto& unit : matrix.units) {
            const auto cell = matrix.cells.find({offer, unit});
            row += upgrade_cell(shortened(unit, 60),
                                cell == matrix.cells.end() ? missing("not offered") : cell->second);
        }
        rows += markup("<tr role=\"row\">{}</tr>\n", row);
    }
    auto section = heading(2, "firmware-matrix", "Which firmware was taken");
    section += markup(
        "<p class=\"lead\">Every offer and what each unit made of it. What is genuine has to be taken, "
        "everything else refused.</p>\n"
        "<table role=\"table\" class=\"suite matrix\"><thead role=\"rowgroup\"><tr "
        "role=\"row\">{}</tr></thead>\n<tbody role=\"rowgroup\">\n{}</tbody></table>\n",
        head, rows);
    if (rows_shown < matrix.offers.size())
        section +=
            markup("<p>{} more offers are in the scenarios below.</p>\n", matrix.offers.size() - rows_shown);
    return markup("<section>\n{}</section>\n", section);
}

Markup upgrades_section(const ScenarioRun& run, const Place& place) {
    if (run.upgrades.empty()) return contacts_part(run, place);
    auto section = heading(place.heading, place.prefix + "firmware", "Which firmware it took");
    section += markup(
        "<p class=\"lead\">Each offer with its four witnesses: the server that was asked, the bytes on their "
        "way, the console that tells of the writing, the version that "
        "started. What is genuine has to be taken, everything else refused.</p>\n");
    Markup head, rows;
    for (const auto* title : {"Offer", "Offered", "Fetched", "Installed", "Booted", "Outcome"})
        head += markup("<th role=\"columnheader\" scope=\"col\">{}</th>", title);
    const auto shown = std::min(most_upgrades, run.upgrades.size());
    for (const auto& upgrade : std::span(run.upgrades).first(shown)) rows += upgrade_row(upgrade);
    section += markup(
        "<table role=\"table\" class=\"destinations\"><thead role=\"rowgroup\"><tr "
        "role=\"row\">{}</tr></thead>\n<tbody role=\"rowgroup\">\n{}</tbody></table>\n",
        head, rows);
    if (shown < run.upgrades.size())
        section +=
            markup("<p>{} more offers are in {}.</p>\n", run.upgrades.size() - shown, where_the_rest_is(run));
    section += contacts_part(run, place);
    return section;
}

}  // namespace cambench::reports
