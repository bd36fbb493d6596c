#pragma once

#include <charconv>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cambench {

/// Makes foreign text inert for a terminal and for logs: control bytes, escapes and invalid UTF-8 become
/// "\x1b"; newlines "\n".
[[nodiscard]] std::string inert(std::string_view foreign);

/// How many bytes the first character of valid UTF-8 has; 0 when the text does not begin with one.
[[nodiscard]] std::size_t sequence_length(std::string_view text);

/// Valid UTF-8 for JSON: invalid bytes become U+FFFD, nothing else changes.
[[nodiscard]] std::string to_utf8(std::string_view foreign);

/// The candidate nearest to a mistyped word: one mistake for every three letters, one at least; else the only
/// candidate that begins with it; else "".
[[nodiscard]] std::string nearest(std::string_view word, std::span<const std::string> candidates);

/// Whether `text` is `pattern`, in which "*" stands for any number of any characters. Exact case.
[[nodiscard]] bool glob_matches(std::string_view pattern, std::string_view text);

[[nodiscard]] std::string lower(std::string_view text);
[[nodiscard]] std::string_view trim(std::string_view text);
[[nodiscard]] std::vector<std::string> split(std::string_view text,
                                             char separator);  ///< empty parts are left out
[[nodiscard]] std::string join(std::span<const std::string> parts, std::string_view separator);

/// The number that is all of a text; nullopt for anything else, also for one that does not fit.
template <typename Number>
[[nodiscard]] std::optional<Number> whole_number(std::string_view text, int base = 10) {
    Number value{};
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    return code == std::errc() && end == text.data() + text.size() && !text.empty() ? std::optional(value)
                                                                                    : std::nullopt;
}

/// RFC 4648 with padding.
[[nodiscard]] std::string base64(std::string_view bytes);
/// The bytes of such a text; nullopt when it is none.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

}  // namespace cambench
