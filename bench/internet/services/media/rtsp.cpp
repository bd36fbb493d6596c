#include <fmt/format.h>

#include <algorithm>

#include "bench/internet/services/media/rtp_media.hpp"
#include "bench/internet/services/media/rtsp.hpp"
#include "bench/internet/world/dialogue.hpp"
#include "harness/core/text.hpp"
#include "harness/wire/protocols.hpp"
#include "harness/wire/rtsp_message.hpp"

namespace cambench::internet {
namespace {

constexpr std::size_t longest_rtsp_head = 65536, longest_rtsp_body = 1u << 20;
constexpr std::uint16_t first_media_port = 50000;

/// A media server that takes what is announced and recorded; each medium is kept as a file that plays.
class RtspDialogue final : public StreamDialogue {
public:
    RtspDialogue(World& world, Flow flow) : world_(world), flow_(std::move(flow)) {}
    ~RtspDialogue() override { forget_ports(); }

    void received(ByteView bytes, Output& output) override {
        pending_.insert(pending_.end(), bytes.begin(), bytes.end());
        std::size_t done = 0;
        while (!over_) {
            const auto taken = take_one(ByteView(pending_).subspan(done), output);
            if (taken == 0) break;
            done += taken;
        }
        pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(done));
        if (over_) output.close = true;
    }
    void camera_finished(Output& output) override { output.close = true; }
    void closed() override { finish_media(); }

private:
    struct Track {
        SdpMedium description;
        RtpMedium medium;
        int channel = -1;                ///< interleaved
        std::optional<Endpoint> server;  ///< where its RTP goes over UDP; RTCP to the next port
        std::uint64_t reports = 0;
        bool finished = false;
    };

    /// How many bytes the next frame or request has; 0 when it is not whole yet.
    std::size_t take_one(ByteView bytes, Output& output) {
        if (bytes.empty()) return 0;
        if (std::to_integer<char>(bytes[0]) == '$') return take_frame(bytes);
        const auto text = as_text(bytes);
        if (text[0] == '\r' || text[0] == '\n') return 1;
        const auto end = head_end(text);
        if (!end) {
            if (bytes.size() > longest_rtsp_head) malformed("rtsp: head without end", bytes);
            return 0;
        }
        const auto head = parse_rtsp_head(bytes.first(*end));
        if (!head) {
            malformed(head.error().message, bytes.first(*end));
            return 0;
        }
        std::size_t length = 0;
        for (const char digit : head->header("Content-Length"))
            if (digit >= '0' && digit <= '9' && length <= longest_rtsp_body)
                length = length * 10 + static_cast<std::size_t>(digit - '0');
        if (length > longest_rtsp_body) {
            malformed("rtsp: body too long", bytes.first(*end));
            return 0;
        }
        if (bytes.size() < *end + length) return 0;
        answer(*head, bytes.subspan(*end, length), output);
        return *end + length;
    }

    std::size_t take_frame(ByteView bytes) {
        ByteReader reader(bytes);
        reader.skip(1);
        const int channel = reader.u8();
        const auto datagram = reader.take(reader.u16());
        if (reader.failed()) return 0;
        for (auto& track : tracks_) {
            if (track.channel == channel)
                track.medium.take(datagram);
            else if (track.channel + 1 == channel)
                ++track.reports;
        }
        return reader.position();
    }

    void answer(const RtspHead& head, ByteView body, Output& output) {
        unsigned status = 200;
        std::string fields;
        if (url_.empty() || head.method == "ANNOUNCE") url_ = head.url;
        if (head.method == "OPTIONS") {
            fields =
                "Public: OPTIONS, DESCRIBE, ANNOUNCE, SETUP, RECORD, PLAY, PAUSE, TEARDOWN, GET_PARAMETER, "
                "SET_PARAMETER\r\n";
        } else if (head.method == "ANNOUNCE") {
            announce(body);
        } else if (head.method == "SETUP") {
            status = set_up(head, fields);
        } else if (head.method == "DESCRIBE" || head.method == "PLAY") {
            status = 404;
        } else if (head.method == "TEARDOWN") {
            finish_media();
        }
        const auto reason = status == 200 ? "OK" : status == 404 ? "Not Found" : "Unsupported Transport";
        const auto now = format_http_date(world_.clock.now());
        output.bytes += fmt::format(
            "RTSP/1.0 {} {}\r\nCSeq: {}\r\nServer: rtsp\r\nDate: {}\r\nSession: "
            "70120377;timeout=60\r\n{}\r\n",
            status, reason, head.header("CSeq"), now, fields);
        record_request(head, body, status);
    }

    void record_request(const RtspHead& head, ByteView body, unsigned status) {
        auto fields = flow_fields(world_, flow_, protocol::rtsp);
        fields.text("method", head.method)
            .text("url", head.url)
            .text("user_agent", head.header("User-Agent"))
            .pairs("headers", head.headers);
        fields.number("status", status);
        Payload content(world_.recorder);
        content.append(body);
        const auto id = content.finish();
        world_.recorder.event(world_.now(), "rtsp-request", fields, id);
    }

    void announce(ByteView body) {
        finish_media();
        forget_ports();
        tracks_.clear();
        for (auto& medium : parse_sdp(body)) tracks_.push_back({medium, RtpMedium(world_.recorder, medium)});
    }

    /// The track a SETUP names by its control; the next one without a transport when none fits.
    Track* track_of(std::string_view url) {
        for (auto& track : tracks_)
            if (!track.description.control.empty() && url.ends_with(track.description.control)) return &track;
        const auto found = std::find_if(tracks_.begin(), tracks_.end(),
                                        [](const auto& track) { return track.channel < 0 && !track.server; });
        return found == tracks_.end() ? nullptr : &*found;
    }

    unsigned set_up(const RtspHead& head, std::string& fields) {
        auto* track = track_of(head.url);
        if (track == nullptr) return 404;
        const auto wanted = parse_rtsp_transport(head.header("Transport"));
        if (wanted.interleaved) {
            track->channel = static_cast<int>(std::min(wanted.first, 254U));
            fields = fmt::format("Transport: RTP/AVP/TCP;unicast;interleaved={}-{};mode=record\r\n",
                                 wanted.first, wanted.second);
            return 200;
        }
        const auto server = take_ports(*track);
        if (!server) return 461;
        fields = fmt::format("Transport: RTP/AVP;unicast;client_port={}-{};server_port={}-{};mode=record\r\n",
                             wanted.first, wanted.second, server->port, server->port + 1);
        return 200;
    }

    std::optional<Endpoint> take_ports(Track& track) {
        constexpr unsigned most_tries = 2000;
        const auto index = static_cast<std::size_t>(&track - tracks_.data());
        for (unsigned i = 0; i < most_tries; ++i) {
            const Endpoint rtp{flow_.destination.address,
                               static_cast<std::uint16_t>(first_media_port + 2 * i)};
            const Endpoint rtcp{rtp.address, static_cast<std::uint16_t>(rtp.port + 1)};
            const auto take = [this, index](const Flow& flow, ByteView datagram) {
                if (flow.camera.address == flow_.camera.address && index < tracks_.size())
                    tracks_[index].medium.take(datagram);
            };
            if (!world_.datagram_takers.try_emplace(rtp, take).second) continue;
            world_.datagram_takers[rtcp] = [this, index](const Flow&, ByteView) {
                if (index < tracks_.size()) ++tracks_[index].reports;
            };
            track.server = rtp;
            return rtp;
        }
        return std::nullopt;
    }

    void forget_ports() {
        for (auto& track : tracks_) {
            if (!track.server) continue;
            world_.datagram_takers.erase(*track.server);
            world_.datagram_takers.erase(
                {track.server->address, static_cast<std::uint16_t>(track.server->port + 1)});
            track.server.reset();
        }
    }

    void finish_media() {
        for (auto& track : tracks_) {
            if (std::exchange(track.finished, true) || track.medium.packets() == 0) continue;
            auto fields = flow_fields(world_, flow_, protocol::rtsp);
            fields.text("by", protocol::rtsp)
                .text("url", url_)
                .text("medium", track.description.kind)
                .text("codec", track.description.encoding);
            fields.text("container", track.medium.container()).text("over", track.server ? "udp" : "tcp");
            if (track.server) fields.text("media_destination", track.server->to_string());
            fields.number("packets", static_cast<std::int64_t>(track.medium.packets()))
                .number("lost", static_cast<std::int64_t>(track.medium.lost()));
            fields.number("reports", static_cast<std::int64_t>(track.reports));
            const auto id = track.medium.finish();
            world_.recorder.event(world_.now(), "media", fields, id);
        }
        forget_ports();
    }

    void malformed(std::string_view why, ByteView bytes) {
        over_ = true;
        Payload content(world_.recorder);
        content.append(bytes);
        auto fields = flow_fields(world_, flow_, protocol::rtsp);
        fields.text("malformed", why);
        const auto id = content.finish();
        world_.recorder.event(world_.now(), "rtsp-request", fields, id);
    }

    World& world_;
    Flow flow_;
    Bytes pending_;
    std::vector<Track> tracks_;
    std::string url_;
    bool over_ = false;
};

}  // namespace

std::unique_ptr<StreamDialogue> make_rtsp_dialogue(World& world, Flow flow) {
    return std::make_unique<RtspDialogue>(world, std::move(flow));
}

}  // namespace cambench::internet
