#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>

#include "harness/core/markup/markup.hpp"
#include "harness/core/markup/markup_internal.hpp"
#include "harness/core/shipped.hpp"
#include "harness/core/text.hpp"

namespace cambench::markup {
namespace {

bool starts_with_digit(std::string_view text) {
    return !text.empty() && text.front() >= '0' && text.front() <= '9';
}

Status check_whole(std::string_view text, std::uint64_t least, std::uint64_t most) {
    if (const auto value = whole_number<std::uint64_t>(text); value && *value >= least && *value <= most)
        return {};
    return usage_error(fmt::format("'{}' is not a whole number from {} to {}", text, least, most));
}

Status check_number(std::string_view text) {
    double value = 0;
    const auto [end, code] =
        std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    if (starts_with_digit(text) && !text.ends_with('.') && code == std::errc{} &&
        end == text.data() + text.size() && std::isfinite(value))
        return {};
    return usage_error(fmt::format("'{}' is not a number; write it as 3 or 0.5", text));
}

bool is_word(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
        return std::isalnum(c) || c == '-' || c == '_' || c == '.';
    });
}

Status check_host(std::string_view text) {
    auto name = text.starts_with("*.") ? text.substr(2) : text;
    bool fits = name.size() <= 253 && is_word(name) && name.front() != '.' &&
                name.find("..") == std::string_view::npos;
    for (const auto& label : split(name, '.')) fits = fits && label.size() <= 63;
    if (!fits)
        return usage_error(fmt::format(
            "'{}' is not a host name; write it as time.vendor.example or *.vendor.example", text));
    if (IpAddress::parse(name))
        return usage_error(
            fmt::format("'{}' is an address, not a name; use the attribute for addresses", text));
    return {};
}

Status check_mac_prefix(std::string_view text) {
    static constexpr std::string_view zeros = "00:00:00:00:00:00";
    const bool length = text.size() == 2 || text.size() == 5 || text.size() == 8 || text.size() == 11 ||
                        text.size() == 14 || text.size() == 17;
    if (length && MacAddress::parse(std::string(text) + std::string(zeros.substr(text.size())))) return {};
    return usage_error(fmt::format("'{}' is not the beginning of a MAC address; write it as 02:4b:52", text));
}

Status check_choice(const Attribute& attribute, std::string_view text) {
    if (std::find(attribute.choices.begin(), attribute.choices.end(), text) != attribute.choices.end())
        return {};
    const auto near = nearest(text, attribute.choices);
    const auto hint = near.empty() ? std::string() : fmt::format("; did you mean '{}'?", near);
    return usage_error(fmt::format("'{}' is not one of {}{}", text, join(attribute.choices, ", "), hint));
}

Status check_pattern(std::string_view text) {
    const re2::RE2 expression(re2::StringPiece(text.data(), text.size()), re2::RE2::Quiet);
    if (expression.ok()) return {};
    return usage_error(
        fmt::format("it is not a regular expression in RE2's syntax: {}", inert(expression.error())));
}

template <typename T>
Status status_of(Result<T> result) {
    if (result) return {};
    return std::move(result).error();
}

struct KindFacts {
    std::string_view name, example;
};

KindFacts facts_of(Kind kind) {
    switch (kind) {
        case Kind::text:
            return {"text", ""};
        case Kind::word:
            return {"word", "front-door"};
        case Kind::integer:
            return {"whole number", "12"};
        case Kind::number:
            return {"number", "0.5"};
        case Kind::port:
            return {"port", "443"};
        case Kind::duration:
            return {"duration", "20s"};
        case Kind::timestamp:
            return {"time in UTC", "2026-11-21T09:00:00Z"};
        case Kind::flag:
            return {"yes or no", "yes"};
        case Kind::choice:
            return {"choice", ""};
        case Kind::address:
            return {"address", "192.0.2.1"};
        case Kind::network:
            return {"address or network", "192.0.2.0/24"};
        case Kind::mac:
            return {"MAC address", "02:4b:52:00:00:01"};
        case Kind::mac_prefix:
            return {"beginning of a MAC address", "02:4b:52"};
        case Kind::host:
            return {"DNS name", "*.vendor.example"};
        case Kind::volume:
            return {"amount of data", "2kB"};
        case Kind::path:
            return {"file", "../library/sleeper.xml"};
        case Kind::words:
            return {"words", "PHN-02 PHN-05"};
        case Kind::pattern:
            return {"regular expression", "login: $"};
    }
    return {"text", ""};
}

}  // namespace

Result<std::uint64_t> parse_volume(std::string_view text) {
    struct Unit {
        std::string_view name;
        double bytes;
    };
    static constexpr std::array units{Unit{"B", 1}, Unit{"kB", 1e3}, Unit{"MB", 1e6}, Unit{"GB", 1e9}};
    double number = 0;
    const auto [end, code] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    const std::string_view rest(end, static_cast<std::size_t>(text.data() + text.size() - end));
    const bool plain = starts_with_digit(text) && end[-1] != '.';
    for (const auto& unit : units)
        if (plain && code == std::errc{} && number < 1e9 && rest == unit.name)
            return static_cast<std::uint64_t>(std::llround(number * unit.bytes));
    return usage_error(fmt::format(
        "'{}' is not an amount of data; write a number and its unit, such as 200B, 2kB, 3MB or 1GB", text));
}

Status check_value(const Attribute& attribute, std::string_view text) {
    switch (attribute.kind) {
        case Kind::text:
        case Kind::path:
            return {};
        case Kind::word:
            if (is_word(text)) return {};
            return usage_error(
                fmt::format("'{}' is not a word; use letters, digits, '-', '_' and '.'", text));
        case Kind::words:
            return {};
        case Kind::integer:
            return check_whole(text, 0, 9'000'000'000'000'000'000U);
        case Kind::port:
            return check_whole(text, 1, 65535);
        case Kind::number:
            return check_number(text);
        case Kind::duration:
            return status_of(parse_duration(text));
        case Kind::timestamp:
            return status_of(parse_timestamp(text));
        case Kind::flag:
            if (text == "yes" || text == "no") return {};
            return usage_error(fmt::format("'{}' is neither yes nor no", text));
        case Kind::choice:
            return check_choice(attribute, text);
        case Kind::address:
            return status_of(IpAddress::parse(text));
        case Kind::network:
            return status_of(Cidr::parse(text));
        case Kind::mac:
            return status_of(MacAddress::parse(text));
        case Kind::mac_prefix:
            return check_mac_prefix(text);
        case Kind::host:
            return check_host(text);
        case Kind::volume:
            return status_of(parse_volume(text));
        case Kind::pattern:
            return check_pattern(text);
    }
    return {};
}

std::string_view kind_name(Kind kind) { return facts_of(kind).name; }
std::string_view kind_example(Kind kind) { return facts_of(kind).example; }

bool Node::given(std::string_view attribute) const { return values_.contains(attribute); }

bool Node::has(std::string_view attribute) const { return given(attribute) || !text(attribute).empty(); }

std::string Node::text(std::string_view attribute) const {
    if (const auto found = values_.find(attribute); found != values_.end()) return found->second;
    for (const auto& known : element_->attributes)
        if (known.name == attribute) return known.fallback;
    return {};
}

std::int64_t Node::integer(std::string_view attribute) const {
    const auto value = text(attribute);
    std::int64_t number = 0;
    std::from_chars(value.data(), value.data() + value.size(), number);
    return number;
}

double Node::number(std::string_view attribute) const {
    const auto value = text(attribute);
    double number = 0;
    std::from_chars(value.data(), value.data() + value.size(), number);
    return number;
}

std::uint16_t Node::port(std::string_view attribute) const {
    return static_cast<std::uint16_t>(integer(attribute));
}
Nanoseconds Node::duration(std::string_view attribute) const {
    return parse_duration(text(attribute)).value_or(Nanoseconds::zero());
}
WallTime Node::timestamp(std::string_view attribute) const {
    return parse_timestamp(text(attribute)).value_or(WallTime{});
}
bool Node::flag(std::string_view attribute) const { return text(attribute) == "yes"; }
IpAddress Node::address(std::string_view attribute) const {
    return IpAddress::parse(text(attribute)).value_or(IpAddress{});
}
Cidr Node::network(std::string_view attribute) const {
    return Cidr::parse(text(attribute)).value_or(Cidr{IpAddress{}, 32});
}
MacAddress Node::mac(std::string_view attribute) const {
    return MacAddress::parse(text(attribute)).value_or(MacAddress{});
}
std::uint64_t Node::volume(std::string_view attribute) const {
    return parse_volume(text(attribute)).value_or(0);
}

std::filesystem::path Node::path(std::string_view attribute) const {
    const std::filesystem::path value = text(attribute);
    if (value.empty() || value.is_absolute()) return value;
    const auto folder = std::filesystem::path(position_.file).parent_path();
    const auto meant = std::filesystem::absolute(folder / value).lexically_normal();
    std::error_code code;
    if (std::filesystem::exists(meant, code)) return meant;
    for (const auto& other : {std::filesystem::absolute(folder / value.filename()), shipped_file(value),
                              std::filesystem::absolute(value)})
        if (std::filesystem::exists(other, code) && !std::filesystem::is_directory(other, code))
            return other.lexically_normal();
    return meant;
}

std::vector<std::string> Node::words(std::string_view attribute) const {
    auto value = text(attribute);
    std::replace_if(
        value.begin(), value.end(), [](unsigned char c) { return std::isspace(c); }, ' ');
    return split(value, ' ');
}

std::vector<const Node*> Node::all(std::string_view child) const {
    std::vector<const Node*> found;
    for (const auto& node : children_)
        if (node.name() == child) found.push_back(&node);
    return found;
}

const Node* Node::first(std::string_view child) const {
    const auto found = all(child);
    return found.empty() ? nullptr : found.front();
}

const Position& Node::position_of(std::string_view attribute) const {
    const auto found = positions_.find(attribute);
    return found == positions_.end() ? position_ : found->second;
}

std::string Node::to_string() const {
    std::string text = "<" + name();
    for (const auto& [attribute, value] : values_)
        text += fmt::format(" {}=\"{}\"", attribute, xml_escaped(value));
    return text + "/>";
}

}  // namespace cambench::markup
