// A whole capture: reading, decoding, following and describing must survive any bytes with bounded memory.
#include <cstdint>
#include <cstdlib>

#include "harness/analysis/capture/fragments.hpp"
#include "harness/analysis/capture/reading.hpp"
#include "harness/analysis/flows/tracker.hpp"

namespace {

using namespace cambench;
using namespace cambench::analysis;

template <typename Take>
void each_packet(ByteView bytes, const Interpretation& reading, TunnelSurvey* tunnels, Take use) {
    PacketTaker taker(reading, tunnels);
    const auto take = [&](const Packet& packet) { taker.take(packet, use); };
    auto reader = CaptureReader::open(memory_source(bytes));
    if (!reader) return;
    Reassembler reassembler;
    std::uint64_t last = 0;
    for (;;) {
        auto frame = reader->next();
        if (!frame || !frame->has_value()) break;
        if ((**frame).number != ++last) std::abort();
        auto packet = decode_frame(**frame);
        if (!packet) continue;
        if ((**frame).direction != Direction::unknown)
            packet->side =
                (**frame).direction == Direction::received ? Packet::Side::camera : Packet::Side::bench;
        if (!packet->fragment)
            take(*packet);
        else if (const auto whole = reassembler.add(*packet))
            take(whole->packet);
    }
    for (const auto& torn : reassembler.take_incomplete()) take(torn.packet);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    Interpretation reading;
    TunnelSurvey tunnels;
    each_packet(bytes, reading, &tunnels, [](const Packet&) {});
    reading.mirrors = tunnels.mirrors();
    Survey survey;
    each_packet(bytes, reading, nullptr, [&](const Packet& packet) { survey.add(packet); });
    reading.without_macs = !survey.macs_tell({});
    Observations observations;
    const auto identity = survey.conclude({}, observations.camera, observations.network);
    Tracker tracker(identity, observations.network, Tracker::Begins::in_the_middle);
    each_packet(bytes, reading, nullptr, [&](const Packet& packet) { tracker.add(packet); });
    tracker.finish(observations);
    observations.wrapped = tunnels.summary(reading.mirrors);
    for (const auto& destination : observations.destinations) {
        if (destination.addresses.empty() || destination.failed > destination.attempts) std::abort();
    }
    return 0;
}
