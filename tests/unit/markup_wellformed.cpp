#include <fmt/format.h>

#include "harness/core/markup/markup.hpp"
#include "harness/core/markup/markup_internal.hpp"
#include "tests/catch.hpp"

using namespace cambench::markup;

namespace {

/// "what@offset", "" for a document without flaws.
std::string flaw_in(std::string_view xml) {
    const auto flaw = find_flaw(xml);
    return flaw ? fmt::format("{}@{}", flaw->what, flaw->offset) : "";
}

}  // namespace

TEST_CASE("ordinary documents have no flaw", "[markup]") {
    for (const std::string xml :
         {"<a/>", "<a></a>", "<a b=\"1\" c='2'/>", "\xef\xbb\xbf<a/>",
          "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a/>\n<!-- end -->\n",
          "<a>text &amp; &lt;more&gt; &#233; &#xe9; <b/> <![CDATA[<raw> & so on]]></a>",
          "<a b=\"&quot;x&quot; > 1\"/>", "<a\n  b = '1'\n/>",
          "<?style x?><!-- - --><ns:a xmlns:ns=\"urn:x\"/>", "<a b='한글'>한글</a>", "<a>]] ></a >"}) {
        CAPTURE(xml);
        CHECK(flaw_in(xml).empty());
    }
}

TEST_CASE("what XML forbids is named with its place", "[markup]") {
    const std::vector<std::pair<std::string, std::string>> documents{
        {"", "there is no element@0"},
        {"<!-- only -->", "there is no element@0"},
        {"text", "text outside the root element@0"},
        {"<a/>text", "text outside the root element@4"},
        {"<a/>\n<b/>", "a second root element <b>@5"},
        {"<a>", "<a> is never closed@0"},
        {"<a>\n<b>\n</a>", "</a> where <b> of line 2 is still open@8"},
        {"</a>", "</a> closes nothing@0"},
        {"<a></a", "</a has no '>'@3"},
        {"<a b=1/>", "the value of 'b' is not quoted@3"},
        {"<a b/>", "the attribute 'b' has no value@3"},
        {"<a b=\"1/>", "the value of 'b' is never closed@3"},
        {"<a b=\"1>\n<c d=\"2\"/>", "'<' in the value of 'b'@3"},
        {"<a b=\"1\"c=\"2\"/>", "no blank before the attribute 'c'@8"},
        {"<a ;/>", "';' inside the tag <a>@3"},
        {"<a b=\"1\"", "the tag <a has no '>'@0"},
        {"<a <b/>", "the tag <a has no '>'@0"},
        {"< a/>", "'<' does not begin a tag@0"},
        {"<a>1 < 2</a>", "'<' does not begin a tag@5"},
        {"<a>AT&T</a>", "'&' does not begin a known entity@5"},
        {"<a>&nbsp;</a>", "'&' does not begin a known entity@3"},
        {"<a b=\"x&y;\"/>", "'&' does not begin a known entity@7"},
        {"<a>&#0;</a>", "'&' does not begin a known entity@3"},
        {"<a>&#27;</a>", "'&' does not begin a known entity@3"},
        {"<a>&#xd800;</a>", "'&' does not begin a known entity@3"},
        {"<a>&#x110000;</a>", "'&' does not begin a known entity@3"},
        {"<a>]]></a>", "']]>' in text@3"},
        {"<a><!-- a -- b --></a>", "'--' inside a comment@10"},
        {"<a><!-- a</a>", "a comment is never closed@3"},
        {"<a><![CDATA[x</a>", "a CDATA section is never closed@3"},
        {"\n<?xml version=\"1.0\"?><a/>", "the XML declaration is not at the beginning@1"},
        {"<?xml version=\"1.0\" encoding=\"EUC-KR\"?><a/>", "the encoding 'euc-kr' is not read@20"},
        {"<!DOCTYPE a [<!ENTITY x \"y\">]><a/>", "a document type is not allowed@0"},
        {"<a>\xff</a>", "not UTF-8@3"},
        {"\xff\xfe<\0a\0", "not UTF-8@0"},
        {"<a>\x1b[31m</a>", "the control character \\x1b@3"},
        {std::string("<a>\0</a>", 8), "the control character \\x00@3"},
    };
    for (const auto& [xml, expected] : documents) {
        CAPTURE(xml);
        CHECK(flaw_in(xml) == expected);
    }
}

TEST_CASE("deep, long and numberless input is refused quickly", "[markup]") {
    std::string deep;
    for (int i = 0; i < 100000; ++i) deep += "<a>";
    CHECK(flaw_in(deep).starts_with("elements are nested too deeply"));
    CHECK(flaw_in("<a>" + std::string(9u << 20, ' ') + "</a>").starts_with("the document is too long"));
    CHECK(flaw_in("<a>" + std::string(1u << 20, '&') + "</a>").starts_with("'&'"));
    CHECK(flaw_in("<a " + std::string(1u << 20, 'b')).starts_with("the attribute '"));
}

TEST_CASE("every beginning of a document is judged without harm", "[markup]") {
    const std::string xml = "<?xml version=\"1.0\"?><!-- c --><a b=\"&amp;\">t<![CDATA[x]]><c d='1'/></a>";
    for (std::size_t length = 0; length < xml.size(); ++length) {
        CAPTURE(length);
        CHECK_FALSE(flaw_in(xml.substr(0, length)).empty());
    }
    CHECK(flaw_in(xml).empty());
}
