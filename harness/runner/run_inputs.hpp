#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/runner/run_scenario.hpp"

namespace cambench {

/// A file that a run is made of.
struct RunInput {
    std::filesystem::path file;
    std::string role;   ///< "scenario", "bench", "declaration", "persona", "suite", or the attribute that
                        ///< names it: "answer file"
    std::string named;  ///< the attribute's text; "" where the user or the bench named it
    std::string name;   ///< in inputs/, its own alone; "" where only its hash is kept: what holds a private
                        ///< key, and firmware, which payloads/ holds as it was offered
};

/// The files a run is made of. What the judgement reads has names that no other file gets, whatever it is
/// called at home.
[[nodiscard]] std::vector<RunInput> inputs_of(const ScenarioRequest& request);

inline constexpr auto input_index_name = "index.json";

/// inputs/index.json: of each file its name there, its role, as what it was named, where it lay and its
/// SHA-256.
[[nodiscard]] Json index_of(const std::vector<RunInput>& inputs);

}  // namespace cambench
