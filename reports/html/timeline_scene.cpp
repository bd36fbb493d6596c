#include "reports/html/timeline_scene.hpp"

#include <algorithm>
#include <cmath>

namespace cambench::reports {
namespace {

constexpr std::size_t most_step_rows = 4;
constexpr std::size_t most_steps_in_a_row = 300;
constexpr std::size_t most_windows = 200;
constexpr std::size_t most_undeclared = 6;
constexpr std::size_t most_alarms = 40;
constexpr double pins_apart = 0.016;  ///< of the whole run; nearer ones share a pin

std::string network_row_of(const std::string& kind) {
    if (kind == "dhcp" || kind == "arp" || kind == "link" || kind == "ndp") return "address";
    if (kind.starts_with("dns")) return "names (DNS)";
    if (kind == "ntp") return "clock (NTP)";
    if (kind.starts_with("http")) return "web (HTTP)";
    if (kind == "tls") return "TLS";
    if (kind.starts_with("tcp")) return "TCP";
    if (kind == "udp") return "UDP";
    if (kind.starts_with("icmp")) return "ping";
    return "other";
}

std::size_t slice_of(const TimelineScene& scene, double time) {
    const auto position = time / scene.end * static_cast<double>(slices);
    return static_cast<std::size_t>(std::clamp(position, 0.0, static_cast<double>(slices - 1)));
}

double end_of(const ScenarioRun& run) {
    double end = run.duration.value_or(0);
    for (const auto& event : run.timeline.events) end = std::max({end, event.time, event.until.value_or(0)});
    return std::isfinite(end) && end > 0.1 ? end : 0.1;
}

/// Pairs beginnings with endings of the same name, the latest beginning first, as nested steps end.
class SpanPairing {
public:
    void begin(double time, const std::string& label) { open_.push_back({time, time, label, false}); }
    void end(double time, const std::string& label) {
        const auto found =
            std::find_if(open_.rbegin(), open_.rend(), [&](const Span& span) { return span.label == label; });
        if (found == open_.rend()) return;
        found->end = time;
        closed_.push_back(*found);
        open_.erase(std::next(found).base());
    }
    [[nodiscard]] std::vector<Span> finish(double end) {
        for (auto& span : open_) {
            span.end = end;
            span.cut = true;
            closed_.push_back(span);
        }
        std::stable_sort(closed_.begin(), closed_.end(), [](const auto& a, const auto& b) {
            return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
        });
        return std::move(closed_);
    }

private:
    std::vector<Span> open_, closed_;
};

bool is_beginning(const TimelineEvent& event) { return event.state == "begin" || event.state == "begins"; }
bool is_ending(const TimelineEvent& event) { return event.state == "end" || event.state == "ends"; }

void add_scenario_events(TimelineScene& scene, const ScenarioRun& run) {
    SpanPairing steps, windows;
    std::vector<Span> stated;
    for (const auto& event : run.timeline.events) {
        if (event.lane != Lane::scenario) continue;
        if (event.kind == "window" && event.until) stated.push_back({event.time, *event.until, event.label});
        auto& pairing = event.kind == "window" ? windows : steps;
        if (event.kind != "window" && event.kind != "step") continue;
        if (is_beginning(event))
            pairing.begin(event.time, event.label);
        else if (is_ending(event))
            pairing.end(event.time, event.label);
    }
    scene.windows = windows.finish(scene.end);
    scene.windows.insert(scene.windows.end(), stated.begin(), stated.end());
    if (scene.windows.size() > most_windows) scene.windows.resize(most_windows);
    for (auto& span : steps.finish(scene.end)) {
        const auto has_room = [&](const std::vector<Span>& row) {
            return row.size() < most_steps_in_a_row && row.back().end <= span.begin + 1e-9;
        };
        const auto row = std::find_if(scene.steps.begin(), scene.steps.end(), has_room);
        if (row != scene.steps.end())
            row->push_back(std::move(span));
        else if (scene.steps.size() < most_step_rows)
            scene.steps.push_back({std::move(span)});
        else
            ++scene.steps_left_out;
    }
}

void add_power(TimelineScene& scene, const ScenarioRun& run) {
    bool on = false;
    double since = 0;
    for (const auto& event : run.timeline.events) {
        if (event.lane != Lane::power) continue;
        const auto& state = event.kind == "state" ? event.state : event.kind;
        scene.power_known = true;
        if (state == "off" && on) scene.powered.push_back({since, event.time, "on"});
        if (state == "on" && !on) since = event.time;
        if (state == "on" || state == "off") on = state == "on";
    }
    if (on) scene.powered.push_back({since, scene.end, "on", true});
}

void add_density(Density& density, std::size_t slice, const std::string& kind, std::uint64_t amount) {
    density.amount[slice] += amount;
    auto& kinds = density.kinds[slice];
    if (kinds.size() < 8 || kinds.contains(kind)) kinds[kind.substr(0, 40)] += amount;
}

void add_network(TimelineScene& scene, const ScenarioRun& run) {
    std::map<std::string, Density> rows;
    for (const auto& event : run.timeline.events) {
        if (event.lane == Lane::network && event.kind != "tcp-close")
            add_density(rows[network_row_of(event.kind)], slice_of(scene, event.time), event.kind, 1);
        if (event.lane == Lane::console && event.kind == "data")
            add_density(scene.console, slice_of(scene, event.time), "bytes",
                        std::max<std::uint64_t>(event.amount, 1));
    }
    for (const auto* name :
         {"address", "names (DNS)", "clock (NTP)", "web (HTTP)", "TLS", "TCP", "UDP", "ping", "other"})
        if (const auto row = rows.find(name); row != rows.end()) scene.network.push_back({name, row->second});
}

void add_undeclared(TimelineScene& scene, const ScenarioRun& run) {
    for (const auto& destination : run.destinations) {
        const auto first = run_seconds(run, destination.first_seen),
                   last = run_seconds(run, destination.last_seen);
        if (destination.declared != false || !first) continue;
        if (scene.undeclared.size() >= most_undeclared) {
            ++scene.undeclared_left_out;
            continue;
        }
        const auto& who = destination.name.empty() ? destination.address : destination.name;
        const auto begin = std::clamp(*first, 0.0, scene.end);
        scene.undeclared.push_back(
            {begin, std::clamp(last.value_or(*first), begin, scene.end),
             fmt::format("{}:{}/{}", shortened(who, 60), destination.port, destination.transport)});
    }
}

void add_alarms(TimelineScene& scene, const ScenarioRun& run) {
    for (const auto& event : run.timeline.events) {
        const auto is_fault = event.lane == Lane::bench && event.kind == "fault";
        const auto is_gap = event.lane == Lane::console && event.kind == "gap";
        const auto is_refused = event.kind == "stimulus" && event.state == "did not take";
        if ((!is_fault && !is_gap && !is_refused) || scene.alarms.size() >= most_alarms) continue;
        const auto what = is_fault ? "fault of the bench"
                          : is_gap ? "gap in the console"
                                   : "stimulus did not take";
        scene.alarms.push_back(
            {event.time, event.label.empty() ? what : fmt::format("{}: {}", what, event.label)});
    }
}

void add_pins(TimelineScene& scene, const ScenarioRun& run) {
    for (const auto& numbered : numbered_findings(run)) {
        const auto& evidence = numbered.finding->evidence;
        const auto timed = std::find_if(evidence.begin(), evidence.end(),
                                        [](const Pointer& pointer) { return pointer.time.has_value(); });
        if (timed != evidence.end())
            scene.pins.push_back(
                {std::clamp(*timed->time, 0.0, scene.end), {numbered.number}, numbered.finding->verdict});
    }
    std::stable_sort(scene.pins.begin(), scene.pins.end(),
                     [](const Pin& a, const Pin& b) { return a.time < b.time; });
    std::vector<Pin> merged;
    for (auto& pin : scene.pins) {
        if (merged.empty() || pin.time - merged.back().time > scene.end * pins_apart) {
            merged.push_back(std::move(pin));
            continue;
        }
        auto& numbers = merged.back().numbers;
        numbers.insert(numbers.end(), pin.numbers.begin(), pin.numbers.end());
        std::sort(numbers.begin(), numbers.end());
        if (pin.verdict == Verdict::error ||
            (pin.verdict == Verdict::fail && merged.back().verdict == Verdict::inconclusive))
            merged.back().verdict = pin.verdict;
    }
    scene.pins = std::move(merged);
}

}  // namespace

TimelineScene compose_scene(const ScenarioRun& run) {
    TimelineScene scene;
    scene.end = end_of(run);
    add_scenario_events(scene, run);
    add_power(scene, run);
    add_network(scene, run);
    add_undeclared(scene, run);
    add_alarms(scene, run);
    add_pins(scene, run);
    return scene;
}

}  // namespace cambench::reports
