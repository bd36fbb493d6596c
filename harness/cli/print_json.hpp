#pragma once

#include <iosfwd>

#include "harness/checks/judgement.hpp"

namespace cambench::cli {

/// Writes `json` indented by two, and a line's end, without ever having its text in memory; bytes that are no
/// UTF-8 become U+FFFD.
void print_json(const Json& json, std::ostream& out);
/// An object of these members, one after the other.
void print_json(const std::vector<LazyMember>& members, std::ostream& out);

}  // namespace cambench::cli
