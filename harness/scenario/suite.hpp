#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/scenario/scenario.hpp"

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
};

/// The table of <suite>.
[[nodiscard]] const markup::Element& suite_element();

/// Reads and validates a suite and every scenario in it; problems with a scenario's parameters stand where the suite sets them.
[[nodiscard]] Result<Suite> load_suite(const std::filesystem::path& file, markup::Problems& problems);

[[nodiscard]] std::string_view to_string(SuiteRun::Level level);

}  // namespace cambench
