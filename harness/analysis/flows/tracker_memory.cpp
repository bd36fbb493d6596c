#include <algorithm>

#include "harness/analysis/flows/tracker.hpp"

namespace cambench::analysis {

/// Flows that are over wait for stragglers, until they are many and were last heard of `before`.
void Tracker::end_flows_over(std::deque<FlowKey>& over, WallTime before) {
    constexpr std::size_t most_waiting = 512;
    while (over.size() > most_waiting) {
        const auto entry = flows_.find(over.front());
        if (entry != flows_.end() && entry->second.over()) {
            if (entry->second.last > before) return;
            ledger_.enter(std::move(entry->second));
            flows_.erase(entry);
        } else if (entry != flows_.end()) {
            entry->second.waits_for_stragglers = false;
        }
        over.pop_front();
    }
}

void Tracker::watch_memory(WallTime now) {
    std::size_t bytes = 0;
    for (const auto& [key, flow] : flows_) bytes += flow.memory();
    if (bytes > most_memory) end_oldest_half("bytes of what flows begin with", most_memory, now);
}

/// Those that were heard of last stay. What the others still say counts as flows that were under way.
void Tracker::end_oldest_half(std::string_view what, std::uint64_t bound, WallTime now) {
    std::vector<std::pair<WallTime, FlowKey>> by_age;
    by_age.reserve(flows_.size());
    for (const auto& [key, flow] : flows_) by_age.emplace_back(flow.last, key);
    const auto middle = by_age.begin() + static_cast<std::ptrdiff_t>((by_age.size() + 1) / 2);
    std::nth_element(by_age.begin(), middle, by_age.end());
    std::sort(by_age.begin(), middle);
    std::uint64_t alive = 0;
    for (auto entry = by_age.begin(); entry != middle; ++entry) {
        const auto found = flows_.find(entry->second);
        if (!found->second.over()) ++alive;
        ledger_.enter(std::move(found->second));
        flows_.erase(found);
    }
    if (alive > 0) bounds_.note(Subject::everything, what, bound, now, 0);
}

/// Whoever was invited beyond these is taken for somebody the camera called by itself.
void Tracker::note_full_lists() {
    for (const auto size : {invited_.size(), subscribers_.size(), advertised_.size(),
                            data_ports_.size() + called_back_.size(), stream_ports_.size()})
        if (size >= most_invited)
            return bounds_.note(Subject::neighbours, "others that called it, or told it whom to call",
                                most_invited, std::nullopt, 0);
}

}  // namespace cambench::analysis
