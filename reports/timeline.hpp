#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cambench::reports {

enum class Lane { power, console, network, scenario, bench };

/// One line of timeline.jsonl, reduced to what a report shows.
struct TimelineEvent {
    double time = 0;  ///< seconds on the run's clock
    Lane lane = Lane::bench;
    std::string kind;
    std::string label;  ///< what a person would want to read: the step, the name asked for, the fault's text
    std::string state;  ///< "begin", "end", "begins", "ends", "on", "off" or ""
    std::uint64_t amount = 0;     ///< console bytes
    std::optional<double> until;  ///< of a window that states its own end, seconds on the run's clock
};

struct Timeline {
    std::vector<TimelineEvent> events;  ///< in the order of time
    std::string wall_zero;              ///< RFC 3339, "" when not stated
    std::uint64_t unreadable_lines = 0;
    std::uint64_t left_out = 0;  ///< events beyond what a report holds
    bool torn = false;           ///< the last line is incomplete: the run was killed while writing
};

/// Reads the text of timeline.jsonl. Never fails: what cannot be read is counted.
[[nodiscard]] Timeline parse_timeline(std::string_view text);

}  // namespace cambench::reports
