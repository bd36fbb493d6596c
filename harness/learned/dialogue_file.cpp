#include "harness/learned/dialogue_file.hpp"

#include <fmt/format.h>

#include "harness/core/markup/markup_internal.hpp"

namespace cambench {
namespace {

using markup::Element;
using markup::Kind;
using markup::Node;

Result<DialogueTurn> read_turn(const Node& node) {
    DialogueTurn turn{.request = {}, .answers = {}, .closes = node.flag("closes")};
    if (node.given("camera")) {
        TRY_ASSIGN(turn.request, read_template(node, "camera"));
    }
    for (const auto* answer : node.all("answer")) {
        TRY_ASSIGN(auto read, read_template(*answer, "bytes"));
        turn.answers.push_back(std::move(read));
    }
    return turn;
}

}  // namespace

std::string in_attribute(std::string_view text) {
    auto escaped = markup::xml_escaped(text);
    for (auto at = escaped.find('$'); at != std::string::npos; at = escaped.find('$', at))
        escaped.replace(at, 1, "\\x24");
    return escaped;
}

Result<DialogueTemplate> read_template(const Node& node, std::string_view attribute) {
    auto read = DialogueTemplate::parse(node.text(attribute));
    if (!read)
        return usage_error(markup::problem_at_attribute(node, attribute, read.error().message).to_string());
    return read;
}

const Element& dialogues_element() {
    static const Element answer{"answer",
                                "What the server says: the bytes of a stream, or one datagram.",
                                {{"bytes", Kind::text,
                                  "Text with \\r \\n \\t \\\\ \\xHH; \\(same 1) is the request's first open "
                                  "part, \\(time.http), \\(time.iso) and "
                                  "\\(time.unix) the time told.",
                                  true}}};
    static const Element turn{
        "turn",
        "One message of the camera and the answer to it. Turns that fit the same message are taken in order; "
        "the last repeats.",
        {{"camera", Kind::text,
          "The message: text with \\r \\n \\t \\\\ \\xHH; \\(any) leaves open what follows, \\(4) so many "
          "bytes. Left out: "
          "the server speaks first."},
         {"closes", Kind::flag, "The server ends the connection after its answer.", false, "no"}},
        {{&answer}}};
    static const Element server{
        "server",
        "One server and what it says.",
        {{"name", Kind::host, "Its DNS name."},
         {"address", Kind::address, "Its address, for a camera that knows no name."},
         {"port", Kind::port, "Its port.", true},
         {"transport", Kind::choice, "TCP or UDP.", false, "tcp", {"tcp", "udp"}},
         {"inside", Kind::choice, "tls: the turns are what comes out of TLS.", false, "", {"tls"}}},
        {{&turn, 1}},
        Element::Content::none,
        {{"name", "address"}}};
    static const Element dialogues{"dialogues",
                                   "What servers said in a recording, for the fake internet to say again.",
                                   {{"title", Kind::text, "One line for people."}},
                                   {{&server}}};
    return dialogues;
}

Result<std::vector<DialogueServer>> load_dialogues(const std::filesystem::path& file,
                                                   markup::Problems& problems) {
    TRY_ASSIGN(const auto root, markup::read_file(file, dialogues_element(), problems));
    std::vector<DialogueServer> servers;
    for (const auto* node : root.all("server")) {
        DialogueServer server{.name = node->has("name") ? node->text("name") : "",
                              .address = {},
                              .port = node->port("port"),
                              .turns = {}};
        if (node->has("address")) server.address = node->address("address");
        server.transport = node->text("transport") == "udp" ? Transport::udp : Transport::tcp;
        server.inside_tls = node->text("inside") == "tls";
        for (const auto* turn : node->all("turn")) {
            TRY_ASSIGN(auto read, read_turn(*turn));
            server.turns.push_back(std::move(read));
        }
        servers.push_back(std::move(server));
    }
    return servers;
}

std::string to_xml(const std::vector<DialogueServer>& servers, std::string_view title) {
    std::string xml = fmt::format("<dialogues title=\"{}\">\n", in_attribute(title));
    for (const auto& server : servers) {
        xml += "  <server";
        if (!server.name.empty()) xml += fmt::format(" name=\"{}\"", in_attribute(server.name));
        if (server.address) xml += fmt::format(" address=\"{}\"", server.address->to_string());
        xml += fmt::format(" port=\"{}\" transport=\"{}\"{}>\n", server.port, to_string(server.transport),
                           server.inside_tls ? " inside=\"tls\"" : "");
        for (const auto& turn : server.turns) {
            xml += "    <turn";
            if (turn.request) xml += fmt::format(" camera=\"{}\"", in_attribute(turn.request->to_string()));
            xml += turn.closes ? " closes=\"yes\">\n" : ">\n";
            for (const auto& answer : turn.answers)
                xml += fmt::format("      <answer bytes=\"{}\"/>\n", in_attribute(answer.to_string()));
            xml += "    </turn>\n";
        }
        xml += "  </server>\n";
    }
    return xml + "</dialogues>\n";
}

}  // namespace cambench
