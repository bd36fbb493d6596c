#include "bench/internet/world/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/text.hpp"

namespace cambench::internet {

JsonText& JsonText::text(std::string_view key, std::string_view value) {
    begin(key);
    quoted(value);
    return *this;
}

JsonText& JsonText::null(std::string_view key) {
    begin(key);
    content_ += "null";
    return *this;
}

JsonText& JsonText::number(std::string_view key, std::int64_t value) {
    begin(key);
    const fmt::format_int digits(value);
    content_.append(digits.data(), digits.size());
    return *this;
}

JsonText& JsonText::flag(std::string_view key, bool value) {
    begin(key);
    content_ += value ? "true" : "false";
    return *this;
}

JsonText& JsonText::texts(std::string_view key, std::span<const std::string> values) {
    begin(key);
    content_ += '[';
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (i > 0) content_ += ',';
        quoted(values[i]);
    }
    content_ += ']';
    return *this;
}

JsonText& JsonText::numbers(std::string_view key, std::span<const unsigned> values) {
    begin(key);
    content_ += fmt::format("[{}]", fmt::join(values, ","));
    return *this;
}

JsonText& JsonText::pairs(std::string_view key, std::span<const std::pair<std::string, std::string>> values) {
    begin(key);
    content_ += '[';
    for (std::size_t i = 0; i < values.size(); ++i) {
        content_ += i > 0 ? ",[" : "[";
        quoted(values[i].first);
        content_ += ',';
        quoted(values[i].second);
        content_ += ']';
    }
    content_ += ']';
    return *this;
}

void JsonText::begin(std::string_view key) {
    constexpr std::size_t usual_size = 512;
    if (content_.empty())
        content_.reserve(usual_size);
    else
        content_ += ',';
    content_.append("\"").append(key).append("\":");
}

void JsonText::quoted(std::string_view value) {
    const auto plain = [](unsigned char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; };
    content_ += '"';
    if (std::all_of(value.begin(), value.end(), plain)) {
        content_ += value;
    } else {
        for (const char c : to_utf8(value)) {
            const auto code = static_cast<unsigned char>(c);
            if (c == '"' || c == '\\')
                (content_ += '\\') += c;
            else if (code < 0x20 || code == 0x7f)
                fmt::format_to(std::back_inserter(content_), "\\u{:04x}", code);
            else
                content_ += c;
        }
    }
    content_ += '"';
}

}  // namespace cambench::internet
