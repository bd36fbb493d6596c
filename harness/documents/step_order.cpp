#include "harness/documents/step_order.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace cambench {
namespace {

using markup::Node;
using markup::Problems;

/// Steps that wait for the unit to do something, which it cannot without power.
constexpr std::array<std::string_view, 16> awaiting{
    "await-boot",         "factory-reset", "use-camera",    "unplug-network",
    "change-lease",       "switch-cloud",  "trigger",       "snapshot",
    "await-console",      "await-lease",   "advance-clock", "offer-update",
    "interrupt-autoboot", "send-console",  "try-logins",    "view-video"};

enum class Internet { connected, isolated };

/// Steps that speak with the camera, which they cannot before it has an address.
constexpr std::array<std::string_view, 6> asking{"use-camera",   "trigger",       "snapshot",
                                                 "switch-cloud", "factory-reset", "view-video"};

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
        if (name == "power-on")
            power(step, Power::on);
        else if (name == "power-off")
            power(step, Power::off);
        else if (name == "power-cycle")
            power_cycle(step);
        else if (name == "try-bootrom")
            power_ = Power::on, ever_powered_ = true;
        else if (name == "restore-unit")
            needs_no_power(step);
        else if (name == "isolate")
            internet(step, Internet::isolated);
        else if (name == "reconnect")
            internet(step, Internet::connected);
        else
            needs_power(step);
        if (name == "await-lease" || name == "change-lease")
            has_address_ = true;
        else
            needs_address(step);
        over(step.children());
    }

    void needs_address(const Node& step) {
        if (has_address_ || power_ == Power::off ||
            std::find(asking.begin(), asking.end(), step.name()) == asking.end())
            return;
        problems_.push_back(warning_at(step,
                                       fmt::format("<{}> before the unit's address is known", step.name()),
                                       "put <await-lease/> before it"));
    }

    void power(const Node& step, Power wanted) {
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

    void needs_power(const Node& step) {
        if (power_ == Power::on) return;
        if (std::find(awaiting.begin(), awaiting.end(), step.name()) != awaiting.end())
            problems_.push_back(problem_at(step, fmt::format("<{}> while the unit has no power", step.name()),
                                           "put <power-on/> before it"));
        else if (step.name() == "observe")
            problems_.push_back(
                warning_at(step, "<observe> while the unit has no power",
                           "put <power-on/> before it, unless silence is what you want to see"));
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

struct Need {
    std::string_view check;
    std::string_view step;
    std::string_view lack;  ///< "nothing views the video"
    std::string_view better;
};

/// What each check judges that only a step brings about.
constexpr std::array needs{
    Need{"abilities-unchanged", "snapshot", "nobody looks what the unit can",
         "add <snapshot/> to the steps, before and after"},
    Need{"autoboot-locked", "interrupt-autoboot", "nobody tries to interrupt the boot",
         "add <interrupt-autoboot/> to the steps"},
    Need{"bootrom-closed", "try-bootrom", "nobody tries the boot ROM", "add <try-bootrom/> to the steps"},
    Need{"cloud-off-obeyed", "switch-cloud", "nobody switches the cloud off",
         "add <switch-cloud state=\"off\"/> to the steps"},
    Need{"no-default-login", "try-logins", "nobody tries to log in", "add <try-logins/> to the steps"},
    Need{"only-declared-services", "snapshot", "nobody looks which ports are open",
         "add <snapshot/> to the steps"},
    Need{"still-a-camera", "view-video", "nothing views the video", "add <view-video/> to the steps"},
    Need{"survives-power-cut", "offer-update", "no update is offered",
         "add <offer-update cut-at=\"50\"/> to the steps"},
    Need{"updates-consented", "offer-update", "no update is offered",
         "add <offer-update way=\"none\"/> to the steps"},
    Need{"updates-verified", "offer-update", "no update is offered",
         "add <offer-update/> to the steps, of what must be refused and of a genuine one"},
};
constexpr std::array<std::string_view, 2> needing_tls{"no-plaintext-fallback", "tls-verified"};

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
        const auto need = std::find_if(needs.begin(), needs.end(),
                                       [&](const Need& one) { return one.check == check.name(); });
        if (need != needs.end() && !holds(need->step))
            warn(check, need->lack, need->better, problems);
        else if (check.name() == "survives-power-cut" && !cuts_power(scenario.setup) &&
                 !cuts_power(scenario.steps))
            warn(check, "no power cut falls into an update", "give an <offer-update> cut-at=\"50\" or cut-on",
                 problems);
        if (std::find(needing_tls.begin(), needing_tls.end(), check.name()) != needing_tls.end() &&
            scenario.internet.first("tls") == nullptr)
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
