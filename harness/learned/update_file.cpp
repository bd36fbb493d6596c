#include "harness/learned/update_file.hpp"

#include <fmt/format.h>

#include "harness/learned/dialogue_file.hpp"

namespace cambench {
namespace {

using markup::Element;
using markup::Kind;
using markup::Node;
using Role = UpdateExchange::Role;

std::string escaped_bytes(std::string_view bytes) {
    return in_attribute(DialogueTemplate::literal(bytes).to_string());
}

/// Of an attribute that leaves nothing open.
Result<std::string> read_bytes(const Node& node, std::string_view attribute) {
    TRY_ASSIGN(const auto read, read_template(node, attribute));
    std::string bytes;
    for (const auto& part : read.parts) {
        if (part.kind != DialogueTemplate::Part::Kind::literal)
            return usage_error(markup::problem_at_attribute(node, attribute, "nothing can be left open here",
                                                            "the bytes, or \\xHH")
                                   .to_string());
        bytes += part.text;
    }
    return bytes;
}

Result<UpdateExchange> read_exchange(const Node& node) {
    UpdateExchange exchange{.host = node.text("host"),
                            .method = node.text("method"),
                            .path = {},
                            .query = {},
                            .sent = {},
                            .authorised = node.flag("authorised")};
    TRY_ASSIGN(exchange.path, read_bytes(node, "path"));
    TRY_ASSIGN(exchange.query, read_bytes(node, "query"));
    TRY_ASSIGN(exchange.sent, read_bytes(node, "sent"));
    exchange.role = node.text("role") == "list"      ? Role::list
                    : node.text("role") == "package" ? Role::package
                                                     : Role::other;
    const auto status = node.integer("status");
    if (status < 200 || status > 599)
        return usage_error(
            markup::problem_at_attribute(
                node, "status", fmt::format("status {} is not one of a final answer", status), "200 to 599")
                .to_string());
    exchange.status = static_cast<unsigned>(status);
    for (const auto* header : node.all("header")) {
        TRY_ASSIGN(auto value, read_template(*header, "value"));
        exchange.headers.emplace_back(header->text("name"), std::move(value));
    }
    if (const auto* answer = node.first("answer")) {
        TRY_ASSIGN(exchange.answer, read_template(*answer, "bytes"));
    }
    return exchange;
}

std::string written(const UpdateExchange& exchange) {
    auto xml = fmt::format("  <exchange host=\"{}\" method=\"{}\" path=\"{}\"", in_attribute(exchange.host),
                           in_attribute(exchange.method), escaped_bytes(exchange.path));
    if (!exchange.query.empty()) xml += fmt::format(" query=\"{}\"", escaped_bytes(exchange.query));
    if (!exchange.sent.empty()) xml += fmt::format(" sent=\"{}\"", escaped_bytes(exchange.sent));
    if (exchange.authorised) xml += " authorised=\"yes\"";
    if (exchange.role != Role::other) xml += fmt::format(" role=\"{}\"", to_string(exchange.role));
    xml += fmt::format(" status=\"{}\">\n", exchange.status);
    for (const auto& [name, value] : exchange.headers)
        xml += fmt::format("    <header name=\"{}\" value=\"{}\"/>\n", in_attribute(name),
                           in_attribute(value.to_string()));
    if (!exchange.answer.parts.empty())
        xml += fmt::format("    <answer bytes=\"{}\"/>\n", in_attribute(exchange.answer.to_string()));
    return xml + "  </exchange>\n";
}

}  // namespace

std::string_view to_string(Role role) {
    return role == Role::list ? "list" : role == Role::package ? "package" : "other";
}

const Element& learned_update_element() {
    static const Element header{
        "header",
        "A field of the answer.",
        {{"name", Kind::text, "Its name.", true},
         {"value", Kind::text, "Its value; may hold \\(offer.NAME) as the answer does."}}};
    static const Element answer{"answer",
                                "The answer's body.",
                                {{"bytes", Kind::text,
                                  "Text with \\r \\n \\t \\\\ \\xHH; \\(offer.version), \\(offer.size), "
                                  "\\(offer.sha256), \\(offer.md5.upper), "
                                  "\\(offer.sha1.base64), \\(offer.crc32.decimal) and their like are those "
                                  "of the firmware that is offered; "
                                  "\\(time.http), \\(time.iso) and \\(time.unix) the time told.",
                                  true}}};
    static const Element exchange{
        "exchange",
        "A request of a camera that looked for firmware, and the answer of the vendor's server.",
        {{"host", Kind::text, "The server as the camera called it.", true},
         {"method", Kind::word, "Its method.", false, "GET"},
         {"path", Kind::text, "Its path; '*' stands for any characters.", true},
         {"query", Kind::text,
          "Its query. Of exchanges that fit, the one whose query and body are most like the request's is "
          "given."},
         {"sent", Kind::text, "What the camera sent."},
         {"authorised", Kind::flag, "The request had a field Authorization.", false, "no"},
         {"role",
          Kind::choice,
          "list: it describes the package; package: it is the package.",
          false,
          "other",
          {"other", "list", "package"}},
         {"status", Kind::integer, "The answer's status.", false, "200"}},
        {{&header}, {&answer, 0, 1}}};
    static const Element update{
        "learned-update",
        "What servers said about firmware in a recording of a genuine update, for <update learned=\"\"/>; "
        "'cambench learn-update' makes such a file.",
        {{"title", Kind::text, "One line for people."},
         {"version", Kind::text, "The genuine package's version, as the servers called it."},
         {"sha256", Kind::word, "The genuine package's SHA-256.", true},
         {"size", Kind::integer, "Its bytes.", true}},
        {{&exchange, 1}}};
    return update;
}

Result<LearnedUpdate> load_learned_update(const std::filesystem::path& file, markup::Problems& problems) {
    TRY_ASSIGN(const auto root, markup::read_file(file, learned_update_element(), problems));
    LearnedUpdate update{.version = {},
                         .sha256 = root.text("sha256"),
                         .size = static_cast<std::uint64_t>(root.integer("size")),
                         .exchanges = {}};
    TRY_ASSIGN(update.version, read_bytes(root, "version"));
    for (const auto* node : root.all("exchange")) {
        TRY_ASSIGN(auto exchange, read_exchange(*node));
        update.exchanges.push_back(std::move(exchange));
    }
    return update;
}

std::string to_xml(const LearnedUpdate& update, std::string_view title) {
    auto xml = fmt::format("<learned-update title=\"{}\"", in_attribute(title));
    if (!update.version.empty()) xml += fmt::format(" version=\"{}\"", escaped_bytes(update.version));
    xml += fmt::format(" sha256=\"{}\" size=\"{}\">\n", update.sha256, update.size);
    for (const auto& exchange : update.exchanges) xml += written(exchange);
    return xml + "</learned-update>\n";
}

}  // namespace cambench
