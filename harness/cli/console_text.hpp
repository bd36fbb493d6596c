#pragma once

#include <string>
#include <string_view>

namespace cambench::cli {

/// Makes a unit's bytes harmless for a terminal while they stream by: line ends, tabs and readable text pass,
/// everything else is shown as "\x1b". A character that is torn between two pieces is held back until it is
/// whole.
class ConsoleText {
public:
    [[nodiscard]] std::string take(std::string_view bytes);
    /// What is still held back, at the end.
    [[nodiscard]] std::string finish();

private:
    std::string held_;
};

/// What the user's keys mean: bytes for the unit, or something for cambench after the escape key.
class ConsoleKeys {
public:
    static constexpr char escape_key = '\x1d';  ///< Ctrl-]
    enum class Command { none, quit, help, line };

    struct Keys {
        std::string bytes;                ///< for the unit
        Command command = Command::none;  ///< the first one; what follows it is dropped
    };
    [[nodiscard]] Keys take(std::string_view typed);

private:
    bool escaped_ = false;
};

}  // namespace cambench::cli
