// What the camera made of the certificates its servers showed: a row for each server, a column for each certificate.
#include <algorithm>

#include "reports/html/parts.hpp"

namespace cambench::reports {
namespace {

constexpr std::size_t most_servers = 200;

/// "not-yet-valid" as people write it.
std::string plain_words(std::string text) {
    std::replace(text.begin(), text.end(), '-', ' ');
    return text;
}

bool must_be_refused(const TlsCertificate& one) { return one.certificate != "given-authority"; }

Markup stance_mark(const std::string& stance) {
    if (stance == "takes-any") return Markup::trusted(R"(<span class="mark fail">&#10007; takes any certificate</span>)");
    if (stance == "takes-some") return Markup::trusted(R"(<span class="mark fail">&#10007; takes what it must refuse</span>)");
    if (stance == "verifies") return Markup::trusted(R"(<span class="mark pass">&#10003; verifies</span>)");
    if (stance == "refuses-all") return Markup::trusted(R"(<span class="mark pass">&#10003; refuses all shown</span>)");
    return Markup::trusted(R"(<span class="mark">? too little seen</span>)");
}

Markup result_mark(const TlsCertificate& one) {
    if (one.result == "accepted")
        return Markup::trusted(must_be_refused(one) ? R"(<span class="mark fail">&#10007; gave data</span>)" : R"(<span class="mark pass">&#10003; gave data</span>)");
    if (one.result == "refused")
        return Markup::trusted(must_be_refused(one) ? R"(<span class="mark pass">&#10003; refused</span>)" : R"(<span class="mark">&#10007; refused</span>)");
    if (one.result == "finished") return Markup::trusted(R"(<span class="mark">? left without a word</span>)");
    if (one.result == "unclear") return Markup::trusted(R"(<span class="mark">? unclear</span>)");
    return missing("not shown");
}

Markup certificate_cell(const TlsCertificate& one) {
    auto cell = result_mark(one);
    if (!one.alert.empty()) cell += markup("<div class=\"muted\">{}</div>", foreign(one.alert, 40));
    else if (one.outcome == "closed" || one.outcome == "reset") cell += markup("<div class=\"muted\">connection {}</div>", one.outcome);
    else if (one.outcome == "not-offered") cell += markup("<div class=\"muted\">not offered</div>");
    if (!one.version.empty()) cell += markup("<div class=\"muted\">{}</div>", foreign(one.version, 16));
    if (one.attempts > 1) cell += markup("<div class=\"muted\">{} attempts</div>", one.attempts);
    return markup("<td role=\"cell\" data-label=\"{}\">{}</td>", plain_words(one.certificate), cell);
}

Markup server_cell(const TlsServer& server) {
    auto cell = markup("<strong>{}</strong><div class=\"muted mono\">{}</div>", foreign(server.server, 160), foreign(server.address, 60));
    if (server.gave_way) cell += markup("<div class=\"note\">gave way: took what it had refused before</div>");
    if (server.silent_for) cell += markup("<div class=\"note\">gave up {} before the end</div>", describe_seconds(server.silent_for));
    for (const auto& fallback : server.fallbacks) cell += markup("<div class=\"note\">after failures {}</div>", foreign(fallback, 160));
    return markup("<td role=\"cell\" data-label=\"Server\">{}</td>", cell);
}

Markup server_row(const TlsServer& server) {
    auto row = markup("<td role=\"cell\" data-label=\"All in all\">{}</td>", stance_mark(server.stance)) ;
    row += server_cell(server);
    for (const auto& one : server.certificates) row += certificate_cell(one);
    const bool bad = server.stance == "takes-any" || server.stance == "takes-some";
    return markup("<tr role=\"row\" class=\"{}\">{}</tr>\n", bad ? "undeclared" : "", row);
}

Markup certificates_row(const TlsServer& server) {
    Markup cells;
    for (const auto* name : {"All in all", "Server"}) cells += markup("<th role=\"columnheader\" scope=\"col\">{}</th>", name);
    for (const auto& one : server.certificates) cells += markup("<th role=\"columnheader\" scope=\"col\">{}</th>", plain_words(one.certificate));
    return markup("<thead role=\"rowgroup\"><tr role=\"row\">{}</tr></thead>\n", cells);
}

}  // namespace

Markup tls_section(const ScenarioRun& run, const Place& place) {
    if (!run.tls) return {};
    auto section = heading(place.heading, place.prefix + "tls", "Which certificates it took");
    if (run.tls->servers.empty()) {
        section += markup("<p>Its TLS was to be put to the test, but it tried no server over TLS.</p>\n");
        return section;
    }
    section += markup("<p class=\"lead\">Each server showed one certificate after the other, each with one defect. Only data counts as taken: a handshake alone does not. {}</p>\n",
                      run.tls->authority_given ? "But for the unknown authority's and the self-signed one they came from an authority the unit was given for the tests."
                                               : "No authority that the unit trusts was given for the tests, so each certificate was from an unknown one besides.");
    const auto shown = std::min(most_servers, run.tls->servers.size());
    Markup rows;
    for (std::size_t i = 0; i < shown; ++i) rows += server_row(run.tls->servers[i]);
    section += markup("<div class=\"scroll\"><table role=\"table\" class=\"destinations\">{}<tbody role=\"rowgroup\">\n{}</tbody></table></div>\n", certificates_row(run.tls->servers.front()), rows);
    if (shown < run.tls->servers.size()) section += markup("<p>{} more servers are in verdict.json.</p>\n", run.tls->servers.size() - shown);
    return section;
}

}  // namespace cambench::reports
