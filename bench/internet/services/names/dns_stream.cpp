#include "bench/internet/services/names/dns_stream.hpp"
#include "bench/internet/services/names/dns.hpp"
#include "bench/internet/world/dialogue.hpp"

namespace cambench::internet {
namespace {

/// DNS over TCP, and inside TLS (DoT): messages with a length in front, pipelined or not.
class DnsDialogue final : public StreamDialogue {
public:
    DnsDialogue(World& world, Flow flow) : world_(world), flow_(std::move(flow)) {}

    void received(ByteView bytes, Output& output) override {
        pending_.insert(pending_.end(), bytes.begin(), bytes.end());
        std::size_t done = 0;
        for (;;) {
            ByteReader reader(ByteView(pending_).subspan(done));
            const auto message = reader.take(reader.u16());
            if (reader.failed()) break;
            done += reader.position();
            answer(message, output);
        }
        pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(done));
    }
    void camera_finished(Output& output) override { output.close = true; }
    void closed() override {
        if (!pending_.empty()) (void)answer_dns(world_, flow_, pending_);
    }

private:
    void answer(ByteView message, Output& output) {
        const auto reply = answer_dns(world_, flow_, message);
        if (reply.empty()) return;
        output.bytes += static_cast<char>(reply.size() >> 8);
        output.bytes += static_cast<char>(reply.size() & 0xff);
        output.bytes += as_text(reply);
    }

    World& world_;
    Flow flow_;
    Bytes pending_;
};

}  // namespace

std::unique_ptr<StreamDialogue> make_dns_dialogue(World& world, Flow flow) {
    return std::make_unique<DnsDialogue>(world, std::move(flow));
}

}  // namespace cambench::internet
