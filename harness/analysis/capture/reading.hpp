#pragma once

#include <functional>
#include <set>

#include "harness/analysis/capture/fragments.hpp"
#include "harness/analysis/capture/tunnels.hpp"

namespace cambench::analysis {

/// What the packets of a recording stand for.
struct Interpretation {
    std::set<WrappedWay> mirrors;  ///< the frames inside are judged as well
    bool without_macs =
        false;  ///< they do not tell who sent what: recorders that put one station's into every frame
};

/// Takes packets as they were recorded and hands out those to judge. One for each pass over the recordings.
class PacketTaker {
public:
    /// `tunnels`: gathers what is wrapped; may be null.
    PacketTaker(const Interpretation& reading, TunnelSurvey* tunnels)
        : reading_(reading), tunnels_(tunnels) {}
    void take(const Packet& packet, const std::function<void(const Packet&)>& use) { take(packet, use, 0); }

private:
    static constexpr unsigned deepest = 3;  ///< wrapped in wrapped
    void take(const Packet& packet, const std::function<void(const Packet&)>& use, unsigned depth);
    void show(Packet packet, bool carries_mirror, const std::function<void(const Packet&)>& use) const;

    const Interpretation& reading_;
    TunnelSurvey* tunnels_;
    Reassembler inside_;  ///< of fragments that were wrapped
};

}  // namespace cambench::analysis
