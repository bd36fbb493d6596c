#include <algorithm>

#include "bench/internet/services/clouds/mqtt.hpp"
#include "bench/internet/services/web/websocket.hpp"
#include "bench/internet/world/dialogue.hpp"
#include "harness/core/shell_talk.hpp"
#include "harness/wire/mqtt_message.hpp"
#include "harness/wire/protocols.hpp"
#include "harness/wire/websocket_message.hpp"

namespace cambench::internet {
namespace {

constexpr std::size_t most_single_messages = 16;

/// What is no message of an application: a session of its own that is only carried.
bool is_session(std::string_view text) { return text.starts_with("SSH-") || !shell_greeting(text).empty(); }

/// A WebSocket's server: pings are answered, MQTT inside gets its broker, every other message is kept as the
/// camera meant it, without its mask.
class WebSocketDialogue final : public StreamDialogue {
public:
    WebSocketDialogue(World& world, Flow flow)
        : world_(world), flow_(std::move(flow)), content_(world.recorder), further_(world.recorder) {}

    void received(ByteView bytes, Output& output) override {
        while (!bytes.empty() && !over_) {
            if (stray_) return stray_->received(bytes, output);
            bytes = head_ ? take_content(bytes, output) : take_head(bytes, output);
            if (head_ && left_ == 0) end_frame(output);
        }
    }
    void camera_finished(Output& output) override { output.close = true; }
    void silence(Output& output) override {
        if (inner_) speak(output, [this](Output& inside) { inner_->silence(inside); });
    }
    void woken(Output& output) override {
        if (inner_) speak(output, [this](Output& inside) { inner_->woken(inside); });
    }
    void closed() override {
        if (inner_) inner_->closed();
        if (stray_) stray_->closed();
        content_.append(buffer_);
        if (!inner_ && (content_.size() > 0 || head_)) record("cut short");
        if (further_.size() == 0) return;
        auto fields = fields_of("further");
        fields.number("messages", static_cast<std::int64_t>(messages_ - most_single_messages));
        const auto id = further_.finish();
        world_.recorder.event(world_.now(), "websocket", fields, id);
    }

private:
    [[nodiscard]] bool is_control() const { return head_->opcode >= websocket::Opcode::close; }

    ByteView take_head(ByteView bytes, Output& output) {
        buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
        const auto head = websocket::parse_frame_head(buffer_);
        if (!head) {
            // Opened as a WebSocket, used as a stream of its own: kept as it is.
            stray_ = make_sink_dialogue(world_, flow_);
            stray_->received(std::exchange(buffer_, {}), output);
            return {};
        }
        if (!*head) return {};
        head_ = **head;
        left_ = head_->length;
        const auto rest = bytes.subspan(bytes.size() - (buffer_.size() - head_->size));
        buffer_.clear();
        if (!is_control() && head_->opcode != websocket::Opcode::continuation) opcode_ = head_->opcode;
        return rest;
    }

    ByteView take_content(ByteView bytes, Output& output) {
        const auto now = bytes.first(static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), left_)));
        Bytes plain(now.begin(), now.end());
        for (auto& byte : plain) byte ^= head_->key[(head_->length - left_--) % head_->key.size()];
        if (is_control())
            control_.append(as_text(plain));
        else
            take_message(plain, output);
        return bytes.subspan(now.size());
    }

    void take_message(ByteView plain, Output& output) {
        if (!begun_ && !inner_ && opcode_ == websocket::Opcode::binary && messages_ == 0 &&
            mqtt::likeness(plain) != Likeness::no)
            inner_ = make_mqtt_dialogue(world_, flow_);
        if (!begun_ && !inner_ && messages_ == 0 && is_session(as_text(plain)))
            inner_ = make_sink_dialogue(world_, flow_);
        begun_ = true;
        if (inner_) return speak(output, [&](Output& inside) { inner_->received(plain, inside); });
        (messages_ < most_single_messages ? content_ : further_).append(plain);
    }

    void end_frame(Output& output) {
        const auto head = *std::exchange(head_, std::nullopt);
        if (head.opcode == websocket::Opcode::ping)
            output.bytes += websocket::frame(websocket::Opcode::pong, control_);
        if (head.opcode == websocket::Opcode::close) {
            output.bytes += websocket::frame(websocket::Opcode::close, control_.substr(0, 2));
            over_ = output.close = true;
        }
        control_.clear();
        if (head.opcode >= websocket::Opcode::close || !head.last) return;
        begun_ = false;
        if (inner_) return;
        if (messages_++ < most_single_messages) record("");
    }

    /// What is said inside goes out in a frame.
    template <typename Speak>
    void speak(Output& output, Speak say) {
        Output inside;
        say(inside);
        if (!inside.bytes.empty()) output.bytes += websocket::frame(websocket::Opcode::binary, inside.bytes);
        output.delay = std::max(output.delay, inside.delay);
        if (!inside.close) return;
        output.bytes += websocket::frame(websocket::Opcode::close, "");
        over_ = output.close = true;
    }

    [[nodiscard]] JsonText fields_of(std::string_view message) const {
        auto fields = flow_fields(world_, flow_, protocol::websocket);
        fields.text("message", message);
        return fields;
    }

    void record(std::string_view malformed) {
        auto fields = fields_of(opcode_ == websocket::Opcode::binary ? "binary" : "text");
        if (!malformed.empty()) fields.text("malformed", malformed);
        const auto id = content_.finish();
        world_.recorder.event(world_.now(), "websocket", fields, id);
    }

    World& world_;
    Flow flow_;
    Bytes buffer_;                                        ///< an unfinished head
    std::optional<websocket::FrameHead> head_;            ///< of the frame that comes in
    std::uint64_t left_ = 0;                              ///< of its content
    websocket::Opcode opcode_ = websocket::Opcode::text;  ///< of the message
    std::string control_;
    Payload content_, further_;  ///< of this message; of those after the first ones, joined
    std::uint64_t messages_ = 0;
    bool begun_ = false;                             ///< a message has begun
    std::unique_ptr<StreamDialogue> inner_, stray_;  ///< MQTT; what is no WebSocket after all
    bool over_ = false;
};

}  // namespace

std::unique_ptr<StreamDialogue> make_websocket_dialogue(World& world, Flow flow) {
    return std::make_unique<WebSocketDialogue>(world, std::move(flow));
}

}  // namespace cambench::internet
