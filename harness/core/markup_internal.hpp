#pragma once

#include <cstdint>
#include <string_view>

#include "harness/core/result.hpp"

namespace cambench::markup {

/// "2kB" in bytes.
[[nodiscard]] Result<std::uint64_t> parse_volume(std::string_view text);

}  // namespace cambench::markup
