#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/catch.hpp"
#include "tests/unit/markup_values.hpp"
#include "tests/unit/temporary_folder.hpp"

using namespace cambench::markup;

namespace {

std::string escaped(const std::string& text) {
    std::string result;
    for (const char c : text)
        result += c == '<' ? "&lt;" : c == '&' ? "&amp;" : c == '"' ? "&quot;" : std::string(1, c);
    return result;
}

/// 0: valid, 3: not valid; anything else: the schema itself is wrong.
int xmllint(const std::string& schema, const std::string& document) {
    const int status = std::system(
        fmt::format("xmllint --noout --schema '{}' '{}' >/dev/null 2>&1", schema, document).c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("the schema takes and refuses the same values as the parser", "[markup][xmllint]") {
    const cambench::temporary::Folder scratch;
    for (const auto& samples : kind_samples()) {
        INFO(kind_name(samples.kind));
        const Element value{
            .name = "value",
            .doc = "",
            .attributes = {{.name = "x", .kind = samples.kind, .doc = "", .choices = samples.choices}}};
        const Element root{.name = "values", .doc = "", .children = {{&value}}};
        const auto schema = scratch.write("s.xsd", to_xsd({&root}));
        std::string right;
        for (const auto& text : samples.right) right += fmt::format("<value x=\"{}\"/>", escaped(text));
        for (const auto& text : samples.wrong_in_parser_only)
            right += fmt::format("<value x=\"{}\"/>", escaped(text));
        CHECK(xmllint(schema, scratch.write("d.xml", "<values>" + right + "<value x=\"${p}\"/></values>")) ==
              0);
        for (const auto& text : samples.wrong) {
            CAPTURE(text);
            CHECK(xmllint(schema, scratch.write("d.xml", fmt::format("<values><value x=\"{}\"/></values>",
                                                                     escaped(text)))) == 3);
        }
    }
}

TEST_CASE("the schema knows children, counts and required attributes", "[markup][xmllint]") {
    static const Element leaf{.name = "leaf",
                              .doc = "A <leaf> & more.",
                              .attributes = {{.name = "x", .doc = "", .required = true}},
                              .content = Element::Content::text};
    static const Element once{.name = "once", .doc = "", .children = {{&leaf, 1, 1}}};
    static Element nested{.name = "nested", .doc = ""};
    nested.children = {{&nested}, {&leaf}};
    const Element root{.name = "root", .doc = "", .children = {{&once}, {&nested}}};
    const cambench::temporary::Folder scratch;
    const auto schema = scratch.write("s.xsd", to_xsd({&root}));
    const auto judge = [&](const std::string& content) {
        return xmllint(schema, scratch.write("d.xml", "<root>" + content + "</root>"));
    };
    CHECK(judge("<nested><nested><leaf x=\"1\">text</leaf></nested></nested><once><leaf x=\"2\"/></once>") ==
          0);
    CHECK(judge("<once/>") == 3);
    CHECK(judge("<once><leaf x=\"1\"/><leaf x=\"1\"/></once>") == 3);
    CHECK(judge("<nested><leaf/></nested>") == 3);
    CHECK(judge("<leaf x=\"1\"/>") == 3);
    CHECK(judge("<nested y=\"1\"/>") == 3);
    CHECK(judge("text") == 3);
}

TEST_CASE("where an attribute chooses the table, the schema takes what any of them takes",
          "[markup][xmllint]") {
    const Element loud{
        .name = "alarm",
        .doc = "",
        .attributes = {{.name = "level", .kind = Kind::integer, .doc = "", .required = true},
                       {.name = "shared", .kind = Kind::integer, .doc = "", .required = true}}};
    const Element silent{
        .name = "alarm",
        .doc = "",
        .attributes = {{.name = "number", .doc = ""}, {.name = "shared", .doc = "", .required = true}}};
    const Element alarm{.name = "alarm",
                        .doc = "",
                        .attributes = {{.name = "driver", .kind = Kind::word, .doc = "", .required = true}},
                        .selector = "driver",
                        .variants = {{"loud", &loud}, {"silent", &silent}}};
    const Element root{.name = "root", .doc = "", .children = {{&alarm}}};
    const cambench::temporary::Folder scratch;
    const auto schema = scratch.write("s.xsd", to_xsd({&root}));
    const auto judge = [&](const std::string& attributes) {
        return xmllint(schema, scratch.write("d.xml", "<root><alarm " + attributes + "/></root>"));
    };
    CHECK(judge("driver=\"loud\" level=\"3\" shared=\"1\"") == 0);
    CHECK(judge("driver=\"silent\" shared=\"word\"") == 0);
    CHECK(judge("driver=\"other\" shared=\"1\"") == 3);
    CHECK(judge("driver=\"loud\"") == 3);
    CHECK(judge("shared=\"1\"") == 3);
    CHECK(judge("driver=\"loud\" shared=\"1\" unknown=\"1\"") == 3);
}
