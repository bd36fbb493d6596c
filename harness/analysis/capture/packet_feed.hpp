#pragma once

#include <functional>
#include <thread>

#include "harness/analysis/capture/packet.hpp"
#include "harness/analysis/observations/inputs.hpp"
#include "harness/core/channel.hpp"

namespace cambench::analysis {

/// A capture's packets, read and decoded by a thread of its own while the one that takes them works on those
/// before.
class PacketFeed {
public:
    /// `index`: of the capture, for FrameRef. `summary`: filled in by run(); may be null. `on_slot`: the
    /// bench recorded it on a camera's own wire; so it did when the capture says that cambench is its
    /// recorder. Then the direction of a frame tells from which side it came.
    [[nodiscard]] static Result<std::unique_ptr<PacketFeed>> open(const Recording& recording,
                                                                  std::uint32_t index,
                                                                  CaptureSummary* summary,
                                                                  bool on_slot = false);

    /// Hands every packet to `take`, in order, fragments put together; after each batch `progress` gets the
    /// bytes of its frames and their number. Once. Fails when the file cannot be read on.
    [[nodiscard]] Status run(const std::function<void(const Packet&)>& take,
                             const std::function<void(std::uint64_t bytes, std::uint64_t frames)>& progress);

private:
    static constexpr std::size_t most_packets = 2048, most_bytes = 1U << 20, most_batches = 3;
    struct Batch {
        std::vector<Packet> packets;
        std::vector<std::shared_ptr<const void>> memory;  ///< what the packets' payloads lie in
        std::uint64_t bytes = 0, frames = 0;
    };

    PacketFeed(CaptureReader reader, std::uint32_t index, CaptureSummary* summary, bool on_slot)
        : reader_(std::move(reader)), index_(index), summary_(summary), on_slot_(on_slot) {}
    [[nodiscard]] Packet::Side side_of(const RawFrame& frame) const;
    [[nodiscard]] Status read_all(Channel<Batch>& into);
    [[nodiscard]] Result<bool> read_batch(Batch& batch);

    CaptureReader reader_;
    std::uint32_t index_;
    CaptureSummary* summary_;
    bool on_slot_;
};

}  // namespace cambench::analysis
