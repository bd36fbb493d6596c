#include <fmt/format.h>

#include "bench/internet/services/media/rtmp.hpp"
#include "bench/internet/world/dialogue.hpp"
#include "harness/wire/protocols.hpp"
#include "harness/wire/rtmp_message.hpp"

namespace cambench::internet {
namespace {

using MessageKind = rtmp::Kind;

constexpr std::uint32_t window = 2'500'000;  ///< bytes between two acknowledgements
constexpr std::size_t longest_kept_text = 2048;

std::string text_of(const Json& value) {
    return value.is_string() ? value.get<std::string>().substr(0, longest_kept_text) : std::string();
}

/// A media server that takes what is published and keeps it as an FLV file.
class RtmpDialogue final : public StreamDialogue {
public:
    RtmpDialogue(World& world, Flow flow) : world_(world), flow_(std::move(flow)), stream_(world.recorder) {}

    void received(ByteView bytes, Output& output) override {
        bytes_in_ += bytes.size();
        if (to_skip_ > 0 || !greeted_) bytes = shake_hands(bytes, output);
        if (bytes.empty() || over_) return;
        const auto status = chunks_.feed(bytes, [&](rtmp::Message message) { take(message, output); });
        if (!status) {
            auto fields = begin_fields("malformed");
            fields.text("malformed", status.error().message);
            world_.recorder.event(world_.now(), "rtmp", fields);
            over_ = output.close = true;
        }
        if (bytes_in_ - acknowledged_ >= window) {
            acknowledged_ = bytes_in_;
            output.bytes += control(MessageKind::acknowledgement, static_cast<std::uint32_t>(bytes_in_));
        }
    }
    void camera_finished(Output& output) override { output.close = true; }
    void closed() override { finish_stream(); }

private:
    /// S0, S1 and S2 in answer to C0 and C1; C2 is taken as it is.
    ByteView shake_hands(ByteView bytes, Output& output) {
        if (!greeted_) {
            const auto wanted = rtmp::handshake_size + 1 - begun_.size();
            const auto now = bytes.first(std::min(wanted, bytes.size()));
            begun_.append(as_text(now));
            bytes = bytes.subspan(now.size());
            if (begun_.size() <= rtmp::handshake_size) return {};
            greeted_ = true;
            to_skip_ = rtmp::handshake_size;
            output.bytes += '\3';
            output.bytes.append(8, '\0');  // time, and zero: no digest is meant
            for (std::size_t i = 8; i < rtmp::handshake_size; ++i)
                output.bytes += static_cast<char>(i * 131 >> 3);
            output.bytes += begun_.substr(1);
        }
        const auto skipped = std::min(to_skip_, bytes.size());
        to_skip_ -= skipped;
        return bytes.subspan(skipped);
    }

    static std::string control(MessageKind kind, std::uint32_t value) {
        ByteWriter writer;
        writer.u32(value);
        if (kind == MessageKind::peer_bandwidth) writer.u8(2);  // dynamic
        return rtmp::chunks(kind, 2, 0, as_text(writer.view()));
    }

    void take(const rtmp::Message& message, Output& output) {
        switch (message.kind) {
            case MessageKind::command3:
            case MessageKind::command0: {
                const auto skipped =
                    message.kind == MessageKind::command3 && !message.content.empty() ? 1U : 0U;
                return take_command(rtmp::parse_amf0(ByteView(message.content).subspan(skipped)),
                                    message.stream, output);
            }
            case MessageKind::audio:
                if (audio_codec_.empty()) audio_codec_ = rtmp::audio_codec(message.content);
                return keep(MessageKind::audio, message.timestamp, message.content);
            case MessageKind::video:
                if (video_codec_.empty()) video_codec_ = rtmp::video_codec(message.content);
                return keep(MessageKind::video, message.timestamp, message.content);
            case MessageKind::data0: {
                // "@setDataFrame" says what to do with what follows; the file has only that.
                static const auto set = rtmp::amf0("@setDataFrame");
                auto content = ByteView(message.content);
                if (as_text(content).starts_with(set)) content = content.subspan(set.size());
                return keep(MessageKind::data0, message.timestamp, content);
            }
            default:
                return;
        }
    }

    void keep(MessageKind kind, std::uint32_t timestamp, ByteView content) {
        if (stream_.size() == 0) stream_.append(rtmp::flv_header());
        stream_.append(rtmp::flv_tag(kind, timestamp, content));
        ++messages_;
    }

    void take_command(const std::vector<Json>& values, std::uint32_t stream, Output& output) {
        if (values.empty() || !values[0].is_string()) return;
        const auto name = text_of(values[0]);
        const auto transaction = values.size() > 1 && values[1].is_number() ? values[1] : Json(0.0);
        const auto argument = [&](std::size_t i) {
            return values.size() > i ? text_of(values[i]) : std::string();
        };
        auto fields = begin_fields(name);
        if (name == "connect") {
            const auto object = values.size() > 2 && values[2].is_object() ? values[2] : Json::object();
            url_ = text_of(object.value("tcUrl", Json()));
            fields.text("url", url_)
                .text("app", text_of(object.value("app", Json())))
                .text("agent", text_of(object.value("flashVer", Json())));
            accept_connect(transaction, output);
        } else if (name == "createStream") {
            reply({"_result", transaction, nullptr, 1.0}, 0, output);
        } else if (name == "publish") {
            path_ = argument(3);
            fields.text("path", path_).text("type", argument(4));
            begin_stream(stream, output);
        } else if (name == "play") {
            fields.text("path", argument(3));
            reply({"onStatus", 0.0, nullptr, status("NetStream.Play.StreamNotFound", "error")}, stream,
                  output);
        } else if (name == "FCUnpublish" || name == "deleteStream" || name == "closeStream") {
            finish_stream();
        } else if (name == "releaseStream" || name == "FCPublish" || name == "_checkbw") {
            fields.text("path", argument(3));
            reply({"_result", transaction, nullptr, nullptr}, 0, output);
        }
        world_.recorder.event(world_.now(), "rtmp", fields);
    }

    void accept_connect(const Json& transaction, Output& output) {
        output.bytes +=
            control(MessageKind::window_size, window) + control(MessageKind::peer_bandwidth, window);
        auto information = status("NetConnection.Connect.Success", "status");
        information["objectEncoding"] = 0.0;
        reply({"_result",
               transaction,
               {{"fmsVer", "FMS/3,5,7,7009"}, {"capabilities", 31.0}},
               std::move(information)},
              0, output);
    }

    void begin_stream(std::uint32_t stream, Output& output) {
        constexpr std::uint32_t stream_begin = 0;
        ByteWriter begin;
        output.bytes += rtmp::chunks(MessageKind::user_control, 2, 0,
                                     as_text(begin.u16(stream_begin).u32(stream).view()));
        reply({"onStatus", 0.0, nullptr, status("NetStream.Publish.Start", "status")}, stream, output);
    }

    static Json status(std::string_view code, std::string_view level) {
        return {{"level", level}, {"code", code}, {"description", code}};
    }

    static void reply(const std::vector<Json>& values, std::uint32_t stream, Output& output) {
        std::string content;
        for (const auto& value : values) content += rtmp::amf0(value);
        output.bytes += rtmp::chunks(MessageKind::command0, 3, stream, content);
    }

    void finish_stream() {
        if (stream_.size() == 0) return;
        auto fields = flow_fields(world_, flow_, protocol());
        fields.text("by", protocol::rtmp)
            .text("url", path_.empty() ? url_ : fmt::format("{}/{}", url_, path_))
            .text("container", "flv");
        fields.text("video_codec", video_codec_)
            .text("audio_codec", audio_codec_)
            .number("packets", messages_);
        const auto id = stream_.finish();
        world_.recorder.event(world_.now(), "media", fields, id);
        messages_ = 0;
    }

    [[nodiscard]] std::string_view protocol() const {
        return flow_.inside == protocol::tls ? protocol::rtmps : protocol::rtmp;
    }
    JsonText begin_fields(std::string_view command) const {
        auto fields = flow_fields(world_, flow_, protocol());
        fields.text("command", command);
        return fields;
    }

    World& world_;
    Flow flow_;
    std::string begun_;
    bool greeted_ = false, over_ = false;
    std::size_t to_skip_ = 0;
    std::uint64_t bytes_in_ = 0, acknowledged_ = 0;
    rtmp::ChunkReader chunks_;
    Payload stream_;
    std::string url_, path_;
    std::string_view video_codec_, audio_codec_;
    std::int64_t messages_ = 0;
};

}  // namespace

std::unique_ptr<StreamDialogue> make_rtmp_dialogue(World& world, Flow flow) {
    return std::make_unique<RtmpDialogue>(world, std::move(flow));
}

}  // namespace cambench::internet
