// Whom the camera talked to, undeclared first.
#include <algorithm>

#include "reports/html/parts.hpp"

namespace cambench::reports {
namespace {

constexpr std::size_t most_rows = 1000;

int rank(const Destination& destination) {
    if (destination.declared == false) return 0;
    if (!destination.declared) return destination.resolution == "lan" ? 3 : 1;
    return destination.resolution == "lan" ? 4 : 2;
}

Markup declared_mark(std::optional<bool> declared) {
    if (!declared) return Markup::trusted(R"(<span class="mark">? not judged</span>)");
    return Markup::trusted(*declared ? R"(<span class="mark pass">&#10003; declared</span>)"
                                     : R"(<span class="mark fail">&#10007; not declared</span>)");
}

std::string_view how_known(const std::string& resolution) {
    if (resolution == "dns") return "name look-up (DNS)";
    if (resolution == "sni") return "name in TLS (SNI)";
    if (resolution == "host") return "name in HTTP (Host)";
    if (resolution == "literal") return "literal address, never looked up";
    if (resolution == "lan") return "local network";
    return resolution;
}

bool is_plain_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Names it gives itself that no look-up gave it: worth a doubt, not a proof.
Markup claimed_names(const Destination& destination) {
    constexpr std::size_t most = 3;
    Markup names;
    for (std::size_t i = 0; i < std::min(most, destination.claims.size()); ++i)
        names += markup("<div class=\"note\">addressed as {}</div>", breakable(destination.claims[i], 120));
    if (destination.claims.size() > most)
        names += markup("<div class=\"note\">and {} more names</div>", destination.claims.size() - most);
    return names;
}

Markup what_it_was_sent(const ScenarioRun& run, const Destination& destination) {
    constexpr std::size_t most = 4;
    const auto shown = std::min(most, destination.deliveries.size());
    Markup text;
    for (std::size_t i = 0; i < shown; ++i) {
        const auto& one = destination.deliveries[i];
        const auto times = one.times > 1 ? fmt::format("{} times ", one.times) : std::string();
        text += markup("<div class=\"muted\">was sent {}{}{}</div>", times, foreign(one.what, 60),
                       one.bytes > 0 ? fmt::format(" ({})", describe_bytes(one.bytes)) : "");
    }
    if (const auto more = destination.deliveries.size() - shown + destination.unlisted; more > 0)
        text += markup("<div class=\"muted\">and {} more, in {}</div>", more, where_the_rest_is(run));
    return text;
}

Markup whom(const ScenarioRun& run, const Destination& destination) {
    const bool named = !destination.name.empty();
    auto text = markup("<strong>{}</strong>", breakable(named ? destination.name : destination.address, 160));
    if (named) text += markup("<div class=\"muted mono\">{}</div>", breakable(destination.address, 120));
    text += markup("<div class=\"muted\">{}</div>", foreign(how_known(destination.resolution), 60));
    if (!destination.place.empty())
        text += markup("<div class=\"muted\">{}</div>", foreign(destination.place, 120));
    if (!is_plain_ascii(destination.name))
        text += Markup::trusted(
            "<div class=\"note\">contains letters beyond a to z, which can imitate others</div>");
    text += claimed_names(destination);
    text += what_it_was_sent(run, destination);
    return text;
}

/// "use-camera" of "<use-camera by="web"/>": the whole step would fill the column.
std::string_view name_of_step(std::string_view step) {
    if (step.starts_with('<')) step.remove_prefix(1);
    return step.substr(0, step.find_first_of(" />"));
}

Markup when(const ScenarioRun& run, const Destination& destination) {
    const auto first = run_seconds(run, destination.first_seen),
               last = run_seconds(run, destination.last_seen);
    Markup text =
        first ? markup("{}&ndash;{} s", tenths(*first), tenths(last.value_or(*first))) : missing("unknown");
    if (!destination.first_step.empty() && destination.first_step_age)
        text += markup("<div class=\"muted\">{} s after {}</div>", tenths(*destination.first_step_age),
                       foreign(name_of_step(destination.first_step), 48));
    if (destination.first_frame)
        text += markup("<div class=\"muted\">frame {}</div>", *destination.first_frame);
    return text;
}

Markup attempts(const Destination& destination) {
    if (destination.failed == 0) return markup("{}", destination.attempts);
    return markup("{}<div class=\"muted\">{} failed</div>", destination.attempts, destination.failed);
}

/// The protocol, and how the camera took the certificates it was shown inside it.
Markup spoken(const Destination& destination) {
    Markup text =
        destination.protocol.empty() ? Markup() : markup("<div>{}</div>", foreign(destination.protocol, 40));
    for (const auto& one : destination.certificates) {
        if (one.taken)
            text += markup("<div class=\"note\">took the bench's certificate{}</div>",
                           one.version.empty() ? Markup() : markup(" ({})", foreign(one.version, 20)));
        else
            text += markup("<div class=\"muted\">bench's certificate not taken: {}</div>",
                           foreign(one.alert.empty() ? one.outcome : one.alert, 60));
    }
    return text;
}

Markup port_and_protocol(const Destination& destination) {
    auto text = destination.port == 0 ? foreign(destination.transport, 12)
                                      : markup("<span class=\"port\">{}/{}</span>", destination.port,
                                               foreign(destination.transport, 12));
    text += spoken(destination);
    return text;
}

Markup cell(std::string_view label, const Markup& content, std::string_view css = "") {
    return markup("<td role=\"cell\" class=\"{}\" data-label=\"{}\">{}</td>", css, label, content);
}

Markup row_of(const ScenarioRun& run, const Destination& destination) {
    Markup row = cell("Declared", declared_mark(destination.declared));
    row += cell("Destination", whom(run, destination));
    row += cell("Port and protocol", port_and_protocol(destination));
    row += cell("Purpose",
                destination.purpose.empty() ? missing("none stated") : foreign(destination.purpose, 80));
    row += cell("Attempts", attempts(destination), "number");
    row += cell("Sent", markup("{}", describe_bytes(destination.bytes_out)), "number");
    row += cell("Received", markup("{}", describe_bytes(destination.bytes_in)), "number");
    row += cell("First to last seen", when(run, destination), "number");
    return markup("<tr role=\"row\" class=\"{}\">{}</tr>\n",
                  destination.declared == false ? "undeclared" : "", row);
}

Markup header_row() {
    Markup cells;
    for (const auto* name : {"Declared", "Destination", "Port and protocol", "Purpose"})
        cells += markup("<th role=\"columnheader\" scope=\"col\">{}</th>", name);
    for (const auto* name : {"Attempts", "Sent", "Received", "First to last seen"})
        cells += markup("<th role=\"columnheader\" scope=\"col\" class=\"number\">{}</th>", name);
    return markup("<thead role=\"rowgroup\"><tr role=\"row\">{}</tr></thead>\n", cells);
}

std::string summary(const ScenarioRun& run) {
    const auto count = [&](std::optional<bool> declared) {
        return std::count_if(run.destinations.begin(), run.destinations.end(),
                             [&](const auto& d) { return d.declared == declared; });
    };
    const auto undeclared = count(false), unjudged = count(std::nullopt);
    auto text = fmt::format("The unit contacted, or tried to contact, {} destination{}. ",
                            run.destinations.size(), run.destinations.size() == 1 ? "" : "s");
    if (undeclared > 0)
        text += fmt::format("{} of them {} not declared. ", undeclared, undeclared == 1 ? "is" : "are");
    else if (unjudged == 0)
        text += "All of them are declared or belong to the local network. ";
    if (unjudged > 0) text += fmt::format("{} could not be compared with a declaration. ", unjudged);
    return text + "A failed attempt counts as an attempt. Times are seconds since the run began.";
}

}  // namespace

Markup destinations_section(const ScenarioRun& run, const Place& place) {
    Markup section = heading(place.heading, place.prefix + "destinations", "Whom it talked to");
    if (run.destinations.empty()) {
        section += markup("<p>{}</p>\n", run.finished ? "No destination was seen."
                                                      : "The run ended before the destinations were worked "
                                                        "out; the capture holds what was recorded.");
        return section;
    }
    std::vector<const Destination*> ordered;
    for (const auto& destination : run.destinations) ordered.push_back(&destination);
    std::stable_sort(ordered.begin(), ordered.end(),
                     [](const auto* a, const auto* b) { return rank(*a) < rank(*b); });
    const auto shown = std::min(most_rows, ordered.size());
    Markup rows;
    for (std::size_t i = 0; i < shown; ++i) rows += row_of(run, *ordered[i]);
    section += markup("<p class=\"lead\">{}</p>\n", summary(run));
    section += markup(
        "<table role=\"table\" class=\"destinations\">{}<tbody role=\"rowgroup\">\n{}</tbody></table>\n",
        header_row(), rows);
    if (shown < ordered.size())
        section += markup("<p>{} more destinations are in {}.</p>\n", ordered.size() - shown,
                          where_the_rest_is(run));
    return section;
}

}  // namespace cambench::reports
