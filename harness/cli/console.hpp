#pragma once

#include <filesystem>
#include <string>

namespace cambench::cli {

struct ConsoleOptions {
    std::string slot;
    std::string bench = "virtual";  ///< a file, or the name of a shipped one
    std::filesystem::path log;      ///< receives every byte as it came; empty: none
    enum class Typing { off, on } typing = Typing::off;
    enum class Text { inert, raw } text = Text::inert;
};

/// A slot's console on this terminal until the user leaves it. 0, 3 for a fault of the bench, 64 for usage.
[[nodiscard]] int console_command(const ConsoleOptions& options);

}  // namespace cambench::cli
