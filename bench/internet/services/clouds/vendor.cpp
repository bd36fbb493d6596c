#include "bench/internet/services/clouds/vendor.hpp"
#include "bench/internet/world/characterise.hpp"
#include "bench/internet/world/dialogue.hpp"
#include "harness/wire/vendor_message.hpp"

namespace cambench::internet {
namespace {

constexpr std::size_t longest_answered_body = 1u << 20;

/// A server of a camera cloud that answers frame by frame; every frame's body is kept.
class VendorDialogue final : public StreamDialogue {
public:
    VendorDialogue(World& world, Flow flow)
        : world_(world), flow_(std::move(flow)), content_(world.recorder) {}

    void received(ByteView bytes, Output& output) override {
        while (!bytes.empty()) {
            if (!followed_) return content_.append(bytes);
            if (body_left_ > 0)
                bytes = take_body(bytes, output);
            else
                bytes = take_head(bytes, output);
        }
    }
    void camera_finished(Output& output) override { output.close = true; }
    void closed() override {
        if (body_left_ > 0) record("cut short");
        content_.append(pending_);
        if (content_.size() > 0) record_rest();
    }

private:
    ByteView take_head(ByteView bytes, Output& output) {
        const auto before = pending_.size();
        pending_.insert(pending_.end(), bytes.begin(), bytes.end());
        if (!family_) family_ = vendor_family(pending_);
        const auto frame = family_ ? parse_vendor_frame(*family_, pending_)
                                   : Result<std::optional<VendorFrame>>(std::optional<VendorFrame>());
        if (!frame) {  // not followed any further, but kept
            content_.append(pending_);
            pending_.clear();
            followed_ = false;
            return {};
        }
        if (!*frame) return {};
        frame_ = **frame;
        pending_.clear();
        body_left_ = frame_.body;
        if (body_left_ == 0) answer(output);
        return bytes.subspan(frame_.head - before);
    }

    ByteView take_body(ByteView bytes, Output& output) {
        const auto now = bytes.first(std::min(bytes.size(), body_left_));
        content_.append(now);
        if (body_.size() + now.size() <= longest_answered_body)
            body_.insert(body_.end(), now.begin(), now.end());
        body_left_ -= now.size();
        if (body_left_ == 0) answer(output);
        return bytes.subspan(now.size());
    }

    void answer(Output& output) {
        record("");
        output.bytes += answer_vendor_frame(frame_, body_);
        body_.clear();
    }

    void record(std::string_view trouble) {
        auto fields = flow_fields(world_, flow_, to_string(frame_.family));
        fields.number("command", frame_.command)
            .number("session", frame_.session)
            .number("sequence", frame_.sequence);
        if (!trouble.empty()) fields.text("malformed", trouble);
        const auto id = content_.finish();
        world_.recorder.event(world_.now(), "camera-cloud", fields, id);
    }

    void record_rest() {
        auto fields = flow_fields(world_, flow_, family_ ? to_string(*family_) : "unknown");
        fields.number("bytes", static_cast<std::int64_t>(content_.size()));
        const auto id = content_.finish();
        world_.recorder.event(world_.now(), "tcp-payload", fields, id);
    }

    World& world_;
    Flow flow_;
    std::optional<VendorFamily> family_;
    Bytes pending_;  ///< of a head
    VendorFrame frame_;
    std::size_t body_left_ = 0;
    Bytes body_;
    Payload content_;
    bool followed_ = true;
};

}  // namespace

std::unique_ptr<StreamDialogue> make_vendor_dialogue(World& world, Flow flow) {
    return std::make_unique<VendorDialogue>(world, std::move(flow));
}

}  // namespace cambench::internet
