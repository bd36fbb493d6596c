#pragma once

#include <string>
#include <type_traits>
#include <vector>

#include "harness/analysis/observations/observations.hpp"
#include "harness/core/text.hpp"
#include "harness/declaration/declaration.hpp"

/// Destinations as verdict.json has them, and what its parts are written with.
namespace cambench {

/// So much of a list is written; how many are left out is said beside it.
constexpr std::size_t most_bytes_of_a_list = 5U << 20;

namespace json_parts {

/// Seconds with the microseconds that captures have.
inline double seconds(Nanoseconds duration) {
    return static_cast<double>(std::chrono::duration_cast<std::chrono::microseconds>(duration).count()) / 1e6;
}
inline double epoch(WallTime time) { return seconds(time.time_since_epoch()); }

inline Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(to_utf8(text)); }

template <typename T>
Json texts(const std::vector<T>& values) {
    Json list = Json::array();
    for (const auto& value : values) {
        if constexpr (std::is_same_v<T, std::string>)
            list.push_back(to_utf8(value));
        else
            list.push_back(value.to_string());
    }
    return list;
}

}  // namespace json_parts

/// All of them, or, where they are too many, those that matter most; in order of appearance.
[[nodiscard]] Json destinations_json(const analysis::Observations& observations,
                                     const Declaration* declaration);

}  // namespace cambench
