#include "harness/analysis/run/unit_restarts.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "harness/analysis/run/console_boot.hpp"
#include "harness/analysis/run/step_facts.hpp"
#include "harness/core/event_fields.hpp"

namespace cambench::analysis {
namespace {

constexpr std::size_t most_restarts = 64;

bool says(const RE2& words, std::string_view line) {
    return RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), words);
}

bool gives_up(std::string_view line) {
    static const RE2 words(
        R"(Kernel panic - not syncing|^\s*(\[[ \d.]+\] ?)?Rebooting in \d+ seconds|reboot: Restarting system|^\s*(\[[ \d.]+\] ?)?Restarting system\.|sysrq: Resetting)",
        RE2::Latin1);
    return says(words, line);
}

/// The first words of a kernel, by which it can be told from a program that prints /proc/version.
bool begins_kernel(std::string_view line) {
    static const RE2 words(
        R"(^\s*(\[ *0\.0+\] ?)?Booting Linux on physical CPU|^\s*\[ *0\.0+\] ?Linux version \d+\.)",
        RE2::Latin1);
    return says(words, line);
}

enum class Order { none, power, typed, step_begins, step_ends };

Order order_of(const Event& event) {
    if (event.lane == "power") return event.kind == "on" || event.kind == "off" ? Order::power : Order::none;
    if (event.lane == "console") return event.kind == "sent" ? Order::typed : Order::none;
    if (event.lane != "scenario" || event.kind != "step") return Order::none;
    const auto step = text_of(event.fields, "step");
    // What switches the power says so itself, in time; the step goes on while the unit boots.
    if (step.starts_with("power-") || acts_on(event) != ActsOn::unit) return Order::none;
    return text_of(event.fields, "state") == "end" ? Order::step_ends : Order::step_begins;
}

/// Follows the console beside what the bench did.
class Follower {
public:
    explicit Follower(const Observations& observations) {
        for (const auto& event : observations.run.events)
            if (const auto order = order_of(event); order != Order::none)
                orders_.push_back({event.time, order});
        std::stable_sort(orders_.begin(), orders_.end(),
                         [](const auto& a, const auto& b) { return a.first < b.first; });
    }

    void take(const ConsoleLine& line) {
        if (!line.time) return;
        obey_orders(*line.time);
        boot_.take(line.text);
        const bool kernel = begins_kernel(line.text);
        const bool anew = boot_.started_anew() || (kernel && kernel_over_);
        const bool panics = gives_up(line.text) && !expected_ && !in_step_;
        if (kernel || boot_sign(line.text) == BootSign::banner) expected_ = false;
        kernel_over_ = !kernel && (kernel_over_ || kernel_begun_);
        kernel_begun_ = kernel_begun_ || kernel;
        if (anew) kernel_over_ = false, kernel_begun_ = kernel;
        if ((!anew && !panics) || in_step_) return;
        // A kernel that gave up and the start that follows are one.
        if (!(gave_up_ && anew) && !(gave_up_ && panics) && restarts_.size() < most_restarts)
            restarts_.push_back({*line.time, line.text, line.number});
        gave_up_ = panics;
    }

    [[nodiscard]] std::vector<UnorderedRestart> finish() { return std::move(restarts_); }

private:
    /// What the bench did since the line before explains a start; a step may have to be waited for.
    void obey_orders(Nanoseconds now) {
        for (; next_ < orders_.size() && orders_[next_].first <= now; ++next_) {
            const auto order = orders_[next_].second;
            in_step_ = order == Order::step_begins || (in_step_ && order != Order::step_ends);
            if (order == Order::step_ends) continue;
            boot_ = {};
            kernel_begun_ = kernel_over_ = gave_up_ = false;
            expected_ = order != Order::power;
        }
    }

    std::vector<std::pair<Nanoseconds, Order>> orders_;
    std::size_t next_ = 0;
    BootProgress boot_;
    bool kernel_begun_ = false,
         kernel_over_ = false;  ///< since the last order; a kernel, and other lines after it
    bool gave_up_ = false, expected_ = false, in_step_ = false;
    std::vector<UnorderedRestart> restarts_;
};

}  // namespace

std::vector<UnorderedRestart> unordered_restarts(const Observations& observations) {
    Follower follower(observations);
    for (const auto& line : observations.console.lines) follower.take(line);
    return follower.finish();
}

std::vector<Nanoseconds> ordered_starts(const Observations& observations) {
    std::vector<std::pair<Nanoseconds, Order>> steps;
    for (const auto& event : observations.run.events)
        if (const auto order = order_of(event); order == Order::step_begins || order == Order::step_ends)
            steps.emplace_back(event.time, order);
    std::stable_sort(steps.begin(), steps.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<Nanoseconds> starts;
    for (const auto& line : observations.console.lines) {
        if (!line.time || (!begins_kernel(line.text) && boot_sign(line.text) != BootSign::banner)) continue;
        const auto next =
            std::upper_bound(steps.begin(), steps.end(), *line.time,
                             [](Nanoseconds time, const auto& step) { return time < step.first; });
        if (next != steps.begin() && std::prev(next)->second == Order::step_begins)
            starts.push_back(*line.time);
    }
    std::sort(starts.begin(), starts.end());
    return starts;
}

}  // namespace cambench::analysis
