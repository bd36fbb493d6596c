#include "harness/cli/run_rights.hpp"

#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "bench/sandbox/host_interface.hpp"
#include "drivers/power/board_lock.hpp"
#include "drivers/power/power_driver.hpp"
#include "harness/cli/messages.hpp"
#include "harness/core/launch/caller.hpp"
#include "harness/core/launch/rights.hpp"

namespace cambench::cli {
namespace {

void bring_interfaces_home() {
    for (const auto& line : sandbox::recover_lent_interfaces())
        std::fprintf(stderr, "cambench: %s\n", line.c_str());
}

/// Files that root sees here are not to be found any more, and nobody would guess why.
void warn_of_closed_folder() {
    std::error_code code;
    const auto here = std::filesystem::current_path(code);
    if (!code && ::access(here.c_str(), X_OK) == 0) return;
    std::fprintf(
        stderr,
        "cambench: a run gives up root's power over files, and user %u may not enter this folder, %s\n",
        ::geteuid(), printable(here.string()).c_str());
}

}  // namespace

Result<std::unique_ptr<Launcher>> hand_over_rights() {
    std::unique_ptr<Launcher> launcher;
    if (has_rights()) {
        TRY_ASSIGN(launcher, Launcher::start());
    }
    bring_interfaces_home();
    if (!launcher) return launcher;
    const auto caller = sudo_caller();
    if (caller) make_lock_directory();
    TRY(give_up_rights_of_process(caller));
    warn_of_closed_folder();
    return launcher;
}

Status seal(Launcher& launcher, const RunPlan& plan) {
    for (const auto& planned : plan.slots) {
        const auto& slot = *planned.slot;
        if (slot.network_driver() == "interface")
            TRY(launcher.allow_interface(slot.network.text("interface")));
        const auto* driver = find_power_driver(slot.power_driver());
        if (driver == nullptr || driver->commands == nullptr) continue;
        for (const auto& command : driver->commands(slot.power)) TRY(launcher.allow_command(command));
    }
    return launcher.seal();
}

}  // namespace cambench::cli
