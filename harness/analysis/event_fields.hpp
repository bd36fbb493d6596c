#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/core/event.hpp"

/// Fields of a recorded event, whatever the recording holds: what is absent or of another type reads as nothing.
namespace cambench::analysis {

[[nodiscard]] inline std::string text_of(const Json& fields, std::string_view key) {
    const auto found = fields.find(key);
    return found != fields.end() && found->is_string() ? found->get<std::string>() : std::string();
}

[[nodiscard]] inline std::uint64_t count_of(const Json& fields, std::string_view key) {
    const auto found = fields.find(key);
    const bool counts = found != fields.end() && found->is_number_integer() && (found->is_number_unsigned() || found->get<std::int64_t>() >= 0);
    return counts ? found->get<std::uint64_t>() : 0;
}

[[nodiscard]] inline bool flag_of(const Json& fields, std::string_view key) {
    const auto found = fields.find(key);
    return found != fields.end() && found->is_boolean() && found->get<bool>();
}

}  // namespace cambench::analysis
