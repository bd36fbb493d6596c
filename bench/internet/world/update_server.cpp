#include <algorithm>

#include "bench/internet/world/personality.hpp"

namespace cambench::internet {

const markup::Element& update_element() {
    static const markup::Element list{
        .name = "list",
        .doc =
            "What the server says about the newest firmware; the text between the tags may hold "
            "${offer.model}, ${offer.version}, "
            "${offer.name}, ${offer.size}, ${offer.sha256}, ${offer.md5} and ${offer.expires}.",
        .attributes = {{.name = "path",
                        .kind = markup::Kind::text,
                        .doc = "Where it is asked for; '*' stands for any characters.",
                        .required = true},
                       {.name = "content-type",
                        .kind = markup::Kind::text,
                        .doc = "Its type.",
                        .fallback = "application/json"},
                       {.name = "signature-header",
                        .kind = markup::Kind::word,
                        .doc = "The field that carries the vendor's signature of it, in base64."}},
        .content = markup::Element::Content::text};
    static const markup::Element element{
        .name = "update",
        .doc =
            "A server of firmware. What it offers, <offer-update> in the steps decides; before that it has "
            "nothing.",
        .attributes = {{.name = "host",
                        .kind = markup::Kind::text,
                        .doc = "A name, an address, '*.vendor.example' or '*'.",
                        .fallback = "*"},
                       {.name = "package",
                        .kind = markup::Kind::text,
                        .doc = "The path of the package; '*' stands for any characters."},
                       {.name = "learned",
                        .kind = markup::Kind::path,
                        .doc = "What the vendor's own servers said, as 'cambench learn-update' made it of a "
                               "recording; in place "
                               "of everything else here."}},
        .children = {{&list, 0, 1}},
        .one_of = {{"package", "learned"}}};
    return element;
}

Result<UpdateServer> make_update_server(const markup::Node& node) {
    if (node.has("learned")) {
        if (node.has("package") || node.first("list") != nullptr || node.given("host"))
            return usage_error(
                markup::problem_at(node, "a learned server says what the recording has, and nothing else",
                                   "keep 'learned' alone")
                    .to_string());
        UpdateServer server;
        markup::Problems problems;
        TRY_ASSIGN(server.learned, load_learned_update(named_file(node, "learned"), problems));
        return server;
    }
    UpdateServer server{.host = node.text("host"), .package_path = node.text("package")};
    if (const auto* list = node.first("list")) {
        server.list_path = list->text("path");
        server.list = list->content();
        server.content_type = list->text("content-type");
        server.signature_header = list->text("signature-header");
    }
    return server;
}

std::vector<HttpRoute> routes_before_offers(const UpdateServer& server) {
    std::vector<HttpRoute> routes;
    if (!server.learned) return routes;
    const auto now = std::chrono::time_point_cast<Nanoseconds>(std::chrono::system_clock::now());
    for (const auto& exchange : server.learned->exchanges) {
        HttpRoute route{.host = exchange.host, .path = exchange.path, .method = exchange.method};
        HttpAnswer answer{.status = 404, .headers = {}, .body = {}, .literal = true};
        if (exchange.role == UpdateExchange::Role::other) {
            answer.status = exchange.status;
            answer.body = fill_in(exchange.answer, {}, now);
            for (const auto& [name, value] : exchange.headers)
                answer.headers.emplace_back(name, fill_in(value, {}, now));
        }
        route.answers.push_back(std::move(answer));
        routes.push_back(std::move(route));
    }
    // Of routes for one path the last one counts: that nothing is to be had goes before anything said on the
    // side.
    std::stable_partition(routes.begin(), routes.end(),
                          [](const HttpRoute& route) { return route.answers.front().status != 404; });
    return routes;
}

}  // namespace cambench::internet
