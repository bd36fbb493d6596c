#include "harness/documents/step_order.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/checks/check.hpp"
#include "harness/steps/step.hpp"

namespace cambench {
namespace {

using markup::Node;
using markup::Problems;
using Internet = StepType::Internet;

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
        const auto* type = find_step(step.name());
        if (type == nullptr) return;
        power(step, type->power);
        if (type->internet != Internet::any) internet(step, type->internet);
        if (type->address == StepType::Address::given) has_address_ = true;
        if (type->address == StepType::Address::needed) needs_address(step);
        over(step.children());
    }

    void power(const Node& step, StepType::Power what) {
        using Of = StepType::Power;
        if (what == Of::switched_on) switched(step, Power::on);
        if (what == Of::switched_off) switched(step, Power::off);
        if (what == Of::cycled) power_cycle(step);
        if (what == Of::begun_anew) power_ = Power::on, ever_powered_ = true;
        if (what == Of::forbidden) needs_no_power(step);
        if (what == Of::needed && power_ == Power::off)
            problems_.push_back(problem_at(step, fmt::format("<{}> while the unit has no power", step.name()),
                                           "put <power-on/> before it"));
        if (what == Of::wanted && power_ == Power::off)
            problems_.push_back(
                warning_at(step, fmt::format("<{}> while the unit has no power", step.name()),
                           "put <power-on/> before it, unless silence is what you want to see"));
    }

    void needs_address(const Node& step) {
        if (has_address_ || power_ == Power::off) return;
        problems_.push_back(warning_at(step,
                                       fmt::format("<{}> before the unit's address is known", step.name()),
                                       "put <await-lease/> before it"));
    }

    void switched(const Node& step, Power wanted) {
        if (power_ == wanted && (wanted == Power::on || ever_powered_))
            problems_.push_back(warning_at(
                step, fmt::format("the unit's power is {} already here", wanted == Power::on ? "on" : "off"),
                "remove the step, or the one before"));
        power_ = wanted;
        ever_powered_ = ever_powered_ || wanted == Power::on;
    }

    void power_cycle(const Node& step) {
        if (power_ == Power::off)
            problems_.push_back(warning_at(step, "the unit has no power yet, so this is no cold restart",
                                           "begin with <power-on/>"));
        power_ = Power::on;
        ever_powered_ = true;
    }

    void internet(const Node& step, Internet wanted) {
        if (internet_ == wanted)
            problems_.push_back(warning_at(step,
                                           wanted == Internet::isolated
                                               ? "the internet is isolated already here"
                                               : "nothing was isolated before this",
                                           "remove the step"));
        internet_ = wanted;
    }

    void needs_no_power(const Node& step) {
        if (power_ == Power::on)
            problems_.push_back(problem_at(step, "<restore-unit> while the unit has power",
                                           "put it before <power-on/>, or <power-off/> before it"));
    }

    Problems& problems_;
    Power power_ = Power::off;
    bool ever_powered_ = false, has_address_ = false;
    Internet internet_;
};

}  // namespace

bool holds_step(const std::vector<Node>& steps, std::string_view name) {
    return std::any_of(steps.begin(), steps.end(), [&](const Node& step) {
        return step.name() == name || holds_step(step.children(), name);
    });
}

namespace {

bool cuts_power(const std::vector<Node>& steps) {
    return std::any_of(steps.begin(), steps.end(), [](const Node& step) {
        return step.name() == "offer-update" &&
                       (step.given("cut-at") || step.given("cut-on") || step.given("cut-after"))
                   ? true
                   : cuts_power(step.children());
    });
}

void warn(const Node& check, std::string_view lack, std::string_view better, Problems& problems) {
    problems.push_back(warning_at(
        check, fmt::format("{}, so <{}> can only be INCONCLUSIVE", lack, check.name()), std::string(better)));
}

}  // namespace

void judge_what_checks_need(const Scenario& scenario, Problems& problems) {
    const auto holds = [&](std::string_view step) {
        return holds_step(scenario.setup, step) || holds_step(scenario.steps, step);
    };
    for (const auto& check : scenario.checks) {
        const auto* type = find_check(check.name());
        if (type == nullptr) continue;
        if (type->needs_step && !holds(type->needs_step->name))
            warn(check, type->needs_step->lack, type->needs_step->better, problems);
        else if (check.name() == "survives-power-cut" && !cuts_power(scenario.setup) &&
                 !cuts_power(scenario.steps))
            warn(check, "no power cut falls into an update", "give an <offer-update> cut-at=\"50\" or cut-on",
                 problems);
        if (type->needs_tls_trials && scenario.internet.first("tls") == nullptr)
            warn(check, "nobody shows the camera wrong certificates", "add <tls/> to the <internet>",
                 problems);
    }
}

void judge_step_order(const Scenario& scenario, Problems& problems) {
    Walk walk(problems,
              scenario.internet.text("personality") == "silent" ? Internet::isolated : Internet::connected);
    walk.over(scenario.setup);
    walk.over(scenario.steps);
}

}  // namespace cambench
