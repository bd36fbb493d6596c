#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/event.hpp"

namespace cambench::reports {

/// Tolerant access to foreign JSON: a missing member and one of another type are the same.

[[nodiscard]] const Json& member(const Json& object, const char* name);  ///< null when there is none
[[nodiscard]] std::string text_of(const Json& object, const char* name);
[[nodiscard]] std::optional<double> number_of(const Json& object, const char* name);  ///< finite
[[nodiscard]] std::optional<std::uint64_t> count_of(const Json& object, const char* name);
[[nodiscard]] std::vector<std::string> texts_of(const Json& object, const char* name);

}  // namespace cambench::reports
