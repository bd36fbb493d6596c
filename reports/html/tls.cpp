// What the camera made of the certificates its servers showed: a row for each certificate, a column for each
// server.
#include <algorithm>
#include <span>

#include "reports/html/parts.hpp"

namespace cambench::reports {
namespace {

constexpr std::size_t most_servers = 200, servers_side_by_side = 4;

/// "not-yet-valid" as people write it.
std::string plain_words(std::string text) {
    std::replace(text.begin(), text.end(), '-', ' ');
    return text;
}

bool must_be_refused(const TlsCertificate& one) { return one.certificate != "given-authority"; }

Markup stance_mark(const std::string& stance) {
    if (stance == "takes-any")
        return Markup::trusted(R"(<span class="mark fail">&#10007; takes any certificate</span>)");
    if (stance == "takes-some")
        return Markup::trusted(R"(<span class="mark fail">&#10007; takes what it must refuse</span>)");
    if (stance == "verifies") return Markup::trusted(R"(<span class="mark pass">&#10003; verifies</span>)");
    if (stance == "refuses-all")
        return Markup::trusted(R"(<span class="mark pass">&#10003; refuses all shown</span>)");
    return Markup::trusted(R"(<span class="mark">? too little seen</span>)");
}

Markup result_mark(const TlsCertificate& one) {
    if (one.result == "accepted")
        return Markup::trusted(must_be_refused(one) ? R"(<span class="mark fail">&#10007; gave data</span>)"
                                                    : R"(<span class="mark pass">&#10003; gave data</span>)");
    if (one.result == "refused")
        return Markup::trusted(must_be_refused(one) ? R"(<span class="mark pass">&#10003; refused</span>)"
                                                    : R"(<span class="mark">&#10007; refused</span>)");
    if (one.result == "finished")
        return Markup::trusted(R"(<span class="mark">? left without a word</span>)");
    if (one.result == "unclear") return Markup::trusted(R"(<span class="mark">? unclear</span>)");
    return missing("not shown");
}

Markup certificate_mark(const TlsCertificate& one) {
    auto mark = result_mark(one);
    if (!one.alert.empty())
        mark += markup("<div class=\"muted\">{}</div>", foreign(one.alert, 40));
    else if (one.outcome == "closed" || one.outcome == "reset")
        mark += markup("<div class=\"muted\">connection {}</div>", one.outcome);
    else if (one.outcome == "not-offered")
        mark += markup("<div class=\"muted\">not offered</div>");
    if (!one.version.empty()) mark += markup("<div class=\"muted\">{}</div>", foreign(one.version, 16));
    if (one.attempts > 1) mark += markup("<div class=\"muted\">{} attempts</div>", one.attempts);
    return mark;
}

Markup stance_and_notes(const TlsServer& server) {
    auto text = stance_mark(server.stance);
    if (server.gave_way)
        text += markup("<div class=\"note\">gave way: took what it had refused before</div>");
    if (server.silent_for)
        text += markup("<div class=\"note\">gave up {} before the end</div>",
                       describe_seconds(server.silent_for));
    for (const auto& fallback : server.fallbacks)
        text += markup("<div class=\"note\">after failures {}</div>", foreign(fallback, 160));
    return text;
}

Markup server_cell(const TlsServer& server, const Markup& content) {
    return markup("<td role=\"cell\" data-label=\"{}\">{}</td>", shortened(server.server, 60), content);
}

Markup tls_row(std::string_view label, const Markup& cells) {
    return markup(
        "<tr role=\"row\"><td role=\"cell\" data-label=\"Certificate\"><strong>{}</strong></td>{}</tr>\n",
        label, cells);
}

/// Every server shows the same certificates in the same order.
Markup tls_table(std::span<const TlsServer> servers) {
    auto head = markup("<th role=\"columnheader\" scope=\"col\">Certificate</th>");
    Markup all_in_all, rows;
    for (const auto& server : servers) {
        head += markup("<th role=\"columnheader\" scope=\"col\">{}<div class=\"muted mono\">{}</div></th>",
                       foreign(server.server, 160), foreign(server.address, 60));
        all_in_all += server_cell(server, stance_and_notes(server));
    }
    for (std::size_t i = 0; i < servers.front().certificates.size(); ++i) {
        Markup cells;
        for (const auto& server : servers)
            cells += server_cell(
                server, i < server.certificates.size() ? certificate_mark(server.certificates[i]) : Markup());
        rows += tls_row(plain_words(servers.front().certificates[i].certificate), cells);
    }
    return markup(
        "<table role=\"table\" class=\"destinations\"><thead role=\"rowgroup\"><tr "
        "role=\"row\">{}</tr></thead>\n<tbody role=\"rowgroup\">\n{}{}</tbody></table>\n",
        head, tls_row("all in all", all_in_all), rows);
}

}  // namespace

Markup tls_section(const ScenarioRun& run, const Place& place) {
    if (!run.tls) return {};
    auto section = heading(place.heading, place.prefix + "tls", "Which certificates it took");
    if (run.tls->servers.empty()) {
        section += markup("<p>Its TLS was to be put to the test, but it tried no server over TLS.</p>\n");
        return section;
    }
    section += markup(
        "<p class=\"lead\">Each server showed one certificate after the other, each with one defect. Only "
        "data counts as taken: a handshake alone does not. {}</p>\n",
        run.tls->authority_given ? "But for the unknown authority's and the self-signed one they came from "
                                   "an authority the unit was given for the tests."
                                 : "No authority that the unit trusts was given for the tests, so each "
                                   "certificate was from an unknown one besides.");
    const std::span<const TlsServer> servers(run.tls->servers);
    const auto shown = std::min(most_servers, servers.size());
    for (std::size_t i = 0; i < shown; i += servers_side_by_side)
        section += tls_table(servers.subspan(i, std::min(servers_side_by_side, shown - i)));
    if (shown < run.tls->servers.size())
        section += markup("<p>{} more servers are in {}.</p>\n", run.tls->servers.size() - shown,
                          where_the_rest_is(run));
    return section;
}

}  // namespace cambench::reports
