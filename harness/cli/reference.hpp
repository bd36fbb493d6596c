#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "harness/core/markup/markup.hpp"

namespace cambench::cli {

/// One element as text for a terminal: its name and doc, then its attributes, a line each.
[[nodiscard]] std::string describe(const markup::Element& element, const std::string& name);

/// {"name", "doc", "attributes": [{"name", "kind", "example", "required", "default", "choices", "doc"}],
/// "one_of"}
[[nodiscard]] nlohmann::json to_json(const markup::Element& element);

/// The reference of all documents, steps, checks and drivers, in Markdown.
[[nodiscard]] std::string reference_page();

}  // namespace cambench::cli
