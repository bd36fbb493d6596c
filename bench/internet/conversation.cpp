#include "bench/internet/conversation.hpp"

#include "bench/internet/dialogue.hpp"
#include "bench/internet/dns_message.hpp"
#include "bench/internet/http_message.hpp"
#include "bench/internet/server_first.hpp"

namespace cambench::internet {
namespace {

constexpr std::size_t undecided_at_most = 16384;

/// A length and a query of that length: DNS over a stream, whatever the port.
Likeness dns_likeness(ByteView bytes) {
    ByteReader reader(bytes);
    const std::size_t length = reader.u16();
    reader.skip(2);
    const auto flags = reader.u16();
    const auto questions = reader.u16(), answers = reader.u16(), authorities = reader.u16();
    if (reader.failed()) return bytes.size() < 12 && (bytes.size() < 2 || (length >= 17 && length <= 512)) ? Likeness::perhaps : Likeness::no;
    if (length < 17 || length > 512 || (flags & 0xf800) != 0 || questions != 1 || answers != 0 || authorities != 0) return Likeness::no;
    if (bytes.size() < length + 2) return Likeness::perhaps;
    return dns::parse_query(bytes.subspan(2, length)).ok() ? Likeness::yes : Likeness::no;
}

/// A handshake record with a ClientHello, or the SSLv2-framed hello some old stacks begin with.
Likeness tls_likeness(ByteView bytes) {
    static constexpr std::size_t needed = 6;
    const auto at = [&](std::size_t i) { return std::to_integer<unsigned>(bytes[i]); };
    if (bytes.empty()) return Likeness::perhaps;
    if (at(0) == 0x16) {
        if (bytes.size() > 1 && at(1) != 3) return Likeness::no;
        if (bytes.size() < needed) return Likeness::perhaps;
        return at(5) == 1 ? Likeness::yes : Likeness::no;
    }
    if ((at(0) & 0x80) == 0 || (bytes.size() > 2 && at(2) != 1)) return Likeness::no;
    if (bytes.size() < needed) return Likeness::perhaps;
    return at(2) == 1 && at(3) == 3 && at(4) <= 4 ? Likeness::yes : Likeness::no;
}

class Conversation final : public StreamDialogue {
public:
    Conversation(World& world, Flow flow) : world_(world), flow_(std::move(flow)) {}

    void received(ByteView bytes, Output& output) override {
        if (dialogue_) return dialogue_->received(bytes, output);
        begun_.insert(begun_.end(), bytes.begin(), bytes.end());
        const auto speech = recognise(begun_, flow_);
        if (speech != Speech::undecided) go_on(speech, output);
        else if (begun_.size() > undecided_at_most) go_on(Speech::unknown, output);
    }

    void camera_finished(Output& output) override {
        if (!dialogue_) go_on(Speech::unknown, output);
        dialogue_->camera_finished(output);
    }

    void silence(Output& output) override {
        // Part of a request line may still grow. Who says nothing where servers speak first waits for us; elsewhere a slow
        // camera may only be late with its first bytes, and they will decide.
        if (!dialogue_ && begun_.empty() && !banner(flow_.destination.port, world_.clock.now()).empty()) go_on(Speech::unknown, output);
        if (dialogue_) dialogue_->silence(output);
    }

    void closed() override {
        Output ignored;
        if (!dialogue_ && !begun_.empty()) go_on(Speech::unknown, ignored);
        if (dialogue_) dialogue_->closed();
    }

private:
    void go_on(Speech speech, Output& output) {
        switch (speech) {
            case Speech::tls: dialogue_ = make_tls_dialogue(world_, flow_); break;
            case Speech::http: dialogue_ = make_http_dialogue(world_, flow_); break;
            case Speech::dns: dialogue_ = make_dns_dialogue(world_, flow_); break;
            default: dialogue_ = make_sink_dialogue(world_, flow_); break;
        }
        const auto begun = std::exchange(begun_, {});
        if (!begun.empty()) dialogue_->received(begun, output);
    }

    World& world_;
    Flow flow_;
    Bytes begun_;
    std::unique_ptr<StreamDialogue> dialogue_;
};

}  // namespace

Speech recognise(ByteView bytes, const Flow& flow) {
    const auto tls = flow.inside.empty() ? tls_likeness(bytes) : Likeness::no;
    const auto http = http_likeness(bytes);
    // Port 53 is DNS unless it plainly is something else.
    const auto dns = flow.destination.port == 53 && tls != Likeness::yes && http != Likeness::yes && bytes.size() >= 2 ? Likeness::yes : dns_likeness(bytes);
    if (tls == Likeness::yes) return Speech::tls;
    if (http == Likeness::yes) return Speech::http;
    if (dns == Likeness::yes) return Speech::dns;
    const bool open = tls == Likeness::perhaps || http == Likeness::perhaps || dns == Likeness::perhaps;
    return open ? Speech::undecided : Speech::unknown;
}

std::unique_ptr<StreamDialogue> make_conversation(World& world, Flow flow) { return std::make_unique<Conversation>(world, std::move(flow)); }

}  // namespace cambench::internet
