#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/core/markup/markup.hpp"

namespace cambench {

/// Steps that act on a slot and checks that judge what was recorded.
struct Scenario {
    std::filesystem::path file;
    std::string id, title, why;
    std::vector<std::string> requirements;  ///< "PHN-05"
    markup::Parameters parameters;          ///< the values in force
    markup::Node internet;                  ///< an <internet>; an empty one when the scenario has none
    std::vector<markup::Node>
        setup;  ///< before the steps, which are not run when one of these was not followed
    std::vector<markup::Node> steps;
    std::vector<markup::Node> teardown;  ///< always runs
    std::vector<markup::Node> checks;
};

/// The table of <scenario>, made of the tables of all steps and all checks.
[[nodiscard]] const markup::Element& scenario_element();

/// Reads and validates. Beyond the table: the order of the steps makes sense (power before what needs it),
/// ids and requirements are known, every listed check has the step it judges.
[[nodiscard]] Result<Scenario> load_scenario(const std::filesystem::path& file, markup::Problems& problems,
                                             const markup::Parameters& overrides = {});

/// Whether it may be an id: lower-case letters, digits and '-'.
[[nodiscard]] bool is_id(std::string_view text);

/// The text between tags on one line.
[[nodiscard]] std::string one_line(std::string_view text);

}  // namespace cambench
