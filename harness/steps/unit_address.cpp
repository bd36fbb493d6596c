#include "harness/steps/unit_address.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/text.hpp"

namespace cambench {
namespace {

constexpr std::chrono::milliseconds ask_every{1000}, call_every{10'000}, look_every{50};
/// An answer no older than this is one of now.
constexpr std::chrono::milliseconds answer_holds{3000};

}  // namespace

Result<std::optional<std::string>> AddressWatch::look() { return look(Time::left); }
Result<std::optional<std::string>> AddressWatch::last_look() { return look(Time::over); }

Result<std::optional<std::string>> AddressWatch::look(Time time) {
    const auto lease = context_.await_event(lease_, since_.mark, Nanoseconds::zero());
    if (lease) {
        context_.note_camera_address(lease->fields.value("address", std::string()));
        return std::optional<std::string>("the camera took a lease");
    }
    if (lease.error().fault != Fault::timeout) return lease.error();
    return look_for_own(time);
}

/// Whether the unit had time enough to think of another one.
bool AddressWatch::is_settled(const UnitAddresses::Shown& one, Nanoseconds now) const {
    const auto& addresses = context_.slot().addresses();
    return one.stated || (addresses.current() == one.address && !addresses.leased(one.address)) ||
           now - one.first >= static_after_;
}

Status AddressWatch::ask(Nanoseconds now) {
    auto& slot = context_.slot();
    if (!next_question_.passed()) return {};
    next_question_ = Deadline::after(ask_every);
    TRY(slot.health());
    const auto shown = slot.addresses().shown();
    for (const auto& one : shown)
        if (is_settled(one, now + ask_every)) TRY(slot.ask_for(one.address));
    for (const auto& address : slot.addresses().expected())
        if (std::none_of(shown.begin(), shown.end(), [&](const auto& one) { return one.address == address; }))
            TRY(slot.ask_for(address));
    if (!shown.empty() || now - since_.time < static_after_ || !next_call_.passed()) return {};
    next_call_ = Deadline::after(call_every);
    return slot.call_units();
}

Result<std::optional<std::string>> AddressWatch::look_for_own(Time time) {
    const auto now = context_.timeline().clock().now();
    TRY(ask(now));
    const bool may_lease = context_.slot().addresses().asked_dhcp() && time == Time::left;
    for (const auto& one : context_.slot().addresses().shown()) {
        if (time == Time::left && !is_settled(one, now))
            break;  // a better address has to wait for its time, and the others for it
        if (!one.answered || now - *one.answered > answer_holds || (may_lease && !one.stated)) continue;
        context_.note_camera_address(one.address.to_string());
        return std::optional(describe(one));
    }
    return std::optional<std::string>();
}

std::string AddressWatch::describe(const UnitAddresses::Shown& one) const {
    if (context_.slot().sandbox().lan6().contains(one.address))
        return fmt::format("the camera uses {} and took no lease", one.address.to_string());
    return fmt::format("the camera uses {}{}, {}", one.address.to_string(), one.stated ? ", as stated" : "",
                       context_.slot().addresses().ever_asked_dhcp()
                           ? "and took no lease though it asked for one"
                           : "and never asked DHCP");
}

std::string AddressWatch::instead() const {
    std::vector<std::string> texts;
    for (const auto& address : context_.slot().addresses().conflicts())
        texts.push_back(
            fmt::format("it uses {}, an address of the bench's own: state it by --address, and the bench "
                        "keeps clear of it",
                        address.to_string()));
    for (const auto& one : context_.slot().addresses().shown())
        texts.push_back(fmt::format("it showed {}{}", one.address.to_string(),
                                    one.answered ? "" : " and did not answer there when it was asked"));
    return join(texts, "; ");
}

Result<bool> AnswerWatch::fell_silent() {
    auto& addresses = context_.slot().addresses();
    const auto own = addresses.current();
    if (!own || addresses.leased(*own)) return false;
    const auto now = context_.timeline().clock().now();
    if (next_question_.passed()) {
        next_question_ = Deadline::after(ask_every / 2);
        TRY(context_.slot().ask_for(*own));
    }
    auto heard = begun_;
    for (const auto& one : addresses.shown())
        if (one.address == *own && one.answered) heard = std::max(heard, *one.answered);
    return now - heard > answer_holds;
}

Result<std::string> await_address(StepContext& context, AddressWatch watch, Nanoseconds within) {
    const auto deadline = Deadline::after(within);
    while (true) {
        const bool over = deadline.passed();
        TRY_ASSIGN(auto found, over ? watch.last_look() : watch.look());
        if (found) return std::move(*found);
        if (over) break;
        TRY(context.pause(look_every));
    }
    const auto instead = watch.instead();
    return dut_error(fmt::format("the unit took no lease in {}{}", format_duration(within),
                                 instead.empty() ? ", and no address of its own was seen" : ": " + instead));
}

}  // namespace cambench
