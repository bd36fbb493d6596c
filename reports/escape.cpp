#include "reports/escape.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/text.hpp"

namespace cambench::reports {
namespace {

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

std::size_t sequence_length(char lead) {
    const auto byte = static_cast<unsigned char>(lead);
    return byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

char32_t code_point(std::string_view sequence) {
    const auto first = static_cast<unsigned char>(sequence[0]);
    char32_t point = sequence.size() == 1 ? first : first & (0x7fU >> sequence.size());
    for (const char c : sequence.substr(1)) point = point << 6 | (static_cast<unsigned char>(c) & 0x3fU);
    return point;
}

/// Invisible characters and those that change the reading order of their neighbours, beyond what `inert`
/// knows; and noncharacters, two of which XML forbids.
bool deceives(char32_t point) {
    return point == 0xad || point == 0x34f || point == 0x61c || point == 0x115f || point == 0x1160 ||
           point == 0x180e || (point >= 0x200b && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
           (point >= 0x2060 && point <= 0x206f) || point == 0x3164 || (point >= 0xfe00 && point <= 0xfe0f) ||
           point == 0xfeff || point == 0xffa0 || (point >= 0xfff9 && point <= 0xfffb) ||
           (point >= 0xfdd0 && point <= 0xfdef) || (point & 0xfffe) == 0xfffe ||
           (point >= 0xe0000 && point <= 0xe0fff);
}

/// Marks that pile up over and under a letter; three are enough for any script.
bool stacks(char32_t point) {
    return (point >= 0x300 && point <= 0x36f) || (point >= 0x483 && point <= 0x489) ||
           (point >= 0x1ab0 && point <= 0x1aff) || (point >= 0x1dc0 && point <= 0x1dff) ||
           (point >= 0x20d0 && point <= 0x20ff) || (point >= 0xfe20 && point <= 0xfe2f);
}

constexpr int most_stacked_marks = 3;

std::string referenced(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (const char c : text) {
        switch (c) {
            case '&':
                result += "&amp;";
                break;
            case '<':
                result += "&lt;";
                break;
            case '>':
                result += "&gt;";
                break;
            case '"':
                result += "&quot;";
                break;
            case '\'':
                result += "&#39;";
                break;
            case '`':
                result += "&#96;";
                break;
            default:
                result += c;
        }
    }
    return result;
}

}  // namespace

std::string visible(std::string_view foreign) {
    const auto valid = inert(foreign);
    std::string text;
    text.reserve(valid.size());
    int marks = 0;
    for (std::size_t i = 0; i < valid.size();) {
        const auto sequence = std::string_view(valid).substr(i, sequence_length(valid[i]));
        const auto point = code_point(sequence);
        marks = stacks(point) ? marks + 1 : 0;
        if (deceives(point) || marks > most_stacked_marks)
            text += fmt::format("\\u{{{:04x}}}", static_cast<unsigned>(point));
        else
            text += sequence;
        i += sequence.size();
    }
    return text;
}

std::string html(std::string_view foreign) { return referenced(visible(foreign)); }

std::string xml(std::string_view foreign) { return referenced(visible(foreign)); }

std::string xml_lines(std::string_view foreign) {
    std::string text;
    for (std::size_t i = 0; i <= foreign.size();) {
        const auto end = std::min(foreign.find_first_of("\n\t", i), foreign.size());
        text += xml(foreign.substr(i, end - i));
        if (end < foreign.size()) text += foreign[end];
        i = end + 1;
    }
    return text;
}

std::string shortened(std::string_view text, std::size_t limit) {
    if (text.size() <= limit) return std::string(text);
    constexpr std::size_t room_for_a_note = 48;
    if (limit < room_for_a_note) {
        auto end = limit;
        while (end > 0 && continues(text[end])) --end;
        return std::string(text.substr(0, end)) + "\u2026";
    }
    auto head = limit * 2 / 3;
    auto tail = text.size() - (limit - head);
    while (head > 0 && continues(text[head])) --head;
    while (tail < text.size() && continues(text[tail])) ++tail;
    return fmt::format("{} [... {} bytes left out ...] {}", text.substr(0, head), tail - head,
                       text.substr(tail));
}

}  // namespace cambench::reports
