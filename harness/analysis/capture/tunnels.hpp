#pragma once

#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <vector>

#include "harness/analysis/capture/packet.hpp"

namespace cambench::analysis {

/// A frame of other hosts inside a datagram.
struct Wrapped {
    std::string_view kind;  ///< "VXLAN", "GENEVE", "ERSPAN", "TZSP", "GRE", "IP in IP"
    /// Of kinds that nothing but mirrors of switches speak.
    bool mirror_by_kind = false;
    std::optional<Packet> inner;  ///< nullopt: it cannot be read
};

/// What a whole datagram carries; nullopt: no frame of others. On ports that are not the protocol's own the
/// frame inside has to be one of IP or ARP that fits the datagram to the byte.
[[nodiscard]] std::optional<Wrapped> unwrap(const Packet& outer);

/// From whom to whom wrapped frames go.
struct WrappedWay {
    std::string_view kind;
    IpAddress from, to;
    auto operator<=>(const WrappedWay&) const = default;
};

/// Tells mirrors, whose frames are to be judged as if they had been recorded where they were taken, from
/// tunnels, which two hosts have between them: a mirror brings both directions of a conversation the same
/// way, and gets none back.
class TunnelSurvey {
public:
    void add(const Packet& outer, const Wrapped& wrapped);
    [[nodiscard]] std::set<WrappedWay> mirrors() const;
    /// All that was wrapped, in order of first appearance; those among `opened` say so.
    [[nodiscard]] std::vector<WrappedFrames> summary(const std::set<WrappedWay>& opened) const;

private:
    static constexpr std::size_t most_ways = 64, most_pairs = 4096;
    struct Seen {
        WrappedFrames frames;
        bool mirror_by_kind = false, both_directions = false;
        std::set<std::pair<IpAddress, IpAddress>> pairs;  ///< of the frames inside
    };
    std::map<WrappedWay, Seen> ways_;
};

}  // namespace cambench::analysis
