#include "harness/cli/suggestions.hpp"

#include <fmt/format.h>

#include "harness/core/text.hpp"

namespace cambench::cli {

std::string no_such_command(std::string_view word, const std::vector<std::string>& commands) {
    const auto near = nearest(word, commands);
    return fmt::format(
        "there is no command '{}'; {}", inert(word),
        near.empty() ? "there are: " + join(commands, ", ") : fmt::format("did you mean '{}'?", near));
}

std::string no_such_option(const std::vector<std::string>& words, std::string_view command,
                           const std::vector<std::string>& options) {
    std::vector<std::string> lines;
    for (const auto& word : words) {
        if (!word.starts_with('-')) continue;
        const auto name = word.substr(0, word.find('='));
        const auto near = nearest(name, options);
        lines.push_back(fmt::format(
            "'{}' has no option '{}'; {}", command, inert(name),
            near.empty() ? "it has: " + join(options, ", ") : fmt::format("did you mean '{}'?", near)));
    }
    return join(lines, "\n");
}

}  // namespace cambench::cli
