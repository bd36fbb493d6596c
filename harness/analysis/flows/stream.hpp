#pragma once

#include <utility>
#include <vector>

#include "harness/analysis/observations/observations.hpp"
#include "harness/core/bytes.hpp"

namespace cambench::analysis {

/// One direction of a TCP connection: counts every payload byte once and keeps the first ones in order.
///
/// Retransmissions, overlaps and reordering change nothing; of overlapping bytes the first that came are
/// kept. Memory is bounded: beyond `most_gaps` gaps the oldest counts as lost.
class StreamSide {
public:
    static constexpr std::size_t head_limit = 16384;

    /// The sequence number of the first payload byte. Without it the first segment seen sets it.
    void begin(std::uint32_t first_sequence);
    /// A segment of `length` payload bytes, of which `recorded` were captured.
    void add(std::uint32_t sequence, std::size_t length, ByteView recorded, const FrameRef& frame);

    /// Whether a segment, before it is added, says something else than what came in its place, or lies where
    /// no receiver takes it: the one counts nothing, and whoever listens reads it. As far as what came is
    /// still known: the head, and the last segments beyond it.
    [[nodiscard]] bool contradicted_by(std::uint32_t sequence, std::size_t length, ByteView recorded);

    [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
    /// The first bytes of the stream, up to the first byte that is missing.
    [[nodiscard]] ByteView head() const { return head_; }
    /// All that was sent so far is in head(), or head() is full.
    [[nodiscard]] bool head_whole() const {
        return begun_ && (head_.size() == head_limit || head_.size() == bytes_);
    }
    /// Bytes it holds, roughly.
    [[nodiscard]] std::size_t memory() const;
    /// The frame with which the first `length` bytes of the head were complete.
    [[nodiscard]] FrameRef frame_of(std::size_t length) const;

private:
    static constexpr std::size_t most_gaps = 256, most_marks = 64;
    struct Ahead {
        std::uint64_t begin, end;
        Bytes content;  ///< only what lies within the head
        FrameRef frame;
    };

    struct Sent {
        std::int64_t begin = 0;
        std::size_t length = 0, digest = 0;
    };
    static constexpr std::size_t most_sent = 64;

    void cover(std::uint64_t begin, std::uint64_t end);
    void extend_head(std::uint64_t begin, ByteView content, const FrameRef& frame);

    bool begun_ = false;
    std::uint32_t base_ = 0;
    std::uint64_t covered_to_ = 0;  ///< everything below is counted or given up
    std::uint64_t bytes_ = 0;
    std::vector<std::pair<std::uint64_t, std::uint64_t>>
        ahead_;  ///< counted ranges beyond covered_to_, sorted and disjoint
    Bytes head_;
    std::vector<Ahead> head_ahead_;
    std::vector<std::pair<std::size_t, FrameRef>> marks_;
    std::vector<Sent> sent_;  ///< the last segments beyond the head
    std::size_t next_sent_ = 0, probes_ = 0;
};

}  // namespace cambench::analysis
