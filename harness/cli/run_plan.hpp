#pragma once

#include <memory>
#include <vector>

#include "fixtures/camera/persona.hpp"
#include "harness/cli/run.hpp"
#include "harness/documents/bench_file.hpp"
#include "harness/documents/suite.hpp"

namespace cambench::cli {

/// One scenario in the list that every chosen slot goes through.
struct PlannedScenario {
    std::string id;
    SuiteRun::Level level = SuiteRun::Level::must;
    Scenario scenario;
};

/// One chosen slot and the unit in it.
struct PlannedSlot {
    const SlotDescription* slot = nullptr;
    std::optional<Persona> persona;
    std::filesystem::path persona_file;
    std::string unit;  ///< its serial number as the user states it; "": not stated
};

/// All of a run's inputs, read and validated before anything is switched.
struct RunPlan {
    std::string title;  ///< the only scenario's or suite's id, or "run"
    BenchFile bench;
    std::optional<std::filesystem::path> declaration;
    std::vector<PlannedScenario> scenarios;
    std::vector<PlannedSlot> slots;
    std::vector<std::filesystem::path> suites;  ///< the files of all suites, as they were read
    std::vector<std::string> warnings;          ///< what is strange in the documents, though valid

    /// One scenario on one slot: its evidence is the output directory itself.
    [[nodiscard]] bool is_single() const { return scenarios.size() == 1 && slots.size() == 1; }
};

/// The error carries every problem of every document, one a line.
[[nodiscard]] Result<std::unique_ptr<RunPlan>> plan_run(const RunOptions& options);

}  // namespace cambench::cli
