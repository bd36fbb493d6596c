#include "harness/steps/step_context.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cambench {
namespace {

/// How long a fault of the bench may go unnoticed while a step waits.
constexpr auto health_interval = std::chrono::milliseconds(200);

std::string_view word_of(StepType::Acts acts) {
    return acts == StepType::Acts::watches ? "nothing" : acts == StepType::Acts::around ? "around" : "unit";
}

}  // namespace

bool is_new_lease(const Event& event) { return is_lease(event) && event.fields.contains("requested"); }

Status StepContext::run(const std::vector<markup::Node>& steps) {
    for (const auto& step : steps) TRY(run_one(step));
    return {};
}

Status StepContext::run_one(const markup::Node& step) {
    if (stop_.stop_requested()) return cancelled_error("cancelled");
    const auto* type = find_step(step.name());
    if (type == nullptr) return usage_error("unknown step " + step.name());
    const Json identity{{"step", step.name()}, {"line", step.position().line}, {"text", step.to_string()}};
    auto begin = identity;
    begin["state"] = "begin";
    begin["acts_on"] = word_of(type->acts);
    emit("scenario", "step", std::move(begin));
    auto status = type->run(step, *this);
    if (status.ok()) status = slot_.health();
    auto end = identity;
    end["state"] = "end";
    end["acts_on"] = word_of(type->acts);
    end["outcome"] = status.ok() ? "done" : std::string(to_string(status.error().fault));
    if (!status) end["why"] = status.error().message;
    emit("scenario", "step", std::move(end));
    if (!status)
        return std::move(status).error().in(
            fmt::format("<{}> at line {}", step.name(), step.position().line));
    return {};
}

void StepContext::emit(std::string lane, std::string kind, Json fields) {
    emit_now(timeline_, timeline_.clock(), std::move(lane), std::move(kind), std::move(fields));
}

void StepContext::note_restart(PowerOn since) {
    power_on_ = since;
    slot_.addresses().begin_start(since.time);
}

std::optional<std::string> StepContext::camera_address() const {
    const auto address = slot_.addresses().current();
    return address ? std::optional(address->to_string()) : std::nullopt;
}

void StepContext::note_camera_address(const std::string& text) {
    if (const auto address = IpAddress::parse(text)) slot_.addresses().use(*address);
}

void StepContext::report_stimulus(const markup::Node& step, bool took, const std::string& why) {
    emit("scenario", "stimulus",
         {{"step", step.name()}, {"line", step.position().line}, {"took", took}, {"why", why}});
}

Status StepContext::pause(Nanoseconds duration) {
    const auto deadline = Deadline::after(duration);
    while (!deadline.passed()) {
        if (!timeline_.wait_until(deadline.sooner(Deadline::after(health_interval)), stop_))
            return cancelled_error("cancelled");
        TRY(slot_.health());
    }
    return {};
}

Result<Event> StepContext::await_event(const std::function<bool(const Event&)>& fits, Timeline::Mark from,
                                       Nanoseconds within) {
    const auto deadline = Deadline::after(within);
    while (true) {
        auto event = timeline_.wait_for(fits, from, deadline.sooner(Deadline::after(health_interval)), stop_);
        if (event.ok() || event.error().fault != Fault::timeout) return event;
        TRY(slot_.health());  // before the end of the patience counts, however short that is: who polls waits
                              // here, too
        if (deadline.passed()) return event;
    }
}

Result<CommandOutput> StepContext::run_command(const Launch& launch, const std::string& input,
                                               Nanoseconds within) {
    return cambench::run_command(launch, input, Deadline::after(within), [this] {
        return stop_.stop_requested() ? Status(cancelled_error("cancelled")) : slot_.health();
    });
}

Result<std::string> StepContext::await_console(const std::string& pattern, std::uint64_t from,
                                               Nanoseconds within) {
    const auto deadline = Deadline::after(within);
    while (true) {
        auto line =
            slot_.console().wait_for(pattern, from, deadline.sooner(Deadline::after(health_interval)), stop_);
        if (line.ok() || line.error().fault != Fault::timeout) return line;
        TRY(slot_.health());
        if (deadline.passed()) return line;
    }
}

}  // namespace cambench
