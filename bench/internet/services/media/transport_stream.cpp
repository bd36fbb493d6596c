#include "bench/internet/services/media/transport_stream.hpp"

#include "bench/internet/world/dialogue.hpp"
#include "harness/wire/protocols.hpp"

namespace cambench::internet {
namespace {

constexpr std::size_t ts_packet_size = 188;

/// A video server that takes an MPEG transport stream as it comes.
class TransportStreamDialogue final : public StreamDialogue {
public:
    TransportStreamDialogue(World& world, Flow flow)
        : world_(world), flow_(std::move(flow)), content_(world.recorder) {}

    void received(ByteView bytes, Output&) override { content_.append(bytes); }
    void camera_finished(Output& output) override { output.close = true; }
    void closed() override {
        if (content_.size() == 0) return;
        auto fields = flow_fields(world_, flow_, protocol::mpeg_ts);
        fields.text("by", protocol::mpeg_ts)
            .text("container", "mp2t")
            .text("over", "tcp")
            .number("packets", static_cast<std::int64_t>(content_.size() / ts_packet_size));
        const auto id = content_.finish();
        world_.recorder.event(world_.now(), "media", fields, id);
    }

private:
    World& world_;
    Flow flow_;
    Payload content_;
};

}  // namespace

Likeness transport_stream_likeness(ByteView bytes) {
    const auto at = [&](std::size_t i) { return std::to_integer<unsigned>(bytes[i]); };
    if (bytes.empty()) return Likeness::perhaps;
    if (at(0) != 0x47) return Likeness::no;
    // Whole, and with something in it: which no request that begins with G is.
    if (bytes.size() > 1 && (at(1) & 0x80) != 0) return Likeness::no;
    if (bytes.size() > 3 && ((at(3) & 0x30) == 0 || as_text(bytes).starts_with("GET "))) return Likeness::no;
    if (bytes.size() <= ts_packet_size) return Likeness::perhaps;
    return at(ts_packet_size) == 0x47 ? Likeness::yes : Likeness::no;
}

std::unique_ptr<StreamDialogue> make_transport_stream_dialogue(World& world, Flow flow) {
    return std::make_unique<TransportStreamDialogue>(world, std::move(flow));
}

}  // namespace cambench::internet
