#include "harness/cli/console_text.hpp"

#include "harness/core/text.hpp"

namespace cambench::cli {
namespace {

/// How many bytes at the end of `text` may be the beginning of a UTF-8 character that is not whole.
std::size_t torn_bytes(std::string_view text) {
    for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
        const auto byte = static_cast<unsigned char>(text[text.size() - back]);
        if ((byte & 0xc0) == 0x80) continue;
        const std::size_t length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
        return length > back ? back : 0;
    }
    return 0;
}

bool is_layout(char c) { return c == '\n' || c == '\r' || c == '\t'; }

}  // namespace

std::string ConsoleText::take(std::string_view bytes) {
    held_ += bytes;
    std::string_view rest = held_;
    rest.remove_suffix(torn_bytes(rest));
    const auto whole = rest.size();
    std::string shown;
    while (!rest.empty()) {
        std::size_t length = 0;
        while (length < rest.size() && !is_layout(rest[length])) ++length;
        shown += inert(rest.substr(0, length));
        rest.remove_prefix(length);
        if (!rest.empty()) {
            shown += rest.front();
            rest.remove_prefix(1);
        }
    }
    held_.erase(0, whole);
    return shown;
}

std::string ConsoleText::finish() {
    auto shown = inert(held_);
    held_.clear();
    return shown;
}

ConsoleKeys::Keys ConsoleKeys::take(std::string_view typed) {
    Keys keys;
    for (const char key : typed) {
        if (!escaped_) {
            if (key == escape_key)
                escaped_ = true;
            else
                keys.bytes += key;
            continue;
        }
        escaped_ = false;
        if (key == escape_key)
            keys.bytes += key;
        else
            keys.command = key == 'q' || key == '.' ? Command::quit
                           : key == 'l'             ? Command::line
                                                    : Command::help;
        if (keys.command != Command::none) break;
    }
    return keys;
}

}  // namespace cambench::cli
