#include "harness/analysis/capture/fragments.hpp"

#include <algorithm>

namespace cambench::analysis {
namespace {

constexpr std::size_t most_pieces = 128;

bool same_datagram(const Packet& a, const Packet& b) {
    return a.side == b.side && a.fragment->id == b.fragment->id && a.source == b.source &&
           a.target == b.target && a.protocol == b.protocol;
}

}  // namespace

bool Reassembler::whole(Datagram& datagram) {
    if (!datagram.total) return false;
    std::sort(datagram.pieces.begin(), datagram.pieces.end(),
              [](const Piece& a, const Piece& b) { return a.offset < b.offset; });
    std::size_t reached = 0;
    for (const auto& piece : datagram.pieces) {
        if (piece.offset > reached) return false;
        reached = std::max(reached, piece.offset + piece.length);
    }
    return reached >= *datagram.total;
}

/// Of bytes that two pieces have in common each receiver takes which it likes. `pieces` are sorted by offset.
bool Reassembler::overlap_differs(const std::vector<Piece>& pieces) {
    for (std::size_t i = 1; i < pieces.size(); ++i) {
        const auto &before = pieces[i - 1], &piece = pieces[i];
        const std::size_t skip = piece.offset - before.offset;
        if (skip >= before.content.size()) continue;
        const auto common = std::min(before.content.size() - skip, piece.content.size());
        if (!std::equal(piece.content.begin(), piece.content.begin() + static_cast<std::ptrdiff_t>(common),
                        before.content.begin() + static_cast<std::ptrdiff_t>(skip)))
            return true;
    }
    return false;
}

OwnedPacket Reassembler::join(Datagram& datagram) {
    OwnedPacket joined{datagram.first, {}};
    std::sort(datagram.pieces.begin(), datagram.pieces.end(),
              [](const Piece& a, const Piece& b) { return a.offset < b.offset; });
    std::size_t length = 0;
    bool gapless = true;
    for (const auto& piece : datagram.pieces) {
        length = std::max(length, piece.offset + piece.length);
        gapless = gapless && piece.offset <= joined.content.size();
        if (!gapless || piece.offset + piece.content.size() <= joined.content.size()) continue;
        joined.content.resize(piece.offset);
        joined.content.insert(joined.content.end(), piece.content.begin(), piece.content.end());
    }
    joined.packet.fragment.reset();
    if (overlap_differs(datagram.pieces))
        joined.packet.note_odd("fragments that say different things of the same bytes");
    if (joined.content.empty() || !decode_transport(joined.packet, joined.content, length)) {
        joined.packet.length = length;
        joined.packet.payload = joined.content;
    }
    return joined;
}

std::optional<OwnedPacket> Reassembler::add(const Packet& fragment) {
    auto found = std::find_if(pending_.begin(), pending_.end(), [&](const Datagram& datagram) {
        return same_datagram(datagram.first, fragment);
    });
    if (found == pending_.end()) {
        if (pending_.size() >= most_datagrams) {
            incomplete_.push_back(join(pending_.front()));
            pending_.pop_front();
        }
        pending_.push_back({fragment, {}, std::nullopt});
        found = std::prev(pending_.end());
        found->first.payload = {};
    }
    const auto offset = fragment.fragment->offset;
    found->first.note_odd(fragment.odd);
    if (offset + fragment.length > longest_datagram || found->pieces.size() >= most_pieces) {
        found->first.note_odd("more fragments than a datagram has");
        return std::nullopt;
    }
    found->pieces.push_back(
        {offset, Bytes(fragment.payload.begin(), fragment.payload.end()), fragment.length});
    if (!fragment.fragment->more) found->total = offset + fragment.length;
    if (!whole(*found)) return std::nullopt;
    auto joined = join(*found);
    pending_.erase(found);
    return joined;
}

std::vector<OwnedPacket> Reassembler::take_incomplete() {
    for (auto& datagram : pending_) incomplete_.push_back(join(datagram));
    pending_.clear();
    for (auto& torn : incomplete_) torn.packet.note_odd("a datagram of which fragments are missing");
    return std::exchange(incomplete_, {});
}

}  // namespace cambench::analysis
