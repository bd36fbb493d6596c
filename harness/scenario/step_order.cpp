#include "harness/scenario/step_order.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace cambench {
namespace {

using markup::Node;
using markup::Problems;

/// Steps that wait for the unit to do something, which it cannot without power.
constexpr std::array<std::string_view, 16> awaiting{"await-boot", "factory-reset", "use-camera", "unplug-network", "change-lease", "switch-cloud", "trigger", "snapshot", "await-console", "await-lease", "advance-clock", "offer-update",
                                                   "interrupt-autoboot", "send-console",  "try-logins",  "view-video"};

enum class Internet { connected, isolated };

/// What is known of the slot between two steps.
class Walk {
public:
    Walk(Problems& problems, Internet at_first) : problems_(problems), internet_(at_first) {}

    void over(const std::vector<Node>& steps) {
        for (const auto& step : steps) over(step);
    }

private:
    enum class Power { off, on };

    void over(const Node& step) {
        const auto& name = step.name();
        if (name == "power-on") power(step, Power::on);
        else if (name == "power-off") power(step, Power::off);
        else if (name == "power-cycle") power_cycle(step);
        else if (name == "try-bootrom") power_ = Power::on, ever_powered_ = true;
        else if (name == "restore-unit") needs_no_power(step);
        else if (name == "isolate") internet(step, Internet::isolated);
        else if (name == "reconnect") internet(step, Internet::connected);
        else needs_power(step);
        over(step.children());
    }

    void power(const Node& step, Power wanted) {
        if (power_ == wanted && (wanted == Power::on || ever_powered_))
            problems_.push_back(warning_at(step, fmt::format("the unit's power is {} already here", wanted == Power::on ? "on" : "off"),
                                           "remove the step, or the one before"));
        power_ = wanted;
        ever_powered_ = ever_powered_ || wanted == Power::on;
    }

    void power_cycle(const Node& step) {
        if (power_ == Power::off)
            problems_.push_back(warning_at(step, "the unit has no power yet, so this is no cold restart", "begin with <power-on/>"));
        power_ = Power::on;
        ever_powered_ = true;
    }

    void internet(const Node& step, Internet wanted) {
        if (internet_ == wanted)
            problems_.push_back(
                warning_at(step, wanted == Internet::isolated ? "the internet is isolated already here" : "nothing was isolated before this",
                           "remove the step"));
        internet_ = wanted;
    }

    void needs_no_power(const Node& step) {
        if (power_ == Power::on) problems_.push_back(problem_at(step, "<restore-unit> while the unit has power", "put it before <power-on/>, or <power-off/> before it"));
    }

    void needs_power(const Node& step) {
        if (power_ == Power::on) return;
        if (std::find(awaiting.begin(), awaiting.end(), step.name()) != awaiting.end())
            problems_.push_back(problem_at(step, fmt::format("<{}> while the unit has no power", step.name()), "put <power-on/> before it"));
        else if (step.name() == "observe")
            problems_.push_back(
                warning_at(step, "<observe> while the unit has no power", "put <power-on/> before it, unless silence is what you want to see"));
    }

    Problems& problems_;
    Power power_ = Power::off;
    bool ever_powered_ = false;
    Internet internet_;
};

}  // namespace

bool holds_step(const std::vector<Node>& steps, std::string_view name) {
    return std::any_of(steps.begin(), steps.end(), [&](const Node& step) { return step.name() == name || holds_step(step.children(), name); });
}

void judge_step_order(const Scenario& scenario, Problems& problems) {
    Walk walk(problems, scenario.internet.text("personality") == "silent" ? Internet::isolated : Internet::connected);
    walk.over(scenario.setup);
    walk.over(scenario.steps);
}

}  // namespace cambench
