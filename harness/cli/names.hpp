#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>

#include "harness/core/result.hpp"
#include "harness/declaration/declaration.hpp"

namespace cambench::cli {

/// The document a user means: a path, or the name of a shipped one of that kind ("sleeper", "quick",
/// "honest"). The error lists the shipped names nearest to it.
[[nodiscard]] Result<std::filesystem::path> find_document(const std::string& wanted, const std::string& root);

/// The declaration a user means; its problems go to `errors`.
[[nodiscard]] Result<Declaration> find_declaration(const std::string& wanted, std::ostream& errors);

/// For arguments that may be a scenario or a suite.
[[nodiscard]] Result<std::filesystem::path> find_scenario_or_suite(const std::string& wanted);

}  // namespace cambench::cli
