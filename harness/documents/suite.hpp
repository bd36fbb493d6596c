#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/documents/scenario.hpp"

namespace cambench {

/// One scenario of a suite, with the suite's values for its parameters put in.
struct SuiteRun {
    enum class Level { must, should };
    std::string id;  ///< unique in the suite; the scenario's own unless the suite gives another
    Level level = Level::must;
    Scenario scenario;
};

/// Scenarios that together qualify a unit.
struct Suite {
    std::filesystem::path file;
    std::string id, title, why;
    std::vector<SuiteRun> runs;
    std::optional<std::filesystem::path> declaration, persona;  ///< used when the user names none
    std::vector<std::filesystem::path> files;  ///< this suite and those it runs, as they were read
};

/// The table of <suite>.
[[nodiscard]] const markup::Element& suite_element();

/// Reads and validates a suite and every scenario in it; problems with a scenario's parameters stand where
/// the suite sets them. `overrides` outrank the values that the suite sets: of each scenario those of its
/// parameters, by "name" or, of one run, by "id.name". Fails when no scenario has a parameter of that name.
[[nodiscard]] Result<Suite> load_suite(const std::filesystem::path& file, markup::Problems& problems,
                                       const markup::Parameters& overrides = {});

[[nodiscard]] std::string_view to_string(SuiteRun::Level level);

}  // namespace cambench
