#pragma once

#include <span>
#include <string_view>

namespace cambench {

/// "user:password", as found on cameras of many makers: the first ones on most.
[[nodiscard]] std::span<const std::string_view> known_accounts();

/// Passwords that boot loaders of cameras are known to take.
[[nodiscard]] std::span<const std::string_view> known_boot_passwords();

}  // namespace cambench
