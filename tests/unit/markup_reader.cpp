#include "harness/core/markup/markup.hpp"

#include <chrono>

#include "tests/catch.hpp"

using namespace cambench;
using namespace cambench::markup;
using namespace std::chrono_literals;

namespace {

const Element& lamp() {
    static const Element element{
        .name = "lamp",
        .doc = "A lamp.",
        .attributes = {{.name = "for", .kind = Kind::duration, .doc = "How long it burns.", .required = true},
                       {.name = "colour",
                        .kind = Kind::choice,
                        .doc = "Its colour.",
                        .fallback = "red",
                        .choices = {"red", "green"}},
                       {.name = "name", .doc = "Its name."},
                       {.name = "address", .kind = Kind::address, .doc = "Its address."}}};
    return element;
}

const Element& bell() {
    static const Element element{
        .name = "bell",
        .doc = "A bell.",
        .attributes = {{.name = "name", .doc = "Name."}, {.name = "address", .doc = "Address."}},
        .one_of = {{"name", "address"}}};
    return element;
}

const Element& loud() {
    static const Element element{
        .name = "alarm",
        .doc = "Loud.",
        .attributes = {{.name = "volume", .kind = Kind::integer, .doc = "How loud.", .required = true}}};
    return element;
}

const Element& silent() {
    static const Element element{
        .name = "alarm",
        .doc = "Silent.",
        .attributes = {{.name = "number", .kind = Kind::word, .doc = "Whom it calls.", .fallback = "112"}}};
    return element;
}

const Element& alarm() {
    static const Element element{
        .name = "alarm",
        .doc = "An alarm.",
        .attributes = {{.name = "driver", .kind = Kind::word, .doc = "Which.", .fallback = "silent"}},
        .selector = "driver",
        .variants = {{"loud", &loud()}, {"silent", &silent()}}};
    return element;
}

const Element& house() {
    static const Element note{.name = "note", .doc = "A note.", .content = Element::Content::text};
    static const Element room{.name = "room",
                              .doc = "A room.",
                              .attributes = {{.name = "title", .doc = "Title.", .required = true}},
                              .children = {{&lamp(), 1}, {&bell(), 0, 1}, {&alarm()}}};
    static const Element element{.name = "house",
                                 .doc = "A house.",
                                 .children = {{&note, 0, 1}, {&parameter_element()}, {&room, 1, 2}}};
    return element;
}

struct Reading {
    Problems problems;
    Result<Node> node;
};

Reading read(std::string_view xml, const Parameters& overrides = {}) {
    Problems problems;
    auto node = read_text(xml, "h.xml", house(), problems, overrides);
    return {problems, std::move(node)};
}

/// All problems of a room with this content, one a line.
std::string problems_of(std::string_view xml) {
    std::string text;
    for (const auto& problem : read(xml).problems) text += (text.empty() ? "" : "\n") + problem.to_string();
    return text;
}

std::string room(std::string_view content) {
    return "<house>\n<room title=\"t\">" + std::string(content) + "</room></house>";
}

}  // namespace

TEST_CASE("a document that fits its table gives values, defaults and places", "[markup]") {
    const auto reading = read(
        "<!-- c -->\n<house>\n  <note> two\n words </note>\n  <room title=\"hall\">\n    <lamp\n      "
        "for=\"2s\"/>\n  </room>\n</house>");
    REQUIRE(reading.node.ok());
    CHECK(reading.problems.empty());
    const auto& root = reading.node.value();
    CHECK(root.first("note")->content() == "two\n words");
    const auto& only = *root.first("room")->first("lamp");
    CHECK(only.duration("for") == 2s);
    CHECK(only.text("colour") == "red");
    CHECK(only.has("colour"));
    CHECK_FALSE(only.given("colour"));
    CHECK_FALSE(only.has("name"));
    CHECK(only.position().line == 6);
    CHECK(only.position().column == 5);
    CHECK(only.position_of("for").line == 7);
    CHECK(only.position_of("for").column == 7);
    CHECK(only.position_of("colour").line == 6);
}

TEST_CASE("unknown words are named with a suggestion", "[markup]") {
    CHECK(problems_of(room("<lamp fro=\"2s\"/>")) ==
          "h.xml:2:23: unknown attribute 'fro' of <lamp>; did you mean 'for'?\n"
          "h.xml:2:17: <lamp> lacks the attribute 'for'; How long it burns.");
    CHECK(problems_of(room("<lmap for=\"2s\"/><lamp for=\"1s\"/>")) ==
          "h.xml:2:17: unknown element <lmap> in <room>; did you mean 'lamp'?");
    CHECK(problems_of(room("<window/><lamp for=\"1s\"/>")) ==
          "h.xml:2:17: unknown element <window> in <room>; known elements: lamp, bell, alarm");
    CHECK(problems_of("<house><lamp for=\"1s\"/>" + room("<lamp for=\"1s\"/>").substr(7)) ==
          "h.xml:1:8: <lamp> cannot stand in <house>; it belongs in <room>");
    CHECK(problems_of(room("<lamp for=\"1s\" colour=\"gren\"/>")) ==
          "h.xml:2:32: colour=\"gren\"; 'gren' is not one of red, green; did you mean 'green'?");
    CHECK(problems_of("<hose/>") == "h.xml:1:1: the document is a <hose>; a <house> was expected");
}

TEST_CASE("all problems are reported, the first is the error", "[markup]") {
    const auto reading = read(room("<lamp for=\"2\" x=\"\"/>text<bell/>"));
    REQUIRE_FALSE(reading.node.ok());
    REQUIRE(reading.problems.size() == 4);
    CHECK(reading.node.error().message == reading.problems[0].to_string());
    CHECK(reading.node.error().fault == Fault::usage);
    CHECK(reading.problems[2].to_string() == "h.xml:2:37: text inside <room>; only elements may stand here");
    CHECK(reading.problems[3].to_string() ==
          "h.xml:2:41: <bell> lacks one of the attributes name, address; give one of them");
}

TEST_CASE("children are counted", "[markup]") {
    CHECK(problems_of("<house/>") == "h.xml:1:1: <house> needs a <room>; A room.");
    CHECK(problems_of(room("")) == "h.xml:2:1: <room> needs a <lamp>; A lamp.");
    CHECK(problems_of(room("<lamp for=\"1s\"/><bell name=\"a\"/><bell name=\"b\"/>")) ==
          "h.xml:2:49: <room> has 2 <bell>; one is allowed");
}

TEST_CASE("required text may not be empty, attributes stand once", "[markup]") {
    CHECK(problems_of("<house><room title=\" \"><lamp for=\"1s\"/></room></house>") ==
          "h.xml:1:14: title=\"\" of <room> is empty; Title.");
    CHECK(problems_of(room("<lamp for=\"1s\" for=\"2s\"/>"))
              .find("attribute 'for' of <lamp> is given twice; keep one") != std::string::npos);
}

TEST_CASE("an attribute chooses among tables", "[markup]") {
    const auto good = read(room("<lamp for=\"1s\"/><alarm driver=\"loud\" volume=\"3\"/><alarm/>"));
    REQUIRE(good.node.ok());
    const auto alarms = good.node.value().first("room")->all("alarm");
    REQUIRE(alarms.size() == 2);
    CHECK(&alarms[0]->element() == &loud());
    CHECK(alarms[0]->integer("volume") == 3);
    CHECK(&alarms[1]->element() == &silent());
    CHECK(alarms[1]->text("driver") == "silent");
    CHECK(alarms[1]->text("number") == "112");

    CHECK(problems_of(room("<lamp for=\"1s\"/><alarm driver=\"lod\"/>")) ==
          "h.xml:2:40: driver=\"lod\" of <alarm> is not known; did you mean 'loud'?");
    CHECK(problems_of(room("<lamp for=\"1s\"/><alarm driver=\"silent\" volume=\"3\"/>")) ==
          "h.xml:2:56: unknown attribute 'volume' of <alarm driver=\"silent\">; known attributes: driver, "
          "number");
    CHECK(problems_of(room("<lamp for=\"1s\"/><alarm driver=\"loud\"/>")) ==
          "h.xml:2:33: <alarm> lacks the attribute 'volume'; How loud.");
}

TEST_CASE("parameters are put in before values are judged", "[markup]") {
    const auto xml = [](std::string_view value) {
        return "<house><parameter name=\"t\" default=\"" + std::string(value) +
               "\"/><room title=\"in ${t}, $${t}\"><lamp for=\"${t}\"/></room></house>";
    };
    const auto plain = read(xml("2s"));
    REQUIRE(plain.node.ok());
    CHECK(plain.node.value().first("room")->text("title") == "in 2s, ${t}");
    CHECK(plain.node.value().first("room")->first("lamp")->duration("for") == 2s);

    const auto changed = read(xml("2s"), {{"t", "3s"}});
    REQUIRE(changed.node.ok());
    CHECK(changed.node.value().first("room")->first("lamp")->duration("for") == 3s);

    CHECK(read(xml("2s"), {{"tt", "3s"}}).problems.at(0).to_string() ==
          "h.xml:1:1: there is no parameter 'tt' to set; did you mean 't'?");
    CHECK(read(xml("2s"), {{"t", "3"}})
              .problems.at(0)
              .to_string()
              .find("for=\"${t}\", that is \"3\"; '3' has no unit") != std::string::npos);
    CHECK(problems_of(xml("${t}")).find("the default of 't' refers to a parameter") != std::string::npos);
    CHECK(problems_of(room("<lamp for=\"${x}\"/>")) ==
          "h.xml:2:23: there is no parameter 'x'; it takes no parameters");
    CHECK(problems_of(room("<lamp for=\"${x\"/>")).find("has no closing brace; write ${name}") !=
          std::string::npos);
}

TEST_CASE("a value that looks like a parameter is not expanded again", "[markup]") {
    const auto reading = read(
        "<house><parameter name=\"a\" default=\"x\"/><room title=\"${a}\"><lamp for=\"1s\"/></room></house>",
        {{"a", "${a}${a}"}});
    REQUIRE(reading.node.ok());
    CHECK(reading.node.value().first("room")->text("title") == "${a}${a}");
}

TEST_CASE("a parameter nobody uses is a warning, not an error", "[markup]") {
    const auto reading = read(
        "<house><parameter name=\"a\" default=\"1\"/><room title=\"t\"><lamp for=\"1s\"/></room></house>");
    CHECK(reading.node.ok());
    REQUIRE(reading.problems.size() == 1);
    CHECK(reading.problems[0].to_string() ==
          "h.xml:1:8: warning: the parameter 'a' is never used; write ${a} in an attribute, or remove it");
    CHECK(first_error(reading.problems).ok());
}

TEST_CASE("an element is printed as valid XML on one line", "[markup]") {
    const auto reading =
        read("<house><room title=\"a &quot;b&quot; &lt;c> &amp;&#10;d\"><lamp for=\"1s\"/></room></house>");
    REQUIRE(reading.node.ok());
    CHECK(reading.node.value().first("room")->to_string() ==
          "<room title=\"a &quot;b&quot; &lt;c&gt; &amp;&#10;d\"/>");
}

TEST_CASE("columns count bytes of the file with Windows line ends too", "[markup]") {
    CHECK(problems_of("<house>\r\n<room title=\"t\">\r\n  <lamp for=\"2\"/>\r\n</room></house>")
              .starts_with("h.xml:3:9: for=\"2\""));
}

TEST_CASE("a document with very many elements is read in little time", "[markup]") {
    std::string content;
    for (int i = 0; i < 100000; ++i) content += "<lamp for=\"1s\"/>\n";
    const auto begin = std::chrono::steady_clock::now();
    CHECK(read(room(content)).node.ok());
    CHECK(std::chrono::steady_clock::now() - begin < 20s);
}

TEST_CASE("a missing file, a folder and an unknown root are problems with a place", "[markup]") {
    Problems problems;
    CHECK_FALSE(read_file("/nonexistent/x.xml", house(), problems).ok());
    CHECK_FALSE(read_file("/tmp", house(), problems).ok());
    CHECK_FALSE(find_root("/nonexistent/x.xml", problems).ok());
    REQUIRE(problems.size() == 3);
    CHECK(problems[0].to_string() == "/nonexistent/x.xml:1:1: cannot be read; give the path of an XML file");
    CHECK(problems[1].to_string() == "/tmp:1:1: cannot be read; give the path of an XML file");
}
