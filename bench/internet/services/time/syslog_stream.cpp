#include <algorithm>

#include "bench/internet/services/time/notices.hpp"
#include "bench/internet/services/time/syslog_stream.hpp"
#include "bench/internet/world/dialogue.hpp"
#include "harness/wire/protocols.hpp"
#include "harness/wire/syslog_message.hpp"

namespace cambench::internet {
namespace {

constexpr std::size_t longest_syslog = 65536, told_singly = 512;

/// A log server over a stream (RFC 6587): each message has its length before it, or a line feed behind. Never
/// says anything.
class SyslogDialogue final : public StreamDialogue {
public:
    SyslogDialogue(World& world, Flow flow)
        : world_(world), flow_(std::move(flow)), further_(world.recorder) {}

    void received(ByteView bytes, Output&) override {
        pending_.insert(pending_.end(), bytes.begin(), bytes.end());
        std::size_t done = 0;
        for (;;) {
            const auto rest = ByteView(pending_).subspan(done);
            const auto frame = next_syslog_frame(rest, longest_syslog);
            if (frame.taken == 0) break;
            take(frame.message);
            done += frame.taken;
        }
        pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(done));
    }

    void camera_finished(Output& output) override { output.close = true; }

    void closed() override {
        take(pending_);
        if (further_.size() == 0) return;
        auto fields = flow_fields(world_, flow_, protocol::syslog);
        fields.number("messages", static_cast<std::int64_t>(messages_ - told_singly));
        const auto id = further_.finish();
        world_.recorder.event(world_.now(), "syslog", fields, id);
    }

private:
    void take(ByteView message) {
        if (message.empty()) return;
        if (++messages_ > told_singly) {
            further_.append(message);
            return further_.append(as_bytes("\n"));
        }
        auto fields = flow_fields(world_, flow_, protocol::syslog);
        if (const auto parsed = parse_syslog(message))
            fields.number("facility", parsed->facility)
                .number("severity", parsed->severity)
                .text("text", std::string_view(parsed->text).substr(0, 1024));
        else
            fields.text("malformed", parsed.error().message);
        world_.record("syslog", fields, message);
    }

    World& world_;
    Flow flow_;
    Bytes pending_;
    std::uint64_t messages_ = 0;
    Payload further_;  ///< messages after the first ones
};

bool is_decimal(char letter) { return letter >= '0' && letter <= '9'; }

}  // namespace

SyslogFrame next_syslog_frame(ByteView bytes, std::size_t longest) {
    const auto text = as_text(bytes);
    constexpr std::size_t most_digits = 6;
    std::size_t digits = 0, length = 0;
    while (digits < text.size() && digits <= most_digits && is_decimal(text[digits]))
        length = length * 10 + static_cast<std::size_t>(text[digits++] - '0');
    if (digits > 0 && digits == text.size() && digits <= most_digits) return {};
    if (digits > 0 && digits <= most_digits && text[digits] == ' ' && length <= longest) {
        if (text.size() < digits + 1 + length) return {};
        return {bytes.subspan(digits + 1, length), digits + 1 + length};
    }
    const auto end = std::min(text.find('\n'), text.find('\0'));
    if (end == std::string_view::npos)
        return text.size() > longest ? SyslogFrame{bytes.first(longest), longest} : SyslogFrame{};
    auto message = bytes.first(end);
    if (!message.empty() && message.back() == std::byte{'\r'}) message = message.first(message.size() - 1);
    return {message, end + 1};
}

Likeness syslog_likeness(ByteView first_bytes) {
    auto text = as_text(first_bytes);
    if (text.empty()) return Likeness::perhaps;
    std::size_t digits = 0;
    while (digits < text.size() && digits < 6 && is_decimal(text[digits])) ++digits;
    if (digits > 0) {
        if (digits == text.size()) return Likeness::perhaps;
        if (text[0] == '0' || text[digits] != ' ') return Likeness::no;
        text = text.substr(digits + 1);
        if (text.empty()) return Likeness::perhaps;
    }
    if (text[0] != '<') return Likeness::no;
    std::size_t at = 1;
    while (at < text.size() && at < 4 && is_decimal(text[at])) ++at;
    if (at == text.size()) return Likeness::perhaps;
    return at > 1 && text[at] == '>' && parse_syslog(as_bytes(text.substr(0, at + 1))).ok() ? Likeness::yes
                                                                                            : Likeness::no;
}

std::unique_ptr<StreamDialogue> make_syslog_dialogue(World& world, Flow flow) {
    return std::make_unique<SyslogDialogue>(world, std::move(flow));
}

}  // namespace cambench::internet
