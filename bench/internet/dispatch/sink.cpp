#include "bench/internet/services/files/server_first.hpp"
#include "bench/internet/tls/tls.hpp"
#include "bench/internet/world/characterise.hpp"
#include "bench/internet/world/dialogue.hpp"
#include "harness/core/shell_talk.hpp"

namespace cambench::internet {
namespace {

constexpr std::size_t longest_kept_line = 1024, longest_talk = 4096;

class SinkDialogue final : public StreamDialogue {
public:
    SinkDialogue(World& world, Flow flow, Greeting greeting, std::string heard = {})
        : world_(world),
          flow_(std::move(flow)),
          payload_(world.recorder),
          spoke_(greeting == Greeting::said),
          heard_(std::move(heard)) {
        if (heard_.ends_with(shell_order(0))) orders_ = 1;
        if (spoke_) protocol_ = port_protocol(flow_.transport, flow_.destination.port);
    }

    void received(ByteView bytes, Output& output) override {
        if (upgraded_) return upgraded_->received(bytes, output);
        if (payload_.size() == 0) begin(bytes);
        payload_.append(bytes);
        const auto room = longest_talk - std::min(longest_talk, said_.size());
        said_.append(as_text(bytes).substr(0, room));
        if (!spoke_ || is_shell()) return;
        reply_to_lines(as_text(bytes), output);
    }

    void camera_finished(Output& output) override {
        if (upgraded_) upgraded_->camera_finished(output);
        output.close = true;
    }
    void woken(Output& output) override {
        if (upgraded_) upgraded_->woken(output);
    }
    void reset() override {
        if (upgraded_) upgraded_->reset();
    }

    void silence(Output& output) override {
        if (upgraded_) return upgraded_->silence(output);
        if (is_shell() || (spoke_ && said_.empty() && ++silences_ >= silences_of_who_waits && orders_ == 0))
            return give_order(output);
        if (spoke_ || payload_.size() > 0) return;
        const auto text = banner(flow_.destination.port, world_.clock.now());
        spoke_ = !text.empty();
        output.bytes += text;
        heard_ += text;
        if (spoke_) protocol_ = port_protocol(flow_.transport, flow_.destination.port);
    }

    void closed() override {
        if (upgraded_) upgraded_->closed();
        const auto size = payload_.size();
        if (size == 0) return;
        auto fields = flow_fields(world_, flow_, protocol_);
        fields.number("bytes", static_cast<std::int64_t>(size));
        if (!heard_.empty()) fields.text("heard", heard_);
        const auto id = payload_.finish();
        world_.recorder.event(world_.now(), "tcp-payload", fields, id);
    }

private:
    /// Whether somebody waits for orders, or has carried one out.
    [[nodiscard]] bool is_shell() {
        shell_ = shell_ || !shell_greeting(said_).empty() || !shell_output(said_, heard_).empty();
        return shell_;
    }

    void give_order(Output& output) {
        auto order = std::string(shell_order(orders_++));
        if (order.empty()) return;
        if (said_.empty()) order.insert(0, "\n");  // what was said before was no whole line
        heard_ += order;
        output.bytes += order;
    }

    void begin(ByteView bytes) {
        if (!spoke_) protocol_ = characterise_stream(bytes);
        auto fields = flow_fields(world_, flow_, protocol_);
        fields.text("first_bytes", hex(bytes, first_bytes_shown)).flag("server_spoke_first", spoke_);
        world_.recorder.event(world_.now(), "tcp-data", fields);
    }

    void reply_to_lines(std::string_view text, Output& output) {
        while (!text.empty() && !output.close) {
            const auto end = text.find('\n');
            line_.append(text.substr(0, end));
            if (line_.size() > longest_kept_line) line_.resize(longest_kept_line);
            if (end == std::string_view::npos) return;
            text = text.substr(end + 1);
            if (line_.ends_with('\r')) line_.pop_back();
            const auto reply = reply_to_line(flow_.destination.port, line_,
                                             flow_.inside.empty() && world_.offers_starttls(flow_));
            line_.clear();
            output.bytes += reply.text;
            output.close = output.close || reply.close;
            if (reply.upgrade) return upgrade();
        }
    }

    void upgrade() {
        upgraded_ = make_tls_dialogue(world_, flow_, [](World& world, Flow flow) {
            return std::make_unique<SinkDialogue>(world, std::move(flow), Greeting::said);
        });
    }

    World& world_;
    Flow flow_;
    Payload payload_;
    std::string_view protocol_ = "none";
    std::string line_;
    bool spoke_;
    std::string said_;       ///< the first bytes
    std::string heard_;      ///< what the camera was told
    unsigned orders_ = 0;    ///< given to a shell
    unsigned silences_ = 0;  ///< before a word came
    bool shell_ = false;
    std::unique_ptr<StreamDialogue> upgraded_;  ///< TLS, when it was agreed on
};

}  // namespace

std::unique_ptr<StreamDialogue> make_sink_dialogue(World& world, Flow flow, std::string heard) {
    return std::make_unique<SinkDialogue>(world, std::move(flow), Greeting::due, std::move(heard));
}

}  // namespace cambench::internet
