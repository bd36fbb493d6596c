#include "harness/analysis/capture/packet_feed.hpp"

#include <algorithm>

#include "harness/analysis/capture/fragments.hpp"

namespace cambench::analysis {
namespace {

/// Notes about the frame itself.
void summarise(const RawFrame& frame, bool readable, CaptureSummary& summary) {
    ++summary.frames;
    if (frame.opaque_record) return;
    summary.bytes += std::max<std::uint64_t>(frame.wire_length, frame.bytes.size());
    if (frame.bytes.size() < frame.wire_length) ++summary.cut_frames;
    if (!readable) {
        constexpr std::size_t most_notes = 16;
        ++summary.unreadable_frames;
        auto why = unread_link(frame.link_type);
        const bool known = std::find(summary.notes.begin(), summary.notes.end(), why) != summary.notes.end();
        if (!why.empty() && !known && summary.notes.size() < most_notes)
            summary.notes.push_back(std::move(why));
    }
    if (summary.last && *summary.last - frame.time > std::chrono::seconds(1)) ++summary.clock_steps_back;
    summary.first = std::min(summary.first.value_or(frame.time), frame.time);
    summary.last = std::max(summary.last.value_or(frame.time), frame.time);
}

}  // namespace

Result<std::unique_ptr<PacketFeed>> PacketFeed::open(const Recording& recording, std::uint32_t index,
                                                     CaptureSummary* summary, bool on_slot) {
    TRY_ASSIGN(auto source, open_file_source(recording.file));
    auto reader = CaptureReader::open(std::move(source));
    if (!reader) return std::move(reader).error().in(recording.file.string());
    return std::unique_ptr<PacketFeed>(new PacketFeed(std::move(reader).value(), index, summary, on_slot));
}

/// What the bench took off the wire the camera put there: nobody else stands on it.
Packet::Side PacketFeed::side_of(const RawFrame& frame) const {
    const bool tells = on_slot_ || reader_.recorder().starts_with("cambench ");
    if (!tells || frame.direction == Direction::unknown) return Packet::Side::unknown;
    return frame.direction == Direction::received ? Packet::Side::camera : Packet::Side::bench;
}

/// False at the end of the capture.
Result<bool> PacketFeed::read_batch(Batch& batch) {
    batch.packets.reserve(most_packets);
    while (batch.frames < most_packets && batch.bytes < most_bytes) {
        TRY_ASSIGN(const auto frame, reader_.next());
        if (!frame) return false;
        ++batch.frames;
        batch.bytes += frame->bytes.size();
        auto packet = decode_frame(*frame);
        if (summary_ != nullptr) summarise(*frame, packet && packet->readable, *summary_);
        if (!packet) continue;
        packet->side = side_of(*frame);
        packet->frame.capture = index_;
        batch.packets.push_back(*packet);
        auto memory = reader_.memory();
        if (batch.memory.empty() || batch.memory.back() != memory) batch.memory.push_back(std::move(memory));
    }
    return true;
}

Status PacketFeed::read_all(Channel<Batch>& into) {
    for (;;) {
        Batch batch;
        TRY_ASSIGN(const bool more, read_batch(batch));
        if (!into.put(std::move(batch)) || !more) return {};
    }
}

Status PacketFeed::run(const std::function<void(const Packet&)>& take,
                       const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
    Channel<Batch> batches(most_batches);
    Status outcome;
    std::jthread thread([&] {
        const Closing ends(batches);
        outcome = read_all(batches);
    });
    const Closing ends(batches);  // a thread that waits for room is let go before it is waited for
    Reassembler reassembler;
    while (const auto batch = batches.take()) {
        for (const auto& packet : batch->packets) {
            if (!packet.fragment)
                take(packet);
            else if (const auto whole = reassembler.add(packet))
                take(whole->packet);
        }
        progress(batch->bytes, batch->frames);
    }
    thread.join();
    TRY(outcome);
    for (const auto& torn : reassembler.take_incomplete()) take(torn.packet);
    if (summary_ != nullptr) {
        summary_->truncated = reader_.truncated();
        summary_->dropped = reader_.dropped();
        summary_->notes.insert(summary_->notes.end(), reader_.notes().begin(), reader_.notes().end());
    }
    return {};
}

}  // namespace cambench::analysis
