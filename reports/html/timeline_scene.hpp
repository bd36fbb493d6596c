#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "reports/html/parts.hpp"

namespace cambench::reports {

/// Equal slices of the run. A slice is a few pixels wide, so a picture has the same size whatever happened.
constexpr std::size_t slices = 216;

/// A stretch of time with a name, in seconds on the run's clock.
struct Span {
    double begin = 0;
    double end = 0;
    std::string label;
    bool cut = false;  ///< its end was not recorded
};

/// How much happened in each slice, and of what kinds.
struct Density {
    std::array<std::uint64_t, slices> amount{};
    std::array<std::map<std::string, std::uint64_t>, slices> kinds{};
};

struct NetworkRow {
    std::string name;
    Density density;
};

/// A moment that must not be missed: a fault of the bench, a gap in the console.
struct Alarm {
    double time = 0;
    std::string text;
};

/// The findings of one place in time.
struct Pin {
    double time = 0;
    std::vector<int> numbers;
    Verdict verdict = Verdict::fail;
};

/// What the timeline picture shows, worked out from the events: no pixels yet.
struct TimelineScene {
    double end = 1;  ///< seconds; the picture runs from 0 to here
    std::vector<Span> powered;
    bool power_known = false;
    Density console;
    std::vector<NetworkRow> network;
    std::vector<Span> undeclared;  ///< from the first to the last contact with each undeclared destination
    std::size_t undeclared_left_out = 0;
    std::vector<std::vector<Span>> steps;  ///< rows, so that no two spans of a row overlap
    std::size_t steps_left_out = 0;
    std::vector<Span> windows;
    std::vector<Alarm> alarms;
    std::vector<Pin> pins;
};

[[nodiscard]] TimelineScene compose_scene(const ScenarioRun& run);

}  // namespace cambench::reports
