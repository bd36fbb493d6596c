#include "reports/timeline.hpp"

#include <algorithm>
#include <cmath>

#include "harness/core/json.hpp"
#include "reports/fields.hpp"

namespace cambench::reports {
namespace {

constexpr std::size_t most_events = 1'000'000;
constexpr std::size_t longest_label = 400;
constexpr double nanosecond = 1e-9;

std::optional<Lane> lane_of(std::string_view name) {
    if (name == "power") return Lane::power;
    if (name == "console") return Lane::console;
    if (name == "network") return Lane::network;
    if (name == "scenario") return Lane::scenario;
    if (name == "bench") return Lane::bench;
    return std::nullopt;
}

/// The first of the members that says something: events of all kinds name their subject in one of these.
std::string label_of(const Json& event) {
    for (const auto* name : {"label", "step", "text", "name", "sni", "host", "destination", "address",
                             "advanced_by", "set_to", "answers", "why"})
        if (auto text = text_of(event, name); !text.empty()) {
            if (text.size() > longest_label) text.resize(longest_label);
            return text;
        }
    return {};
}

std::string state_of(const Json& event) {
    if (auto state = text_of(event, "state"); !state.empty()) return state;
    for (const auto* name : {"begins", "ends"})
        if (const auto& value = member(event, name); value.is_boolean() && value.get<bool>()) return name;
    if (const auto& took = member(event, "took"); took.is_boolean())
        return took.get<bool>() ? "took" : "did not take";
    return {};
}

std::optional<TimelineEvent> event_of(const Json& line) {
    const auto time = number_of(line, "t");
    const auto lane = lane_of(text_of(line, "lane"));
    if (!time || !lane) return std::nullopt;
    TimelineEvent event{*time * nanosecond, *lane, text_of(line, "kind"), label_of(line),
                        state_of(line),     0,     std::nullopt};
    event.amount = count_of(line, "length").value_or(0);
    if (const auto why = text_of(line, "why"); event.kind == "stimulus" && !why.empty())
        event.label += ": " + why.substr(0, longest_label);
    if (event.kind == "window") {
        if (const auto begins = number_of(line, "begins")) event.time = *begins * nanosecond;
        if (const auto ends = number_of(line, "ends")) event.until = *ends * nanosecond;
    }
    return event;
}

void add_line(Timeline& timeline, std::string_view text) {
    const auto line = parse_json(text);
    auto event = line.is_discarded() ? std::nullopt : event_of(line);
    if (!event) {
        ++timeline.unreadable_lines;
    } else if (timeline.events.size() >= most_events) {
        ++timeline.left_out;
    } else {
        if (event->lane == Lane::bench && event->kind == "run" && timeline.wall_zero.empty())
            timeline.wall_zero = text_of(line, "wall_zero");
        timeline.events.push_back(std::move(*event));
    }
}

}  // namespace

Timeline parse_timeline(std::string_view text) {
    Timeline timeline;
    while (!text.empty()) {
        const auto end = text.find('\n');
        if (end == std::string_view::npos) {
            timeline.torn = true;
            if (parse_json(text).is_discarded()) break;
        }
        const auto line = text.substr(0, end);
        if (!line.empty()) add_line(timeline, line);
        if (end == std::string_view::npos) break;
        text.remove_prefix(end + 1);
    }
    std::stable_sort(timeline.events.begin(), timeline.events.end(),
                     [](const auto& a, const auto& b) { return a.time < b.time; });
    return timeline;
}

}  // namespace cambench::reports
