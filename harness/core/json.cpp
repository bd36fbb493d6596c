#include "harness/core/json.hpp"

#include <fmt/format.h>

namespace cambench {

using nlohmann::json;

bool is_nested_too_deeply(std::string_view text, std::size_t deepest) {
    std::size_t depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '"') {
            for (++i; i < text.size() && text[i] != '"'; ++i)
                if (text[i] == '\\') ++i;
        } else if (c == '{' || c == '[') {
            if (++depth > deepest) return true;
        } else if ((c == '}' || c == ']') && depth > 0) {
            --depth;
        }
    }
    return false;
}

json parse_json(std::string_view text) {
    if (is_nested_too_deeply(text)) return json(json::value_t::discarded);
    return json::parse(text.begin(), text.end(), nullptr, false);
}

std::string_view type_name(const json& value) {
    switch (value.type()) {
        case json::value_t::null:
            return "null";
        case json::value_t::object:
            return "an object";
        case json::value_t::array:
            return "a list";
        case json::value_t::string:
            return "a text";
        case json::value_t::boolean:
            return "true or false";
        case json::value_t::number_integer:
        case json::value_t::number_unsigned:
        case json::value_t::number_float:
            return "a number";
        default:
            return "no JSON";
    }
}

JsonMembers::JsonMembers(const json& object, std::string where) : object_(object), where_(std::move(where)) {
    if (!object.is_object())
        status_ =
            usage_error(fmt::format("{} is {}, and an object belongs there", where_, type_name(object)));
}

const json* JsonMembers::find(const char* name, bool (*fits)(const json&), const char* wanted) {
    if (!object_.is_object()) return nullptr;
    const auto found = object_.find(name);
    if (found == object_.end() || found->is_null()) return nullptr;
    if (fits(*found)) return &*found;
    if (status_.ok())
        status_ = usage_error(
            fmt::format("{}: \"{}\" is {}, and {} belongs there", where_, name, type_name(*found), wanted));
    return nullptr;
}

std::string JsonMembers::text(const char* name) {
    const auto* found = find(
        name, [](const json& value) { return value.is_string(); }, "a text");
    return found == nullptr ? std::string() : found->get<std::string>();
}

bool JsonMembers::flag(const char* name) {
    const auto* found = find(
        name, [](const json& value) { return value.is_boolean(); }, "true or false");
    return found != nullptr && found->get<bool>();
}

const json& JsonMembers::list(const char* name) {
    static const json nothing = json::array();
    const auto* found = find(
        name, [](const json& value) { return value.is_array(); }, "a list");
    return found == nullptr ? nothing : *found;
}

const json& JsonMembers::object(const char* name) {
    static const json nothing = json::object();
    const auto* found = find(
        name, [](const json& value) { return value.is_object(); }, "an object");
    return found == nullptr ? nothing : *found;
}

}  // namespace cambench
