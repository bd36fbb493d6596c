#include <algorithm>

#include "harness/core/text.hpp"
#include "reports/escape.hpp"
#include "reports/html/markup.hpp"
#include "reports/html/page.hpp"
#include "reports/json/run_json.hpp"
#include "reports/junit/junit.hpp"
#include "tests/unit/reports_samples.hpp"

using namespace cambench;
using namespace cambench::reports;

namespace {

/// All tags of a page as they stand between '<' and '>': our attributes never contain '>', foreign ones are
/// escaped.
std::vector<std::string> tags_of(const std::string& page) {
    std::vector<std::string> tags;
    for (auto at = page.find('<'); at != std::string::npos; at = page.find('<', at + 1))
        tags.push_back(page.substr(at + 1, page.find('>', at) - at - 1));
    return tags;
}

/// The tag without the values of its attributes, which is where foreign text may be.
std::string without_values(const std::string& tag) {
    std::string rest;
    bool quoted = false;
    for (const char c : tag) {
        if (c == '"')
            quoted = !quoted;
        else if (!quoted)
            rest += c;
    }
    return lower(rest);
}

std::string word_of(const std::string& tag) {
    const auto begin = tag.starts_with('/') ? 1U : 0U;
    return lower(tag.substr(begin, tag.find_first_of(" \n/", begin) - begin));
}

bool has_only_printable_bytes(const std::string& text) {
    return std::none_of(text.begin(), text.end(),
                        [](unsigned char c) { return (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f; });
}

bool holds_a_deceiver(const std::string& text) {
    for (const auto* deceiver :
         {"\u202e", "\u202d", "\u2066", "\u2069", "\u200b", "\u200f", "\u061c", "\ufeff", "\u2028", "\u0085"})
        if (text.find(deceiver) != std::string::npos) return true;
    return false;
}

}  // namespace

TEST_CASE("a hostile camera brings no element, attribute or control character onto the page",
          "[reports][hostile]") {
    const std::vector<std::string> ours{
        "!doctype", "html",  "head",  "meta", "link",    "title", "style",   "body",   "main", "header",
        "footer",   "p",     "span",  "h1",   "h2",      "h3",    "h4",      "svg",    "rect", "circle",
        "path",     "g",     "line",  "text", "desc",    "div",   "dl",      "dt",     "dd",   "section",
        "table",    "thead", "tbody", "tr",   "th",      "td",    "caption", "a",      "bdi",  "wbr",
        "strong",   "ul",    "ol",    "li",   "article", "code",  "details", "summary"};
    for (const auto folding : {Folding::for_screen, Folding::for_paper}) {
        const auto page = html_report(samples::load("hostile"), folding);
        CHECK(has_only_printable_bytes(page));
        CHECK_FALSE(holds_a_deceiver(page));
        CHECK(to_utf8(page) == page);
        for (const auto& tag : tags_of(page)) {
            INFO(tag);
            CHECK(std::find(ours.begin(), ours.end(), word_of(tag)) != ours.end());
            CHECK(without_values(tag).find(" on") == std::string::npos);
            CHECK(lower(tag).find("javascript:") == std::string::npos);
            CHECK(std::count(tag.begin(), tag.end(), '"') % 2 == 0);
        }
        // What the camera said is still there to read.
        CHECK(page.find("&lt;script&gt;alert(1)&lt;/script&gt;") != std::string::npos);
        CHECK(page.find("\\x1b]0;owned\\x07") != std::string::npos);
    }
}

TEST_CASE("the page links only within itself and fetches nothing", "[reports][hostile]") {
    for (const auto& name : samples::names()) {
        const auto page = html_report(samples::load(name));
        CHECK(page.find("content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\"") !=
              std::string::npos);
        for (const auto& tag : tags_of(page)) {
            INFO(tag);
            CHECK(tag.find(" src=") == std::string::npos);
            const auto link = tag.find("href=\"");
            if (link == std::string::npos) continue;
            const auto target = tag.substr(link + 6);
            const auto stays = target.starts_with("#") || target.starts_with("data:,");
            CHECK(stays);
        }
    }
}

TEST_CASE("every anchor of a page is there once", "[reports]") {
    for (const auto& name : samples::names()) {
        const auto page = html_report(samples::load(name));
        std::vector<std::string> ids, targets;
        for (const auto& tag : tags_of(page)) {
            for (const auto& [attribute, list] :
                 {std::pair{" id=\"", &ids}, std::pair{" href=\"#", &targets}}) {
                const auto at = tag.find(attribute);
                if (at == std::string::npos) continue;
                const auto begin = at + std::string_view(attribute).size();
                list->push_back(tag.substr(begin, tag.find('"', begin) - begin));
            }
        }
        std::sort(ids.begin(), ids.end());
        CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
        for (const auto& target : targets) {
            INFO(name << " #" << target);
            CHECK(std::binary_search(ids.begin(), ids.end(), target));
        }
    }
}

TEST_CASE("names of 10 kB are cut, with their ending kept", "[reports][hostile]") {
    const auto page = html_report(samples::load("hostile"));
    CHECK(page.find(std::string(3000, 'a')) == std::string::npos);
    CHECK(page.find("bytes left out") != std::string::npos);
    CHECK(page.find("bbbb.example") != std::string::npos);
}

TEST_CASE("JUnit and JSON of a hostile camera hold no control characters", "[reports][hostile]") {
    const auto run = samples::load("hostile");
    const auto junit = junit_report(run);
    CHECK(has_only_printable_bytes(junit));
    CHECK_FALSE(holds_a_deceiver(junit));
    CHECK(junit.find("<script") == std::string::npos);
    CHECK(junit.find("&lt;script&gt;") != std::string::npos);
    const auto json = run_json(run).dump();
    CHECK(has_only_printable_bytes(json));
    CHECK(json.find("\\u001b") != std::string::npos);
}

TEST_CASE("escaping leaves nothing that acts, in text or in attributes", "[reports][hostile]") {
    CHECK(html("<a href='x' title=\"y\">&`") == "&lt;a href=&#39;x&#39; title=&quot;y&quot;&gt;&amp;&#96;");
    CHECK(html("a\x1b[2Jb") == "a\\x1b[2Jb");
    CHECK(html(std::string_view("a\0b", 3)) == "a\\x00b");
    CHECK(html("\xff\xfe") == "\\xff\\xfe");
    CHECK(html("gnp\u061c\u202e\U000e0041") == "gnp\\u{061c}\\xe2\\x80\\xae\\u{e0041}");
    CHECK(html("\uffff") == "\\u{ffff}");
    CHECK(html("Grüße, 카메라") == "Grüße, 카메라");
    CHECK(html("e\u0301\u0301\u0301\u0301") == "e\u0301\u0301\u0301\\u{0301}");
    CHECK(xml_lines("a\n\tb\r\x01") == "a\n\tb\\r\\x01");
    CHECK(markup("<p title=\"{}\">{}</p>", std::string("\"><b>"), 7).text() ==
          "<p title=\"&quot;&gt;&lt;b&gt;\">7</p>");
}

TEST_CASE("cutting never splits a character and says how much is missing", "[reports]") {
    const std::string long_text = std::string(100, 'x') + "한국어한국어" + std::string(100, 'y');
    for (std::size_t limit = 1; limit < long_text.size(); ++limit) {
        INFO(limit);
        const auto cut = shortened(long_text, limit);
        CHECK(to_utf8(cut) == cut);
        CHECK(cut.size() < limit + 48);
    }
    CHECK(shortened(long_text, long_text.size()) == long_text);
    CHECK(shortened("abcdef", 3) == "abc\u2026");
    CHECK(shortened(std::string(100, '\x80'), 60).size() < 200);
}
