#include "harness/core/shell_talk.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace cambench {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t most_looked = 16384, longest_greeting = 4096, longest_prompt = 80;
/// The result of the sum in the orders, which an echo of the order does not hold.
constexpr std::string_view sum = "738639";

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

/// Past one option of telnet that begins at `at` with IAC.
std::size_t past_option(std::string_view text, std::size_t at) {
    constexpr char iac = '\xff', sub = '\xfa', end = '\xf0', first_with_option = '\xfb';
    if (at + 1 >= text.size()) return text.size();
    const char command = text[at + 1];
    if (command == iac) return at + 2;
    if (command == sub) {
        const auto over = text.find(std::string{iac, end}, at + 2);
        return over == std::string_view::npos ? text.size() : over + 2;
    }
    return at +
           (static_cast<unsigned char>(command) >= static_cast<unsigned char>(first_with_option) ? 3 : 2);
}

/// Past an escape sequence of ECMA-48 that begins at `at`: colours, movements, titles.
std::size_t past_escape(std::string_view text, std::size_t at) {
    if (at + 1 >= text.size()) return text.size();
    if (text[at + 1] == ']') {
        const auto over = text.find_first_of("\a\x1b", at + 2);
        if (over == std::string_view::npos) return text.size();
        return over + (text[over] == '\x1b' ? 2 : 1);
    }
    if (text[at + 1] != '[') return at + 2;
    auto end = at + 2;
    while (end < text.size() && (text[end] < '@' || text[end] > '~')) ++end;
    return end + 1;
}

bool is_text(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](unsigned char c) {
        return (c >= ' ' && c != 0x7f) || c == '\n' || c == '\t' || c == '\b';
    });
}

bool is_prompt_letter(unsigned char c) {
    return std::isalnum(c) != 0 || c >= 0x80 ||
           contains("-_.@:~/\\[]() "sv, std::string_view(reinterpret_cast<const char*>(&c), 1));
}

/// How much of a line's beginning is a prompt, its blank included; 0 when it is none. A prompt ends in a mark
/// behind which the order goes.
std::size_t prompt_length(std::string_view line) {
    line = line.substr(0, longest_prompt);
    const auto mark = line.find_first_of("#$>%");
    if (mark == std::string_view::npos ||
        !std::all_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(mark), is_prompt_letter))
        return 0;
    const auto before = line.substr(0, mark);
    const bool sharp = line[mark] == '#' || line[mark] == '$';
    const bool number = !before.empty() && before.find_first_not_of("0123456789 ") == std::string_view::npos;
    if (number || before.starts_with(' ') ||
        (line[mark] == '%' && !before.empty() &&
         std::isdigit(static_cast<unsigned char>(before.back())) != 0))
        return 0;
    // Marks of texts that are none: "a -> b", a citation in a mail, a comment with more behind it.
    if (!sharp && (before.empty() || before.ends_with('-') || before.ends_with('='))) return 0;
    auto end = mark + 1;
    if (end < line.size() && line[end] == '>') ++end;  // "#>"
    if (end < line.size() && line[end] == ' ') ++end;
    return end;
}

/// Whether a text ends in a prompt behind which nothing stands yet.
bool ends_in_prompt(std::string_view text) {
    const auto line = text.substr(text.rfind('\n') == std::string_view::npos ? 0 : text.rfind('\n') + 1);
    return !line.empty() && line.size() <= longest_prompt && prompt_length(line) == line.size();
}

bool greets_as_shell(std::string_view text) {
    static constexpr std::array greetings{
        "built-in shell ("sv,     "job control turned off"sv,           "no job control in this shell"sv,
        "Protect Shell (psh)"sv,  "Enter 'help' for a list of"sv,       "Microsoft Windows [Version"sv,
        "Windows PowerShell\n"sv, "cannot set terminal process group"sv};
    return std::any_of(greetings.begin(), greetings.end(),
                       [&](std::string_view one) { return contains(text, one); });
}

/// "uid=0(root) gid=0(root)", also where numbers have no names.
bool has_identity(std::string_view text) {
    for (auto at = text.find("uid="); at != std::string_view::npos; at = text.find("uid=", at + 1)) {
        if (at > 0 && std::isalnum(static_cast<unsigned char>(text[at - 1])) != 0) continue;
        auto rest = text.substr(at + 4, 64);
        const auto digits = rest.find_first_not_of("0123456789");
        if (digits == 0 || digits == std::string_view::npos) continue;
        rest.remove_prefix(digits);
        if (rest.starts_with('(') || rest.starts_with(" gid=")) return contains(rest, "gid=");
    }
    return false;
}

/// What a shell does not know: "220" of "sh: 1: 220: not found", "-ash: 220: not found", "bash: line 1: 220:
/// command not found" and
/// "'220' is not recognized as an internal or external command,"; "" of lines that are no such complaint.
std::string_view complained_of(std::string_view line) {
    if (line.starts_with('\'') && line.ends_with("is not recognized as an internal or external command,"))
        return line.substr(1, line.find('\'', 1) - 1);
    const auto colon = line.find(": ");
    if (colon == std::string_view::npos || colon > 40) return {};
    const auto name = line.substr(
        line.find_last_of("/-", colon) == std::string_view::npos ? 0 : line.find_last_of("/-", colon) + 1);
    static constexpr std::array shells{"sh: "sv,  "ash: "sv, "bash: "sv, "dash: "sv,
                                       "zsh: "sv, "ksh: "sv, "psh: "sv};
    if (std::none_of(shells.begin(), shells.end(),
                     [&](std::string_view one) { return name.starts_with(one); }))
        return {};
    static constexpr std::array ends{": not found"sv, ": command not found"sv, ": Permission denied"sv};
    for (const auto end : ends) {
        if (!line.ends_with(end)) continue;
        const auto rest = line.substr(0, line.size() - end.size());
        return rest.substr(rest.rfind(": ") == std::string_view::npos ? 0 : rest.rfind(": ") + 2);
    }
    return {};
}

template <typename Fits>
bool has_line(std::string_view text, Fits fits) {
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        if (fits(text.substr(0, end))) return true;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return false;
}

}  // namespace

std::string without_terminal_codes(std::string_view said) {
    said = said.substr(0, most_looked);
    std::string plain;
    plain.reserve(said.size());
    for (std::size_t at = 0; at < said.size();) {
        if (said[at] == '\xff')
            at = past_option(said, at);
        else if (said[at] == '\x1b')
            at = past_escape(said, at);
        else if (const char c = said[at++]; c != '\r' && c != '\0' && c != '\a')
            plain += c;
    }
    return plain;
}

std::string_view shell_greeting(std::string_view said) {
    if (said.size() > longest_greeting) return {};
    const auto plain = without_terminal_codes(said);
    if (plain.empty() || !is_text(plain)) return {};
    if (greets_as_shell(plain)) return "the greeting of a shell";
    // Text of mark-up ends in ">" as well, and has its beginning before.
    if (contains(plain, "<") || contains(plain, "{\"")) return {};
    return ends_in_prompt(plain) ? "the prompt of a shell" : ""sv;
}

std::string_view shell_output(std::string_view said, std::string_view heard) {
    const auto plain = without_terminal_codes(said);
    if (has_identity(plain) && contains(heard, "id")) return "what 'id' prints";
    if (has_line(plain,
                 [](std::string_view line) { return line == sum || line.ends_with(" " + std::string(sum)); }))
        return "the sum that it was given";
    if (contains(heard, "ver\r") &&
        has_line(plain, [](std::string_view line) { return line.starts_with("Microsoft Windows [Version"); }))
        return "what 'ver' prints";
    const auto complains = [&](std::string_view line) {
        const auto word = complained_of(line);
        return !word.empty() && contains(heard, word);
    };
    return has_line(plain, complains) ? "a shell's complaint about what it was told" : ""sv;
}

bool repeats_prompt(std::string_view said) {
    const auto plain = without_terminal_codes(said);
    std::string_view text = plain;
    // The first line with a prompt, after what was said as a greeting.
    constexpr unsigned most_lines = 40;
    for (unsigned line = 0; line < most_lines && !text.empty(); ++line) {
        const auto end = std::min(text.find('\n'), text.size());
        if (const auto length = prompt_length(text.substr(0, end)); length > 0)
            return contains(text.substr(end), "\n" + std::string(text.substr(0, length)));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return false;
}

std::string_view shell_order(unsigned number) {
    static constexpr std::array orders{"id\n"sv, "echo $((3*246213))\n"sv, "ver\r\n"sv, "help\n"sv};
    return number < orders.size() ? orders[number] : ""sv;
}

}  // namespace cambench
