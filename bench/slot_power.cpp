// A slot's power: switching and reading back. What confirms it is in slot_effect.cpp.
#include <fmt/format.h>

#include <thread>

#include "bench/slot.hpp"
#include "drivers/power/boards/emulated.hpp"
#include "drivers/power/power_driver.hpp"

namespace cambench {
namespace {

using State = PowerSwitch::State;

/// How often the supply is asked during a run whether it is still there.
constexpr auto supply_interval = std::chrono::milliseconds(500);
/// A unit that is found with power needs this long without it before power-on is a cold boot.
constexpr auto discharge_time = std::chrono::seconds(10);

/// Why a switch did not do its work. One that gave no answer in time tells of the bench, and nothing of the
/// camera.
Error fault_of_switch(Error error, const std::string& slot, std::string_view what) {
    if (error.fault == Fault::timeout) error.fault = Fault::bench;
    return std::move(error).in(fmt::format("slot {}: power {}", slot, what));
}

Json as_json(const std::optional<State>& state) { return state ? Json(to_string(*state)) : Json(); }

}  // namespace

Status Slot::open_power(const Opening& opening) {
    const auto& node = opening.settings.power;
    PowerSurroundings surroundings;
    surroundings.claims = opening.claims;
    surroundings.launcher = opening.launcher;
    surroundings.emulated_unit = [this, &opening]() -> Result<EmulatedUnit> {
        if (!opening.unit)
            return usage_error(
                fmt::format("slot {} is emulated: say which camera stands in it with --persona", name_));
        TRY_ASSIGN(const auto image, emulated_camera_image());
        monitor_ = std::make_shared<EmulatorMonitor>();
        return EmulatedUnit{.image = image,
                            .directory = opening.workplace,
                            .factory_data = opening.unit->factory_data,
                            .boot_environment = opening.unit->boot_environment,
                            .mac = opening.unit->mac,
                            .console = console_socket(opening),
                            .open_wire = [this] { return sandbox_->open_tap(); },
                            .monitor = monitor_};
    };
    auto power = open_power_switch(node, surroundings);
    if (!power) return std::move(power).error().in("slot " + name_);
    power_ = std::move(*power);
    if (const auto* driver = find_power_driver(node.text("driver"));
        driver != nullptr && driver->contact != nullptr)
        contact_ = driver->contact(node);
    power_can_be_confirmed_ = node.has("settle");
    host_interface_ = opening.settings.network.text("driver") == "interface";
    return power_can_be_confirmed_ ? begin_without_power() : Status();
}

Status Slot::begin_without_power() {
    auto state = power_->read_back();
    if (!state) return fault_of_switch(std::move(state).error(), name_, "read-back");
    if (*state == State::off) return confirm_off();
    emit_now(events_, clock_, "power", "found", {{"read_back", as_json(*state)}});
    TRY(power_off());
    if (*state == State::on) std::this_thread::sleep_for(discharge_time);
    return {};
}

Status Slot::power_on() {
    TRY(health());
    ask_witnesses_before_power_on();
    console_->set_closing(ConsoleRecorder::Closing::gap);
    silent_from_.reset();
    addresses_.begin_start(clock_.now());
    const auto begin =
        clock_.now();  // the unit has power from here on, though the supply still settles and is read back
    if (auto status = power_->set(State::on); !status)
        return fault_of_switch(std::move(status).error(), name_, "on");
    powered_ = true;
    auto state = power_->read_back();
    if (!state) return fault_of_switch(std::move(state).error(), name_, "on");
    events_.emit({begin, "power", "on", {{"read_back", as_json(*state)}}});
    if (*state == State::off)
        return bench_error(fmt::format("slot {}: power was switched on, but reads back off", name_));
    return {};
}

Status Slot::power_off() {
    ask_witnesses_before_power_off();
    console_->set_closing(ConsoleRecorder::Closing::expected);
    if (auto status = power_->set(State::off); !status)
        return fault_of_switch(std::move(status).error(), name_, "off");
    powered_ = false;
    auto state = power_->read_back();
    if (!state) return fault_of_switch(std::move(state).error(), name_, "off");
    emit_now(events_, clock_, "power", "off", {{"read_back", as_json(*state)}});
    if (*state == State::on)
        return bench_error(fmt::format("slot {}: power was switched off, but reads back on", name_));
    return power_can_be_confirmed_ ? confirm_off() : Status();
}

Result<bool> Slot::restore() {
    if (powered_)
        return usage_error("a unit is restored while it is off: put <restore-unit/> before <power-on/>");
    auto restored = power_->restore();
    if (!restored) return std::move(restored).error().in("slot " + name_);
    emit_now(events_, clock_, "power", "restored", {{"by", *restored ? "the bench" : "nobody"}});
    return restored;
}

Result<bool> Slot::put_card(const std::optional<std::filesystem::path>& content) {
    auto put = power_->put_card(content);
    if (!put) return std::move(put).error().in("slot " + name_);
    emit_now(events_, clock_, "power", content ? "card-in" : "card-out",
             {{"by", *put ? "the bench" : "nobody"}});
    return put;
}

Status Slot::set_cable(Cable cable) {
    const bool emulated = !host_interface_ && monitor_ != nullptr;
    auto status = emulated ? monitor_->set_cable(cable)
                           : sandbox_->set_wire(cable == Cable::in ? sandbox::Wire::up : sandbox::Wire::down);
    if (!status) return std::move(status).error().in("slot " + name_ + ": network cable");
    return {};
}

Status Slot::health() {
    if (auto status = sandbox_->health(); !status) return status;
    if (auto status = console_->health(); !status) return status;
    if (auto status = join_networks(); !status) return status;
    if (!powered_) return check_silence();
    if (auto status = look_after_unit(); !status) return status;
    if (!next_look_.passed()) return {};
    next_look_ =
        Deadline::after(monitor_ == nullptr ? Nanoseconds(supply_interval)
                                            : Nanoseconds::zero());  // an emulated one costs nothing to ask
    auto state = power_->read_back();
    if (!state) return fault_of_switch(std::move(state).error(), name_, "read-back");
    if (*state == State::off)
        return bench_error(fmt::format("slot {}: the unit lost its power during the run", name_));
    return {};
}

}  // namespace cambench
