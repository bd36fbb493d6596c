// Whether a unit that was switched off is off: what its console, its link and its frames show.
#include <fmt/format.h>

#include <thread>

#include "bench/slot.hpp"

namespace cambench {
namespace {

/// After the supply has settled: a console is silent when nothing came for `quiet_time`; it has
/// `silence_time` to become so, for what the adapter still holds and what the unit's capacitors still pay
/// for. So it is with frames.
constexpr auto quiet_time = std::chrono::milliseconds(200);
constexpr auto silence_time = std::chrono::seconds(2);
/// A network card notices late that its far end has gone.
constexpr auto link_time = std::chrono::seconds(5);
constexpr auto look_again_time = std::chrono::milliseconds(20);
/// What only a running unit writes. The UART's wire floats while the unit is off: breaks and noise come from
/// there, but no run of printable characters of this length.
constexpr auto speech = "[ -~]{16}";

Json link_word(const std::optional<bool>& carrier) {
    return carrier ? Json(*carrier ? "up" : "down") : Json();
}

}  // namespace

/// nullopt when the wire is an emulated one, or cannot be asked.
std::optional<bool> Slot::carrier() const {
    if (!host_interface_) return std::nullopt;
    const auto link = sandbox_->link();
    return link ? std::optional(link->carrier) : std::nullopt;
}

void Slot::ask_witnesses_before_power_on() {
    console_before_power_ = console_->end();
    if (powered_ || !power_can_be_confirmed_) return;
    if (host_interface_) {
        auto link = sandbox_->link();
        // A link that is still being negotiated with a switch looks like one without a far end.
        while (link && !link->carrier && link->negotiates && !negotiated_.passed()) {
            std::this_thread::sleep_for(look_again_time);
            link = sandbox_->link();
        }
        if (link) link_.before_power_on(link->carrier);
    }
    frames_.before_power_on(sandbox_->senders(), Monotonic::now());
}

void Slot::ask_witnesses_before_power_off() {
    if (!powered_ || !power_can_be_confirmed_) return;
    if (const auto up = carrier()) link_.before_power_off(*up);
    frames_.before_power_off(sandbox_->senders(), addresses_.macs(), Monotonic::now());
}

bool Slot::await_silent_console() {
    const auto deadline = Deadline::after(silence_time);
    auto mark = console_->end();
    bool silent = !has_console_;
    while (!silent && !deadline.passed()) {
        std::this_thread::sleep_for(quiet_time);
        const auto end = console_->end();
        silent = end == mark;
        silent_from_ = mark;
        mark = end;
    }
    if (silent) silent_from_ = mark;
    return silent;
}

std::optional<bool> Slot::await_fallen_link() {
    const auto deadline = Deadline::after(link_time);
    auto up = carrier();
    while (up && link_.accuses(*up) && !deadline.passed()) {
        std::this_thread::sleep_for(look_again_time);
        up = carrier();
    }
    if (up) link_.after_power_off(*up);
    return up;
}

bool Slot::await_silent_wire(std::optional<bool> carrier) {
    frames_.watch(sandbox_->senders(), Monotonic::now());
    if (!frames_.tells() || carrier == false) return true;
    const auto deadline = Deadline::after(silence_time);
    while (true) {
        const auto quiet = Deadline::after(frames_.patience());
        while (!quiet.passed() && !frames_.accuses(sandbox_->senders()))
            std::this_thread::sleep_for(look_again_time);
        if (!frames_.accuses(sandbox_->senders())) return true;
        if (deadline.passed()) return false;
        frames_.watch(sandbox_->senders(), Monotonic::now());
    }
}

Status Slot::confirm_off() {
    const bool console_silent = await_silent_console();
    const auto link = await_fallen_link();
    const bool wire_silent = await_silent_wire(link);
    const bool talks = talks_while_off().has_value();
    Json confirmed = Json::array();
    if (has_console_ && console_silent && silent_from_ > console_before_power_)
        confirmed.push_back("console");
    if (link == false && link_.tells()) confirmed.push_back("link");
    if (frames_.tells() && wire_silent) confirmed.push_back("frames");
    emit_now(events_, clock_, "power", "effect",
             {{"console", !has_console_ ? Json()
                                        : Json(console_silent ? "silent"
                                               : talks        ? "talks"
                                                              : "noise")},
              {"link", link_word(link)},
              {"frames", !frames_.tells() ? Json() : Json(wire_silent ? "silent" : "sends")},
              {"confirmed_by", std::move(confirmed)}});
    return check_silence();
}

std::optional<std::string> Slot::talks_while_off() {
    if (powered_ || !silent_from_ || console_->end() == *silent_from_) return std::nullopt;
    auto line = console_->wait_for(speech, *silent_from_, Deadline::after(Nanoseconds::zero()), {});
    if (!line) return std::nullopt;
    return std::move(*line);
}

Status Slot::check_silence() {
    if (const auto line = talks_while_off())
        return still_powered(fmt::format("the unit goes on talking ('{}')", line->substr(0, 80)));
    if (powered_ || !power_can_be_confirmed_) return {};
    if (const auto up = carrier(); up && link_.accuses(*up))
        return still_powered(fmt::format("the link of {} is up, which is down while the unit has none",
                                         sandbox_->interface()));
    if (const auto mac = frames_.accuses(sandbox_->senders()))
        return still_powered(fmt::format("the unit goes on sending frames (from {})", mac->to_string()));
    return {};
}

Error Slot::still_powered(const std::string& sign) const {
    return bench_error(
        fmt::format("slot {}: the power is off, but {}: {} is stuck, or the unit is wired to another one, or "
                    "it has a second supply",
                    name_, sign, contact_.empty() ? "the contact" : contact_));
}

}  // namespace cambench
