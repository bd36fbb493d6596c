#include "bench/internet/dispatch/conversation.hpp"

#include <algorithm>
#include <array>

#include "bench/internet/dispatch/recorded_dialogue.hpp"
#include "bench/internet/services/clouds/mqtt.hpp"
#include "bench/internet/services/clouds/turn.hpp"
#include "bench/internet/services/clouds/vendor.hpp"
#include "bench/internet/services/files/ftp.hpp"
#include "bench/internet/services/files/server_first.hpp"
#include "bench/internet/services/files/smtp.hpp"
#include "bench/internet/services/files/ssh.hpp"
#include "bench/internet/services/media/rtmp.hpp"
#include "bench/internet/services/media/rtsp.hpp"
#include "bench/internet/services/media/sip_carriers.hpp"
#include "bench/internet/services/media/transport_stream.hpp"
#include "bench/internet/services/names/dns_stream.hpp"
#include "bench/internet/services/time/syslog_stream.hpp"
#include "bench/internet/services/web/http.hpp"
#include "bench/internet/services/web/http2.hpp"
#include "bench/internet/tls/tls.hpp"
#include "bench/internet/world/dialogue.hpp"
#include "harness/core/shell_talk.hpp"
#include "harness/core/text.hpp"
#include "harness/wire/dns_message.hpp"
#include "harness/wire/http_message.hpp"
#include "harness/wire/mqtt_message.hpp"
#include "harness/wire/rtmp_message.hpp"
#include "harness/wire/rtsp_message.hpp"
#include "harness/wire/sip_message.hpp"
#include "harness/wire/syslog_message.hpp"
#include "harness/wire/turn_message.hpp"
#include "harness/wire/vendor_message.hpp"

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
    if (reader.failed())
        return bytes.size() < 12 && (bytes.size() < 2 || (length >= 17 && length <= 512)) ? Likeness::perhaps
                                                                                          : Likeness::no;
    if (length < 17 || length > 512 || (flags & 0xf800) != 0 || questions != 1 || answers != 0 ||
        authorities != 0)
        return Likeness::no;
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

/// A text the client must begin with, whatever the case of its letters.
Likeness begins_with(ByteView bytes, std::string_view wanted) {
    const auto said = lower(as_text(bytes.first(std::min(bytes.size(), wanted.size()))));
    if (said != wanted.substr(0, said.size())) return Likeness::no;
    return said.size() == wanted.size() ? Likeness::yes : Likeness::perhaps;
}

/// The likelier of several beginnings.
template <typename... Rest>
Likeness any_of(Likeness first, Rest... rest) {
    auto most = first;
    ((most = most == Likeness::yes || rest == Likeness::yes ? Likeness::yes
             : most == Likeness::perhaps                    ? most
                                                            : rest),
     ...);
    return most;
}

class Conversation final : public StreamDialogue {
public:
    Conversation(World& world, Flow flow) : world_(world), flow_(std::move(flow)) {}

    void received(ByteView bytes, Output& output) override {
        if (dialogue_) return dialogue_->received(bytes, output);
        begun_.insert(begun_.end(), bytes.begin(), bytes.end());
        const bool obeys = !heard_.empty() && !shell_output(as_text(begun_), heard_).empty();
        const auto speech = obeys ? Speech::unknown : recognise(begun_, flow_);
        if (speech != Speech::undecided)
            go_on(speech, output);
        else if (begun_.size() > undecided_at_most)
            go_on(Speech::unknown, output);
    }

    void camera_finished(Output& output) override {
        if (!dialogue_) go_on(Speech::unknown, output);
        dialogue_->camera_finished(output);
    }

    void silence(Output& output) override {
        if (dialogue_) return dialogue_->silence(output);
        // Part of a request line may still grow. Who says nothing where servers speak first waits for us;
        // elsewhere a slow camera may only be late with its first bytes, and they will decide.
        if (!begun_.empty() && shell_greeting(as_text(begun_)).empty()) return;
        if (!begun_.empty()) {
            go_on(Speech::unknown, output);
            return dialogue_->silence(output);
        }
        if (++silences_ == silences_of_who_waits) return draw_out(output);
        if (greeted_) return;
        switch (flow_.inside.empty() && tls_first(flow_.destination.port)
                    ? ServerFirst::no
                    : server_first(flow_.destination.port)) {
            case ServerFirst::ftp:
                go_on(Speech::ftp, output);
                break;
            case ServerFirst::smtp:
                go_on(Speech::smtp, output);
                break;
            case ServerFirst::ssh:
                go_on(Speech::ssh, output);
                break;
            case ServerFirst::other:
                go_on(Speech::unknown, output);
                break;
            case ServerFirst::no: {
                const auto known = world_.mute.find(flow_.destination);
                if (known == world_.mute.end()) return;
                heard_ = banner_for_the_mute(known->second);
                output.bytes += heard_;
                greeted_ = true;
                greeted_as_ssh_ = heard_.starts_with("SSH-");
                return;
            }
        }
        dialogue_->silence(output);
    }

    void woken(Output& output) override {
        if (dialogue_) dialogue_->woken(output);
    }

    void reset() override {
        if (dialogue_) dialogue_->reset();
    }

    void closed() override {
        Output ignored;
        if (!dialogue_ && !begun_.empty()) go_on(Speech::unknown, ignored);
        if (dialogue_) return dialogue_->closed();
        constexpr std::size_t most_mute = 4096;
        if (world_.mute.size() < most_mute) ++world_.mute[flow_.destination];
    }

private:
    /// Who keeps a connection and says nothing may wait for orders, as a shell does that has no prompt.
    void draw_out(Output& output) {
        heard_ += shell_order(0);
        output.bytes += shell_order(0);
        greeted_ = true;
    }

    void go_on(Speech speech, Output& output) {
        const auto greeting = greeted_ ? Greeting::said : Greeting::due;
        switch (speech) {
            case Speech::tls:
                dialogue_ = make_tls_dialogue(world_, flow_);
                break;
            case Speech::http:
                dialogue_ = make_http_dialogue(world_, flow_);
                break;
            case Speech::http2:
                dialogue_ = make_http2_dialogue(world_, flow_);
                break;
            case Speech::dns:
                dialogue_ = make_dns_dialogue(world_, flow_);
                break;
            case Speech::mqtt:
                dialogue_ = make_mqtt_dialogue(world_, flow_);
                break;
            case Speech::ftp:
                dialogue_ = make_ftp_dialogue(world_, flow_, greeting);
                break;
            case Speech::smtp:
                dialogue_ = make_smtp_dialogue(world_, flow_, greeting);
                break;
            case Speech::rtmp:
                dialogue_ = make_rtmp_dialogue(world_, flow_);
                break;
            case Speech::rtsp:
                dialogue_ = make_rtsp_dialogue(world_, flow_);
                break;
            case Speech::ssh:
                dialogue_ =
                    make_ssh_dialogue(world_, flow_, greeted_as_ssh_ ? Greeting::said : Greeting::due);
                break;
            case Speech::sip:
                dialogue_ = make_sip_dialogue(world_, flow_);
                break;
            case Speech::turn:
                dialogue_ = make_turn_dialogue(world_, flow_);
                break;
            case Speech::syslog:
                dialogue_ = make_syslog_dialogue(world_, flow_);
                break;
            case Speech::transport_stream:
                dialogue_ = make_transport_stream_dialogue(world_, flow_);
                break;
            case Speech::vendor:
                dialogue_ = make_vendor_dialogue(world_, flow_);
                break;
            default:
                dialogue_ = make_sink_dialogue(world_, flow_, heard_);
                break;
        }
        const auto begun = std::exchange(begun_, {});
        if (!begun.empty()) dialogue_->received(begun, output);
    }

    World& world_;
    Flow flow_;
    Bytes begun_;
    std::unique_ptr<StreamDialogue> dialogue_;
    bool greeted_as_ssh_ = false;
    bool greeted_ = false;  ///< with a banner tried at a port where clients stayed mute, or with an order
    std::string heard_;     ///< by the camera, of us
    unsigned silences_ = 0;
};

}  // namespace

Speech recognise(ByteView bytes, const Flow& flow) {
    const auto port = flow.destination.port;
    const bool may_be_tls = flow.inside.empty() || flow.layers.ends_with("/connect");
    const auto tls = may_be_tls ? tls_likeness(bytes) : Likeness::no;
    const auto http = http_likeness(bytes);
    // Port 53 is DNS unless it plainly is something else.
    const bool plainly_other =
        tls == Likeness::yes || http == Likeness::yes || !shell_greeting(as_text(bytes)).empty();
    const auto dns = port == 53 && !plainly_other && bytes.size() >= 2 ? Likeness::yes : dns_likeness(bytes);
    const std::array<std::pair<Speech, Likeness>, 15> all{
        {{Speech::tls, tls},
         {Speech::http2, begins_with(bytes, "pri * http/2.0\r\n\r\nsm\r\n\r\n")},
         {Speech::http, http},
         {Speech::dns, dns},
         {Speech::mqtt, mqtt::likeness(bytes)},
         {Speech::rtsp, rtsp_likeness(bytes)},
         {Speech::ssh, begins_with(bytes, "ssh-")},
         {Speech::sip, sip_likeness(bytes)},
         {Speech::turn, turn_likeness(bytes)},
         {Speech::syslog, syslog_likeness(bytes)},
         {Speech::transport_stream, transport_stream_likeness(bytes)},
         {Speech::vendor, vendor_likeness(bytes)},
         {Speech::rtmp, rtmp::likeness(bytes, port)},
         {Speech::smtp, any_of(begins_with(bytes, "ehlo "), begins_with(bytes, "helo "))},
         {Speech::ftp, any_of(begins_with(bytes, "user "), begins_with(bytes, "auth tls"),
                              begins_with(bytes, "auth ssl"))}}};
    for (const auto& [speech, likeness] : all)
        if (likeness == Likeness::yes) return speech;
    const bool open =
        std::any_of(all.begin(), all.end(), [](const auto& one) { return one.second == Likeness::perhaps; });
    return open ? Speech::undecided : Speech::unknown;
}

std::unique_ptr<StreamDialogue> make_conversation(World& world, Flow flow) {
    if (const auto found = flow.inside.empty() ? world.expected.find(flow.destination) : world.expected.end();
        found != world.expected.end()) {
        const auto make = std::move(found->second);
        world.expected.erase(found);
        return make(world, std::move(flow));
    }
    if (auto recorded = make_recorded_dialogue(world, flow)) return recorded;
    return make_unrecorded_conversation(world, std::move(flow));
}

std::unique_ptr<StreamDialogue> make_unrecorded_conversation(World& world, Flow flow) {
    return std::make_unique<Conversation>(world, std::move(flow));
}

}  // namespace cambench::internet
