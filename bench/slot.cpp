#include "bench/slot.hpp"

#include <fmt/format.h>

#include "drivers/console/console_driver.hpp"

namespace cambench {
namespace {

constexpr auto line_time = std::chrono::seconds(5);
/// What two network cards need to agree on a rate, after one of them was put up.
constexpr auto negotiation_time = std::chrono::seconds(5);

}  // namespace

Result<std::unique_ptr<Slot>> Slot::open(const Opening& opening, EventSink& events, const RunClock& clock) {
    std::unique_ptr<Slot> slot(new Slot(opening.settings.name, events, clock));
    if (opening.tenancy != nullptr) slot->tenancy_ = opening.tenancy;
    TRY(slot->tenancy_->take(slot->name_, opening.settings.console, opening.settings.network));
    sandbox::Wishes wishes;
    if (opening.settings.network.text("driver") == "interface")
        wishes.interface = opening.settings.network.text("interface");
    if (opening.settings.network.has("capture-buffer"))
        wishes.capture_bytes = opening.settings.network.volume("capture-buffer");
    wishes.personality = opening.personality;
    wishes.evidence = opening.evidence;
    wishes.launcher = opening.launcher;
    for (const auto& own : opening.network.addresses) wishes.stated_addresses.push_back(own.address);
    wishes.stated_addresses.insert(wishes.stated_addresses.end(), opening.network.neighbours.begin(),
                                   opening.network.neighbours.end());
    slot->neighbours_ = opening.network.neighbours;
    slot->stated_ = opening.network.addresses;
    slot->addresses_.state(opening.network);
    TRY_ASSIGN(slot->sandbox_, sandbox::Sandbox::start(wishes, slot->addresses_, clock));
    for (const auto& own : opening.network.addresses) TRY(slot->join_network_of(own.address));
    slot->negotiated_ = Deadline::after(negotiation_time);
    TRY(slot->open_console(opening));
    TRY(slot->open_power(opening));
    slot->tell_heard_before();
    return slot;
}

Status Slot::open_console(const Opening& opening) {
    const auto name = opening.settings.console.text("driver");
    const auto* driver = find_console_driver(name);
    if (driver == nullptr)
        return usage_error(fmt::format("slot {}: unknown console driver '{}'", name_, name));
    TRY_ASSIGN(auto console, driver->open(opening.settings.console, {.socket = console_socket(opening)}));
    has_console_ = console != nullptr;
    TRY_ASSIGN(console_,
               ConsoleRecorder::start(std::move(console), opening.evidence / "console.log", events_, clock_));
    if (driver->opens == ConsoleDriver::Opens::with_power) return {};
    const auto deadline = Deadline::after(line_time);
    while (!console_->is_open() && !deadline.passed()) std::this_thread::sleep_for(Milliseconds(5));
    return console_->is_open() ? Status()
                               : Status(bench_error(fmt::format("slot {}: the console did not open", name_)));
}

Slot::~Slot() { (void)close(); }

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
        tell_addresses();
        remember_heard();
        closing.sandbox = sandbox_->stop();
        if (closing.status.ok()) closing.status = closing.sandbox.status;
    }
    closing_ = closing;
    return closing;
}

}  // namespace cambench
