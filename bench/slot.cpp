#include "bench/slot.hpp"

#include <fmt/format.h>

#include "drivers/console/stream.hpp"
#include "drivers/power/command.hpp"
#include "drivers/power/emulated.hpp"

namespace cambench {
namespace {

constexpr auto line_time = std::chrono::seconds(5);

std::filesystem::path console_socket(const Slot::Opening& opening) { return opening.workplace / "uart"; }

/// nullptr: the slot has no console.
Result<std::unique_ptr<Console>> make_console(const Slot::Opening& opening) {
    const auto& node = opening.settings.console;
    const auto driver = node.text("driver");
    if (driver == "emulated") return open_listening_console(console_socket(opening));
    if (driver == "unix") return open_unix_console(node.path("path"));
    if (driver == "tcp") return open_tcp_console(node.text("host"), node.port("port"));
    if (driver == "none") return std::unique_ptr<Console>();
    return usage_error(fmt::format("slot {}: unknown console driver '{}'", opening.settings.name, driver));
}

}  // namespace

Result<std::unique_ptr<Slot>> Slot::open(const Opening& opening, EventSink& events, const RunClock& clock) {
    std::unique_ptr<Slot> slot(new Slot(opening.settings.name, events, clock));
    sandbox::Wishes wishes;
    if (opening.settings.network.text("driver") == "interface") wishes.interface = opening.settings.network.text("interface");
    if (opening.settings.network.has("capture-buffer")) wishes.capture_bytes = opening.settings.network.volume("capture-buffer");
    wishes.personality = opening.personality;
    wishes.evidence = opening.evidence;
    TRY_ASSIGN(slot->sandbox_, sandbox::Sandbox::start(wishes, events, clock));
    TRY(slot->open_console(opening));
    TRY(slot->open_power(opening));
    return slot;
}

Status Slot::open_console(const Opening& opening) {
    TRY_ASSIGN(auto console, make_console(opening));
    has_console_ = console != nullptr;
    TRY_ASSIGN(console_, ConsoleRecorder::start(std::move(console), opening.evidence / "console.log", events_, clock_));
    const auto driver = opening.settings.console.text("driver");
    if (driver == "emulated" || driver == "none") return {};
    const auto deadline = Deadline::after(line_time);
    while (!console_->is_open() && !deadline.passed()) std::this_thread::sleep_for(Milliseconds(5));
    return console_->is_open() ? Status() : Status(bench_error(fmt::format("slot {}: the console did not open", name_)));
}

Status Slot::open_power(const Opening& opening) {
    const auto& node = opening.settings.power;
    const auto driver = node.text("driver");
    if (driver == "none") {
        power_ = open_manual_power();
    } else if (driver == "command") {
        power_ = open_command_power({.on = node.text("on"), .off = node.text("off"), .state = node.text("state"), .timeout = node.duration("within")});
    } else if (driver == "emulated") {
        if (!opening.unit) return usage_error(fmt::format("slot {} is emulated: say which camera stands in it with --persona", name_));
        TRY_ASSIGN(const auto image, emulated_camera_image());
        TRY_ASSIGN(power_, open_emulated_power({.image = image,
                                                .directory = opening.workplace,
                                                .factory_data = opening.unit->factory_data,
                                                .mac = opening.unit->mac,
                                                .console = console_socket(opening),
                                                .open_wire = [this] { return sandbox_->open_tap(); }}));
    } else {
        return usage_error(fmt::format("slot {}: unknown power driver '{}'", name_, driver));
    }
    return {};
}

Slot::~Slot() { (void)close(); }

Status Slot::power_on() {
    TRY(health());
    console_->set_closing(ConsoleRecorder::Closing::gap);
    if (auto status = power_->set(PowerSwitch::State::on); !status) return std::move(status).error().in("slot " + name_ + ": power on");
    powered_ = true;
    TRY_ASSIGN(const auto state, power_->read_back());
    emit_now(events_, clock_, "power", "on", {{"read_back", state ? Json(to_string(*state)) : Json()}});
    if (state == PowerSwitch::State::off) return bench_error(fmt::format("slot {}: power was switched on, but reads back off", name_));
    return {};
}

Status Slot::power_off() {
    console_->set_closing(ConsoleRecorder::Closing::expected);
    if (auto status = power_->set(PowerSwitch::State::off); !status) return std::move(status).error().in("slot " + name_ + ": power off");
    powered_ = false;
    TRY_ASSIGN(const auto state, power_->read_back());
    emit_now(events_, clock_, "power", "off", {{"read_back", state ? Json(to_string(*state)) : Json()}});
    if (state == PowerSwitch::State::on) return bench_error(fmt::format("slot {}: power was switched off, but reads back on", name_));
    return {};
}

Status Slot::health() {
    if (auto status = sandbox_->health(); !status) return status;
    if (auto status = console_->health(); !status) return status;
    if (!powered_) return {};
    auto state = power_->read_back();
    if (!state) return std::move(state).error();
    if (*state == PowerSwitch::State::off) return bench_error(fmt::format("slot {}: the unit lost its power during the run", name_));
    return {};
}

Slot::Closing Slot::close() {
    if (closing_) return *closing_;
    Closing closing;
    if (power_) {
        if (sandbox_ && console_) closing.status = health();
        if (auto status = power_off(); !status && closing.status.ok()) closing.status = std::move(status);
    }
    if (console_) {
        console_->stop();
        if (closing.status.ok()) closing.status = console_->health();
    }
    if (sandbox_) {
        closing.sandbox = sandbox_->stop();
        if (closing.status.ok()) closing.status = closing.sandbox.status;
    }
    closing_ = closing;
    return closing;
}

}  // namespace cambench
