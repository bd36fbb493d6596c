#pragma once

#include <list>
#include <optional>
#include <vector>

#include "harness/analysis/capture/packet.hpp"

namespace cambench::analysis {

/// A packet that owns its payload.
struct OwnedPacket {
    Packet packet;
    Bytes content;  ///< what packet.payload points into
};

/// Puts IP fragments together (IPv4 and IPv6). At most 256 datagrams at once; the oldest gives way.
class Reassembler {
public:
    /// Takes a fragment. The whole datagram once its last piece is there, citing the frame of its first
    /// piece.
    [[nodiscard]] std::optional<OwnedPacket> add(const Packet& fragment);
    /// Datagrams that were given up or never completed: as far as their start is known they still count.
    [[nodiscard]] std::vector<OwnedPacket> take_incomplete();

private:
    static constexpr std::size_t most_datagrams = 256, longest_datagram = 65535;
    struct Piece {
        std::uint32_t offset;
        Bytes content;
        std::size_t length;
    };
    struct Datagram {
        Packet first;  ///< the fragment that came first
        std::vector<Piece> pieces;
        std::optional<std::size_t> total;
    };
    [[nodiscard]] static bool overlap_differs(const std::vector<Piece>& pieces);
    [[nodiscard]] static bool whole(Datagram& datagram);
    [[nodiscard]] static OwnedPacket join(Datagram& datagram);

    std::list<Datagram> pending_;
    std::vector<OwnedPacket> incomplete_;
};

}  // namespace cambench::analysis
