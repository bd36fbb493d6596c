#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "fixtures/camera/persona.hpp"
#include "harness/checks/verdict.hpp"
#include "harness/core/event.hpp"
#include "harness/documents/bench_file.hpp"
#include "harness/documents/scenario.hpp"

namespace cambench {

class ChannelClaims;
class Launcher;
class SlotTenancy;

/// One scenario to be run on one slot.
struct ScenarioRequest {
    const Scenario* scenario = nullptr;
    const BenchFile* bench = nullptr;
    const SlotDescription* slot = nullptr;
    std::optional<std::filesystem::path> declaration;
    std::vector<std::string> addresses = {};  ///< of the unit, as --address has them
    std::optional<Persona> persona;           ///< the unit of an emulated slot
    std::filesystem::path persona_file;
    std::string unit;  ///< the serial number that the user states; "": the persona's, if there is one
    std::string run;   ///< the id of the run it is part of; "": none
    std::vector<std::pair<std::filesystem::path, std::string>>
        further_inputs;  ///< kept in inputs/ under these names, such as the suite it is the only part of
    std::filesystem::path evidence;   ///< must not exist, or be empty
    std::filesystem::path workplace;  ///< exists; keeps the emulated unit's flash between scenarios
    ChannelClaims* claims = nullptr;  ///< keeps the slot's relay channel from one scenario to the next
    Launcher* launcher = nullptr;     ///< starts what needs rights that this process has given up
    SlotTenancy* tenancy = nullptr;   ///< keeps the slot itself, and knows the unit again
    std::function<void(const Event&)> listener;  ///< hears every event, on any thread
};

struct ScenarioOutcome {
    std::string id;
    Verdict verdict = Verdict::error;
    std::string reason;
    std::filesystem::path evidence;
};

/// Runs it: sandbox and recorders, set-up, steps, tear-down, power off, recorders off, judgement, manifest.
///
/// Faults of the bench become the verdict ERROR; an error comes back only when there is no place to record
/// anything.
[[nodiscard]] Result<ScenarioOutcome> run_scenario(const ScenarioRequest& request,
                                                   const std::stop_token& stop);

/// The time its steps ask for, for progress: windows, power cycles and a guess for each boot.
[[nodiscard]] Nanoseconds planned_time(const Scenario& scenario);

}  // namespace cambench
