#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cambench::cli {

/// What to say of a command that there is not: the one that was perhaps meant, else all.
[[nodiscard]] std::string no_such_command(std::string_view word, const std::vector<std::string>& commands);

/// What to say of options that a command does not have; "" when none of the words is an option.
[[nodiscard]] std::string no_such_option(const std::vector<std::string>& words, std::string_view command,
                                         const std::vector<std::string>& options);

}  // namespace cambench::cli
