#include "harness/cli/power.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>
#include <thread>

#include "drivers/power/power_driver.hpp"
#include "harness/cli/exit_codes.hpp"
#include "harness/cli/names.hpp"
#include "harness/core/text.hpp"
#include "harness/documents/bench_file.hpp"

namespace cambench::cli {
namespace {

using Json = nlohmann::json;
using SwitchState = PowerSwitch::State;

Result<SlotDescription> find_slot(const PowerOptions& options) {
    TRY_ASSIGN(const auto file, find_document(options.bench, "bench"));
    markup::Problems problems;
    const auto bench = load_bench_file(file, problems);
    if (!bench) return bench.error();
    if (const auto* slot = bench->find(options.slot)) return *slot;
    return usage_error(fmt::format("{} has no slot '{}'; it has {}", file.string(), inert(options.slot),
                                   join(bench->slot_names(), ", ")));
}

Status act(PowerSwitch& power, const std::string& action, Nanoseconds off_for) {
    if (action == "on") return power.set(SwitchState::on);
    if (action == "off") return power.set(SwitchState::off);
    if (action == "cycle") {
        TRY(power.set(SwitchState::off));
        std::this_thread::sleep_for(off_for);
        return power.set(SwitchState::on);
    }
    return {};
}

struct Outcome {
    std::string driver;
    std::optional<SwitchState> state;
};

Result<Outcome> run(const PowerOptions& options) {
    auto off_for = parse_duration(options.off_for);
    if (!off_for) return std::move(off_for).error().in("--off-for");
    TRY_ASSIGN(const auto slot, find_slot(options));
    PowerSurroundings surroundings;
    surroundings.use = options.action == "state" ? PowerSurroundings::Use::look : PowerSurroundings::Use::own;
    TRY_ASSIGN(const auto power, open_power_switch(slot.power, surroundings));
    TRY(act(*power, options.action, *off_for));
    TRY_ASSIGN(const auto state, power->read_back());
    return Outcome{slot.power_driver(), state};
}

}  // namespace

int power_command(const PowerOptions& options, std::ostream& out, std::ostream& errors) {
    const auto outcome = run(options);
    if (!outcome) {
        errors << "cambench power: slot " << inert(options.slot) << ": " << outcome.error().message << '\n';
        return outcome.error().fault == Fault::usage ? usage_exit_code : bench_error_exit_code;
    }
    const auto& state = outcome->state;
    if (options.format == OutputFormat::json)
        out << Json{{"slot", options.slot},
                    {"driver", outcome->driver},
                    {"read_back", state ? Json(to_string(*state)) : Json()}}
                   .dump(2)
            << '\n';
    else
        out << fmt::format("{}: {}\n", options.slot,
                           state ? fmt::format("{}, as read back from the board", to_string(*state))
                           : options.action == "state" ? "unknown: this switch cannot be read back"
                                                       : "done; this switch cannot be read back");
    return 0;
}

}  // namespace cambench::cli
