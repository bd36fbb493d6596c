#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <vector>

#include "harness/core/markup/markup_internal.hpp"
#include "harness/core/text.hpp"

namespace cambench::markup {
namespace {

constexpr std::string_view blanks = " \t\r\n";

bool is_blank(char c) { return blanks.find(c) != std::string_view::npos; }

bool starts_name(char c) {
    return std::isalpha(static_cast<unsigned char>(c)) || c == '_' || c == ':' ||
           static_cast<unsigned char>(c) >= 0x80;
}

bool continues_name(char c) {
    return starts_name(c) || std::isdigit(static_cast<unsigned char>(c)) || c == '-' || c == '.';
}

/// One pass over the bytes; stops at the first flaw.
class Scanner {
public:
    explicit Scanner(std::string_view source) : source_(source) {}

    std::optional<Flaw> scan() {
        if (source_.starts_with("\xef\xbb\xbf")) at_ = 3;
        first_ = at_;
        while (!flaw_ && at_ < source_.size()) {
            if (source_[at_] != '<')
                text();
            else if (rest().starts_with("<!--"))
                comment();
            else if (rest().starts_with("<![CDATA["))
                cdata();
            else if (rest().starts_with("<!DOCTYPE"))
                fail(at_, "a document type is not allowed", "leave out <!DOCTYPE ...>");
            else if (rest().starts_with("<?"))
                instruction();
            else if (rest().starts_with("</"))
                end_tag();
            else
                start_tag();
        }
        if (!flaw_ && !open_.empty())
            fail(open_.back().offset, fmt::format("<{}> is never closed", open_.back().name),
                 fmt::format("write </{}>", open_.back().name));
        if (!flaw_ && !seen_root_)
            fail(first_, "there is no element",
                 "a document begins with its root element, such as <scenario>");
        return flaw_;
    }

private:
    struct Open {
        std::string name;
        std::size_t offset;
    };

    std::string_view rest() const { return source_.substr(at_); }

    void fail(std::size_t offset, std::string what, std::string better = {}) {
        if (!flaw_) flaw_ = Flaw{offset, std::move(what), std::move(better)};
        at_ = source_.size();
    }

    unsigned line_of(std::size_t offset) const {
        return static_cast<unsigned>(
            std::count(source_.begin(), source_.begin() + static_cast<std::ptrdiff_t>(offset), '\n') + 1);
    }

    /// Moves behind `end`, which must follow.
    std::string_view until(std::string_view end, std::size_t opening_length, std::string_view what) {
        const auto begin = at_ + opening_length;
        const auto found = source_.find(end, std::min(begin, source_.size()));
        if (found == std::string_view::npos) {
            fail(at_, fmt::format("{} is never closed", what), fmt::format("end it with {}", end));
            return {};
        }
        at_ = found + end.size();
        return source_.substr(begin, found - begin);
    }

    void comment() {
        const auto start = at_;
        const auto content = until("-->", 4, "a comment");
        const auto dashes = content.find("--");
        if (!flaw_ && (dashes != std::string_view::npos || content.ends_with('-')))
            fail(start + 4 + (dashes == std::string_view::npos ? content.size() - 1 : dashes),
                 "'--' inside a comment", "XML allows single dashes only");
    }

    void cdata() {
        if (open_.empty()) return fail(at_, "text outside the root element", "only comments may stand here");
        (void)until("]]>", 9, "a CDATA section");
    }

    void instruction() {
        const auto start = at_;
        const auto content = until("?>", 2, "a processing instruction");
        if (flaw_ || !content.starts_with("xml") || (content.size() > 3 && !is_blank(content[3]))) return;
        if (start != first_)
            return fail(start, "the XML declaration is not at the beginning",
                        "nothing may stand before <?xml ...?>, not even a blank line");
        const auto encoding = content.find("encoding");
        if (encoding == std::string_view::npos) return;
        const auto open = content.find_first_of("\"'", encoding);
        const auto close = open == std::string_view::npos ? open : content.find(content[open], open + 1);
        const auto name = close == std::string_view::npos ? std::string()
                                                          : lower(content.substr(open + 1, close - open - 1));
        if (name != "utf-8" && name != "us-ascii")
            fail(start + 2 + encoding, fmt::format("the encoding '{}' is not read", inert(name)),
                 "save the file as UTF-8 and say so, or leave the encoding out");
    }

    void text() {
        const auto start = at_;
        at_ = std::min(source_.find('<', at_), source_.size());
        const auto content = source_.substr(start, at_ - start);
        if (open_.empty()) {
            const auto stray = content.find_first_not_of(blanks);
            if (stray != std::string_view::npos)
                fail(start + stray, "text outside the root element", "only comments may stand here");
            return;
        }
        if (const auto end = content.find("]]>"); end != std::string_view::npos)
            return fail(start + end, "']]>' in text", "write ]]&gt;");
        references(content, start);
    }

    /// "&" begins an entity or a character reference, nothing else.
    void references(std::string_view content, std::size_t offset) {
        for (std::size_t i = 0; (i = content.find('&', i)) != std::string_view::npos && !flaw_; ++i) {
            const auto end = content.find(';', i);
            const auto name =
                end == std::string_view::npos ? std::string_view() : content.substr(i + 1, end - i - 1);
            if (!is_reference(name))
                fail(offset + i, "'&' does not begin a known entity",
                     "write &amp; for a plain '&'; there are &amp; &lt; &gt; &quot; &apos; and &#...; "
                     "besides");
        }
    }

    static bool is_reference(std::string_view name) {
        static constexpr std::array<std::string_view, 5> known{"amp", "lt", "gt", "quot", "apos"};
        if (std::find(known.begin(), known.end(), name) != known.end()) return true;
        if (!name.starts_with('#')) return false;
        const bool hexadecimal = name.starts_with("#x");
        const auto digits = name.substr(hexadecimal ? 2 : 1);
        std::uint32_t code = 0;
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), code, hexadecimal ? 16 : 10);
        if (error != std::errc{} || end != digits.data() + digits.size()) return false;
        const bool control = code < 0x20 && code != '\t' && code != '\n' && code != '\r';
        return !control && code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000) && code != 0xfffe &&
               code != 0xffff;
    }

    std::string name() {
        const auto start = at_;
        if (at_ < source_.size() && starts_name(source_[at_]))
            while (at_ < source_.size() && continues_name(source_[at_])) ++at_;
        return std::string(source_.substr(start, at_ - start));
    }

    /// Whether there was a blank.
    bool skip_blanks() {
        const auto start = at_;
        at_ = std::min(source_.find_first_not_of(blanks, at_), source_.size());
        return at_ > start;
    }

    void end_tag() {
        const auto start = at_;
        at_ += 2;
        const auto closing = name();
        skip_blanks();
        if (!rest().starts_with('>'))
            return fail(start, fmt::format("</{} has no '>'", closing), fmt::format("write </{}>", closing));
        ++at_;
        if (open_.empty()) return fail(start, fmt::format("</{}> closes nothing", closing), "remove it");
        const auto& opened = open_.back();
        if (opened.name != closing)
            return fail(start,
                        fmt::format("</{}> where <{}> of line {} is still open", closing, opened.name,
                                    line_of(opened.offset)),
                        fmt::format("write </{}> first", opened.name));
        open_.pop_back();
    }

    void start_tag() {
        const auto start = at_++;
        const auto element = name();
        if (element.empty()) return fail(start, "'<' does not begin a tag", "write &lt; for a plain '<'");
        if (open_.empty() && seen_root_)
            return fail(start, fmt::format("a second root element <{}>", element),
                        "a file holds one document");
        seen_root_ = true;
        for (unsigned attributes = 0; !flaw_; ++attributes) {
            if (attributes > most_attributes)
                return fail(start, fmt::format("<{}> has too many attributes", element),
                            fmt::format("{} are allowed", most_attributes));
            const bool blank = skip_blanks();
            if (rest().starts_with("/>")) {
                at_ += 2;
                return;
            }
            if (rest().starts_with('>')) {
                ++at_;
                open_.push_back({element, start});
                if (open_.size() > deepest)
                    fail(start, "elements are nested too deeply",
                         fmt::format("{} levels are allowed", deepest));
                return;
            }
            attribute(start, element, blank);
        }
    }

    void attribute(std::size_t tag, const std::string& element, bool blank_before) {
        const auto start = at_;
        const auto attribute = name();
        if (attribute.empty()) {
            if (start >= source_.size() || source_[start] == '<')
                return fail(tag, fmt::format("the tag <{} has no '>'", element),
                            "close the tag with > or />");
            return fail(start,
                        fmt::format("'{}' inside the tag <{}>", inert(source_.substr(start, 1)), element),
                        "an attribute is written name=\"value\"");
        }
        if (!blank_before)
            return fail(start, fmt::format("no blank before the attribute '{}'", attribute),
                        "separate attributes with a blank");
        skip_blanks();
        if (!rest().starts_with('='))
            return fail(start, fmt::format("the attribute '{}' has no value", attribute),
                        fmt::format("write {}=\"...\"", attribute));
        ++at_;
        skip_blanks();
        if (!rest().starts_with('"') && !rest().starts_with('\''))
            return fail(start, fmt::format("the value of '{}' is not quoted", attribute),
                        fmt::format("write {}=\"...\"", attribute));
        const char quote = source_[at_++];
        const auto end = source_.find(quote, at_);
        const auto value = source_.substr(at_, end == std::string_view::npos ? end : end - at_);
        const auto less = value.find('<');
        if (less != std::string_view::npos)
            return fail(start, fmt::format("'<' in the value of '{}'", attribute),
                        "write &lt; for a plain '<', or close the quotes before it");
        if (end == std::string_view::npos)
            return fail(start, fmt::format("the value of '{}' is never closed", attribute),
                        "end it with the same quote");
        references(value, at_);
        if (!flaw_) at_ = end + 1;
    }

    std::string_view source_;
    std::size_t at_ = 0, first_ = 0;
    bool seen_root_ = false;
    std::vector<Open> open_;
    std::optional<Flaw> flaw_;
};

/// Bytes that no XML document of ours may hold, wherever they stand.
std::optional<Flaw> find_foreign_bytes(std::string_view source) {
    if (source.size() > longest)
        return Flaw{0, "the document is too long", fmt::format("{} MiB are allowed", longest >> 20)};
    const auto valid = to_utf8(source);
    if (valid != source) {
        const auto differ = std::mismatch(source.begin(), source.end(), valid.begin(), valid.end()).first;
        return Flaw{static_cast<std::size_t>(differ - source.begin()), "not UTF-8", "save the file as UTF-8"};
    }
    const auto control = std::find_if(source.begin(), source.end(), [](unsigned char c) {
        return c < 0x20 && !is_blank(static_cast<char>(c));
    });
    if (control == source.end()) return std::nullopt;
    return Flaw{static_cast<std::size_t>(control - source.begin()),
                fmt::format("the control character {}", inert({&*control, 1})),
                "remove it; XML does not allow it"};
}

}  // namespace

std::optional<Flaw> find_flaw(std::string_view source) {
    if (auto flaw = find_foreign_bytes(source)) return flaw;
    return Scanner(source).scan();
}

}  // namespace cambench::markup
