#include "drivers/power/boards/command.hpp"

#include <fmt/format.h>

#include <thread>

#include "harness/core/launch/process.hpp"
#include "harness/core/text.hpp"

namespace cambench {
namespace {

class CommandPower final : public PowerSwitch {
public:
    explicit CommandPower(PowerCommands commands) : commands_(std::move(commands)) {}

    Status set(State wanted) override {
        auto said = run(wanted == State::on ? commands_.on : commands_.off);
        if (!said) return std::move(said).error();
        std::this_thread::sleep_for(commands_.settle);
        return {};
    }

    Result<std::optional<State>> read_back() override {
        if (commands_.state.empty()) return std::optional<State>{};
        TRY_ASSIGN(const auto text, run(commands_.state));
        const auto word = lower(trim(text));
        if (word == "on") return std::optional(State::on);
        if (word == "off") return std::optional(State::off);
        return bench_error(fmt::format("power command '{}' said '{}'; on or off was expected",
                                       commands_.state, inert(word)));
    }

private:
    Result<std::string> run(const std::string& command) const {
        auto output = run_command({.command = {"/bin/sh", "-c", command}, .starter = {commands_.launcher}},
                                  "", Deadline::after(commands_.timeout));
        // A switch that does not answer is a fault of the bench; a camera has nothing to do with it.
        if (!output && output.error().fault == Fault::timeout)
            return bench_error(fmt::format("power command '{}' did not finish in {:g} s", command,
                                           std::chrono::duration<double>(commands_.timeout).count()));
        if (!output) return std::move(output).error().in(fmt::format("power command '{}'", command));
        if (output->exit_code != 0)
            return bench_error(fmt::format("power command '{}' exited with {}: {}", command,
                                           output->exit_code,
                                           inert(join(split(trim(output->text), '\n'), "; "))));
        return output->text;
    }

    PowerCommands commands_;
};

class ManualPower final : public PowerSwitch {
public:
    Status set(State) override { return {}; }
    Result<std::optional<State>> read_back() override { return std::optional<State>{}; }
};

}  // namespace

std::unique_ptr<PowerSwitch> open_command_power(PowerCommands commands) {
    return std::make_unique<CommandPower>(std::move(commands));
}
std::unique_ptr<PowerSwitch> open_manual_power() { return std::make_unique<ManualPower>(); }

}  // namespace cambench
