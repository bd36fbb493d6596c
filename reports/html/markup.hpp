#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "reports/escape.hpp"

namespace cambench::reports {

/// Text that is HTML (or the SVG inside it) already. Only `markup` and `foreign` make it, so that a plain
/// string cannot reach the page unescaped.
class Markup {
public:
    Markup() = default;
    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] bool empty() const { return text_.empty(); }
    Markup& operator+=(const Markup& other) {
        text_ += other.text_;
        return *this;
    }

    /// For literals of this program only.
    [[nodiscard]] static Markup trusted(std::string text) { return Markup(std::move(text)); }

private:
    explicit Markup(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

namespace detail {

template <typename T>
auto prepared(const T& value) {
    if constexpr (std::is_same_v<T, Markup>)
        return std::string_view(value.text());
    else if constexpr (std::is_arithmetic_v<T>)
        return value;
    else
        return html(std::string_view(value));
}

template <typename T>
using Prepared = decltype(prepared(std::declval<const T&>()));

}  // namespace detail

/// Formats like fmt: numbers and Markup go in as they are, every string is escaped.
template <typename... Values>
[[nodiscard]] Markup markup(fmt::format_string<detail::Prepared<Values>...> format, const Values&... values) {
    return Markup::trusted(fmt::format(format, detail::prepared(values)...));
}

/// A foreign string for reading: shortened, escaped, and kept from reordering the text around it.
[[nodiscard]] inline Markup foreign(std::string_view text, std::size_t limit = 240) {
    return markup("<bdi>{}</bdi>", shortened(text, limit));
}

/// Foreign text of several lines, a paragraph each.
[[nodiscard]] Markup paragraphs(std::string_view text, std::size_t limit = 2000);

}  // namespace cambench::reports
