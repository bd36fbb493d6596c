// The timeline: the picture, its legend, and the same in words.
#include <algorithm>

#include "reports/html/parts.hpp"
#include "reports/html/timeline_picture.hpp"

namespace cambench::reports {
namespace {

constexpr std::size_t most_rows = 120;

std::string_view lane_name(Lane lane) {
    switch (lane) {
        case Lane::power:
            return "power";
        case Lane::console:
            return "console";
        case Lane::network:
            return "network";
        case Lane::scenario:
            return "scenario";
        case Lane::bench:
            return "bench";
    }
    return "bench";
}

/// What tells the story; each kind of traffic only where it first happens.
bool is_told(const TimelineEvent& event, std::vector<std::string>& kinds_told) {
    switch (event.lane) {
        case Lane::power:
        case Lane::bench:
            return true;
        case Lane::scenario:
            return event.state != "end" && event.state != "ends";
        case Lane::console:
        case Lane::network:
            break;
    }
    if (event.lane == Lane::console && event.kind != "data") return true;
    const auto kind = fmt::format("{}/{}", lane_name(event.lane), event.kind);
    if (std::find(kinds_told.begin(), kinds_told.end(), kind) != kinds_told.end()) return false;
    kinds_told.push_back(kind);
    return true;
}

Markup row_of(const TimelineEvent& event) {
    const auto first = (event.lane == Lane::network && event.kind != "link") ||
                       (event.lane == Lane::console && event.kind == "data");
    Markup what = foreign(event.kind, 60);
    if (!event.state.empty() && event.state != "begin") what += markup(" {}", foreign(event.state, 40));
    if (!event.label.empty()) what += markup(": {}", foreign(event.label, 160));
    if (first) what = markup("first {}", what);
    return markup("<tr><td class=\"number\">{}</td><td>{}</td><td>{}</td></tr>\n", at_seconds(event.time),
                  lane_name(event.lane), what);
}

Markup in_words(const ScenarioRun& run) {
    Markup rows;
    std::vector<std::string> kinds_told;
    std::size_t shown = 0, left_out = 0;
    for (const auto& event : run.timeline.events) {
        if (!is_told(event, kinds_told)) continue;
        if (shown >= most_rows) {
            ++left_out;
            continue;
        }
        ++shown;
        rows += row_of(event);
    }
    auto table = markup(
        "<table class=\"words\"><thead><tr><th scope=\"col\" class=\"number\">Time</th><th "
        "scope=\"col\">Lane</th><th scope=\"col\">What "
        "happened</th></tr></thead>\n<tbody>\n{}</tbody></table>\n",
        rows);
    if (left_out > 0)
        table += markup("<p class=\"caption\">{} more of these are in timeline.jsonl.</p>\n", left_out);
    return markup("<details class=\"aside\"><summary>The timeline in words</summary>\n{}</details>\n", table);
}

Markup legend(const TimelineScene& scene) {
    Markup items = Markup::trusted(
        "<li><span class=\"key bar-key\"></span>taller: more bytes or events in that moment "
        "(logarithmic)</li>\n");
    if (!scene.windows.empty())
        items += Markup::trusted("<li><span class=\"key window-key\"></span>observation window</li>\n");
    if (!scene.undeclared.empty())
        items += Markup::trusted(
            "<li><span class=\"key undeclared-key\"></span>from first to last contact with an undeclared "
            "destination</li>\n");
    if (!scene.pins.empty())
        items += Markup::trusted("<li><span class=\"key pin-key\">1</span>number of a finding below</li>\n");
    if (!scene.alarms.empty())
        items += Markup::trusted(
            "<li><span class=\"key alarm-key\">&#9650;</span>trouble of the bench, or a stimulus that did "
            "not take</li>\n");
    return markup("<ul class=\"legend\">\n{}</ul>\n", items);
}

}  // namespace

Markup timeline_section(const ScenarioRun& run, const Place& place) {
    Markup section = heading(place.heading, place.prefix + "timeline", "When it happened");
    if (run.timeline.events.empty()) {
        section += Markup::trusted("<p>No timeline was recorded.</p>\n");
        return section;
    }
    const auto scene = compose_scene(run);
    section += markup(
        "<div class=\"scroll\" role=\"group\" aria-label=\"Timeline picture, scrolls sideways on narrow "
        "screens\" tabindex=\"0\">\n{}</div>\n",
        draw_timeline(scene, place));
    section += legend(scene);
    section += in_words(run);
    return section;
}

}  // namespace cambench::reports
