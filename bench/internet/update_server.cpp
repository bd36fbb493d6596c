#include "bench/internet/personality.hpp"

namespace cambench::internet {

const markup::Element& update_element() {
    static const markup::Element list{.name = "list",
                              .doc = "What the server says about the newest firmware; the text between the tags may hold ${offer.model}, ${offer.version}, "
                                     "${offer.name}, ${offer.size}, ${offer.sha256}, ${offer.md5} and ${offer.expires}.",
                              .attributes = {{.name = "path", .kind = markup::Kind::text, .doc = "Where it is asked for; '*' stands for any characters.", .required = true},
                                             {.name = "content-type", .kind = markup::Kind::text, .doc = "Its type.", .fallback = "application/json"},
                                             {.name = "signature-header", .kind = markup::Kind::word, .doc = "The field that carries the vendor's signature of it, in base64."}},
                              .content = markup::Element::Content::text};
    static const markup::Element element{
        .name = "update",
        .doc = "A server of firmware. What it offers, <offer-update> in the steps decides; before that it has nothing.",
        .attributes = {{.name = "host", .kind = markup::Kind::text, .doc = "A name, an address, '*.vendor.example' or '*'.", .fallback = "*"},
                       {.name = "package", .kind = markup::Kind::text, .doc = "The path of the package; '*' stands for any characters.", .required = true}},
        .children = {{&list, 0, 1}}};
    return element;
}

UpdateServer make_update_server(const markup::Node& node) {
    UpdateServer server{.host = node.text("host"), .package_path = node.text("package")};
    if (const auto* list = node.first("list")) {
        server.list_path = list->text("path");
        server.list = list->content();
        server.content_type = list->text("content-type");
        server.signature_header = list->text("signature-header");
    }
    return server;
}

}  // namespace cambench::internet
