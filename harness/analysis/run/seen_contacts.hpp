#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "harness/analysis/flows/own_link.hpp"
#include "harness/analysis/observations/observations.hpp"

namespace cambench::analysis {

/// What the fake internet saw of the camera's calls to one endpoint.
struct SeenContact {
    Endpoint destination;
    Transport transport = Transport::tcp;
    std::string name;  ///< whose address the bench gave out as; "": nobody's
    Endpoint camera;   ///< its own end, the first time
    Nanoseconds first{}, last{};
    std::uint64_t events = 0;
};

/// Gathers them from the events of the network's lane.
class SeenContacts {
public:
    static constexpr std::size_t most_contacts = 65'536;

    void take(const Event& event);
    [[nodiscard]] std::vector<SeenContact> finish(WallTime wall_zero, ReachedBounds& bounds);

private:
    std::vector<SeenContact> contacts_;
    std::unordered_map<std::string, std::size_t> index_;
    std::uint64_t further_ = 0;
    Nanoseconds full_since_{};
};

/// Where the capture lost frames, what the fake internet saw and the capture has nothing of is a destination
/// all the same: lost frames do not undo what was answered. Where none are lost, the capture alone counts.
void add_seen_contacts(const std::vector<SeenContact>& contacts, const OwnLink& link,
                       Observations& observations);

}  // namespace cambench::analysis
