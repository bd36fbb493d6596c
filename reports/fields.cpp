#include "reports/fields.hpp"

#include <cmath>

namespace cambench::reports {

const Json& member(const Json& object, const char* name) {
    static const Json nothing;
    if (!object.is_object()) return nothing;
    const auto found = object.find(name);
    return found == object.end() ? nothing : *found;
}

std::string text_of(const Json& object, const char* name) {
    const auto& value = member(object, name);
    return value.is_string() ? value.get<std::string>() : std::string();
}

std::optional<double> number_of(const Json& object, const char* name) {
    const auto& value = member(object, name);
    if (!value.is_number()) return std::nullopt;
    const auto number = value.get<double>();
    return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

std::optional<std::uint64_t> count_of(const Json& object, const char* name) {
    const auto& value = member(object, name);
    if (value.is_number_unsigned()) return value.get<std::uint64_t>();
    if (value.is_number_integer() && value.get<std::int64_t>() >= 0)
        return static_cast<std::uint64_t>(value.get<std::int64_t>());
    return std::nullopt;
}

std::vector<std::string> texts_of(const Json& object, const char* name) {
    std::vector<std::string> texts;
    const auto& value = member(object, name);
    if (!value.is_array()) return texts;
    for (const auto& item : value)
        if (item.is_string()) texts.push_back(item.get<std::string>());
    return texts;
}

}  // namespace cambench::reports
