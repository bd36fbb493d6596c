#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "harness/core/result.hpp"

namespace cambench::markup {

/// "2kB" in bytes.
[[nodiscard]] Result<std::uint64_t> parse_volume(std::string_view text);

/// Elements may be nested this deep.
constexpr unsigned deepest = 64;
/// An element has at most so many attributes.
constexpr unsigned most_attributes = 64;
/// A longer document is refused before it is parsed.
constexpr std::size_t longest = 8u << 20;

/// Why a text is not a document we read, and where.
struct Flaw {
    std::size_t offset = 0;
    std::string what;
    std::string better;
};

/// The first flaw of an XML document: what XML 1.0 forbids (pugixml alone accepts much of it) and what we
/// refuse besides: document types, other encodings than UTF-8, elements nested too deeply or with too many
/// attributes.
[[nodiscard]] std::optional<Flaw> find_flaw(std::string_view source);

struct Element;

/// Where in a document with this root an element of that name may stand, nearest to the root: "<setup>,
/// <steps> or <teardown>"; "" when nowhere.
[[nodiscard]] std::string homes_of(std::string_view name, const Element& root);

/// `text` for an attribute's value between double quotes.
[[nodiscard]] std::string xml_escaped(std::string_view text);

}  // namespace cambench::markup
