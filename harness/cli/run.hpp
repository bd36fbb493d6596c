#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace cambench::cli {

struct RunOptions {
    std::vector<std::string> scenarios;  ///< scenarios and suites: paths or names
    std::string bench = "virtual";       ///< path or name of a bench file
    std::vector<std::string> slots;      ///< "all", or names; empty: the first `jobs` of the bench
    std::string declaration;             ///< path or name; "": the suite's, if it names one
    std::vector<std::string> units;      ///< serial numbers: one for each chosen slot, in their order
    std::vector<std::string> personas;   ///< one for all emulated slots, or one for each
    std::vector<std::string> addresses =
        {};  ///< the unit's own, where it asks nobody for one: "192.168.1.108/24"
    std::vector<std::string> parameters;            ///< "name=value"
    std::vector<std::filesystem::path> allow = {};  ///< folders in which files may lie that documents name
    std::filesystem::path out;                      ///< "": cambench-runs/TIME-NAME
    std::optional<unsigned> jobs;                   ///< slots at once; nullopt: all that were chosen
    bool share = false;   ///< units of one model: each scenario runs on one of the slots
    bool resume = false;  ///< `out` is an earlier run's: what it has judged PASS or FAIL stands
    bool json = false;
    bool quiet = false;
};

/// Runs everything and returns the exit code of the combined verdict.
[[nodiscard]] int run_command(const RunOptions& options);

}  // namespace cambench::cli
