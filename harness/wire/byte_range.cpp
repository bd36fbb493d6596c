#include "harness/wire/byte_range.hpp"

#include <algorithm>

#include "harness/core/text.hpp"

namespace cambench::internet {
namespace {

constexpr std::size_t most_parts = 65536;

}  // namespace

std::optional<ByteRange> parse_range(std::string_view field, std::uint64_t size) {
    field = trim(field);
    if (!lower(field.substr(0, 6)).starts_with("bytes=") || field.find(',') != std::string_view::npos)
        return std::nullopt;
    field.remove_prefix(6);
    const auto dash = field.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const auto first = trim(field.substr(0, dash)), last = trim(field.substr(dash + 1));
    const auto to = whole_number<std::uint64_t>(last);
    if (first.empty())
        return to && *to > 0 && size > 0 ? std::optional(ByteRange{size - std::min(*to, size), size})
                                         : std::nullopt;
    const auto from = whole_number<std::uint64_t>(first);
    if (!from || *from >= size || (!last.empty() && (!to || *to < *from))) return std::nullopt;
    return ByteRange{*from, last.empty() || *to >= size ? size : *to + 1};
}

void Coverage::add(ByteRange range) {
    if (range.begin >= range.end) return;
    auto next = parts_.upper_bound(range.begin);
    if (next != parts_.begin() && std::prev(next)->second >= range.begin) --next;
    while (next != parts_.end() && next->first <= range.end) {
        range = {std::min(range.begin, next->first), std::max(range.end, next->second)};
        bytes_ -= next->second - next->first;
        next = parts_.erase(next);
    }
    if (parts_.size() >= most_parts) return;
    parts_.emplace(range.begin, range.end);
    bytes_ += range.end - range.begin;
}

}  // namespace cambench::internet
