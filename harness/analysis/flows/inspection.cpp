#include <algorithm>

#include "harness/analysis/flows/flow.hpp"
#include "harness/core/text.hpp"

namespace cambench::analysis {
namespace {

constexpr std::size_t most_contents = 256;  ///< more than there are words for

bool begins_as_cipher(ByteView head) {
    if (head.size() < 3) return false;
    const auto type = std::to_integer<unsigned>(head[0]);
    const bool tls =
        type >= 20 && type <= 23 && head[1] == std::byte{3} && std::to_integer<unsigned>(head[2]) <= 4;
    return tls || as_text(head).starts_with("SSH");
}

bool is_ciphered(Flow& flow, ByteView payload) {
    if (flow.cover == Flow::Cover::unknown && payload.size() >= 3)
        flow.cover = begins_as_cipher(payload) ? Flow::Cover::ciphered : Flow::Cover::clear;
    return flow.cover == Flow::Cover::ciphered;
}

void note_in(Flow& flow, ContentFact fact) {
    if (!note(flow.contents, std::move(fact))) flow.cut.insert(Subject::contents);
}

ContentKind wanted_of(bool outgoing) { return outgoing ? ContentKind::media : ContentKind::code; }

/// Marks that begin in one segment and end in the next, or whose place only the segment before tells.
void look_across_edge(Flow& flow, ByteView payload, const FrameRef& frame, bool outgoing) {
    constexpr std::size_t longest_mark = 40;
    auto& edge = outgoing ? flow.edge_out : flow.edge_in;
    if (!edge.empty()) {
        const auto behind = payload.first(std::min(payload.size(), longest_mark));
        edge.insert(edge.end(), behind.begin(), behind.end());
        for (const auto& mark : find_marks(edge, Position::middle)) {
            const auto same = [&](const ContentFact& one) {
                return one.what == mark.what && one.outgoing == outgoing;
            };
            const bool known = std::any_of(flow.contents.begin(), flow.contents.end(), same);
            if (mark.kind == wanted_of(outgoing) && !known)
                note_in(flow, {mark.kind, std::string(mark.what), outgoing, frame, {}, 1, 0});
        }
    }
    if (payload.size() >= longest_mark) edge.clear();
    const auto last = payload.last(std::min(payload.size(), longest_mark));
    if (edge.empty())
        edge.assign(last.begin(), last.end());
    else if (edge.size() > longest_mark)
        edge.erase(edge.begin(), edge.end() - static_cast<std::ptrdiff_t>(longest_mark));
}

void look_for_marks(Flow& flow, const Packet& packet, ByteView payload, bool outgoing, Position position) {
    if (outgoing && !flow.lan && flow.rtp.is_rtp()) return;  // noted as media already
    for (const auto& mark : find_marks(payload, position)) {
        if (mark.kind == wanted_of(outgoing))
            note_in(flow, {mark.kind, std::string(mark.what), outgoing, packet.frame, {}, 1, 0});
    }
    if (packet.is_tcp()) look_across_edge(flow, payload, packet.frame, outgoing);
    if (outgoing) return;
    if (const auto commands = find_shell_commands(payload); !commands.empty())
        note_in(flow, {ContentKind::command, std::string(commands), false, packet.frame, {}, 1, 0});
}

/// A client of WebSocket asks for the change of protocol in its first request, and masks all it says
/// afterwards.
bool asks_for_websocket(ByteView payload) {
    const auto text = lower(as_text(payload.first(std::min<std::size_t>(payload.size(), 4096))));
    return text.starts_with("get ") && text.find("\r\nupgrade: websocket") != std::string::npos &&
           text.ends_with("\r\n\r\n");
}

/// The first datagrams of QUIC can be opened by anybody (RFC 9001, 5.2) and name whom the camera wants.
void look_for_quic_hello(Flow& flow, const Packet& packet) {
    constexpr unsigned most_datagrams = 8;
    const auto first = std::to_integer<unsigned>(packet.payload[0]);
    if (flow.quic_hello || flow.quic_datagrams >= most_datagrams || (first & 0xc0) != 0xc0 ||
        packet.payload.size() < packet.length)
        return;
    ++flow.quic_datagrams;
    if (!flow.quic) flow.quic = std::make_unique<QuicInitialReader>();
    auto hello = flow.quic->take(packet.payload);
    if (!hello) {
        if (flow.quic_datagrams == 1) flow.quic_datagrams = most_datagrams;  // something else altogether
        return;
    }
    if (!hello->has_value()) return;
    flow.quic_hello = std::move(**hello);
    flow.quic_frame = packet.frame;
    flow.quic.reset();
}

void look_at_datagram(Flow& flow, const Packet& packet, bool outgoing) {
    if (packet.is_icmp()) {
        const bool request = packet.protocol == 58 ? packet.icmp.type == 128 : packet.icmp.type == 8;
        const bool reply =
            packet.icmp.type == (packet.protocol == 58 ? 129 : 0) && flow.by_camera && !flow.answered;
        if (!outgoing || (!request && !reply) || !is_odd_echo(packet.payload)) return;
        ContentFact fact{
            ContentKind::covert,
            request ? "free bytes in echo requests" : "free bytes in echo replies that nobody asked for",
            true,
            packet.frame,
            {},
            1,
            packet.length};
        fact.variants = {std::hash<std::string_view>{}(as_text(packet.payload.subspan(echo_stamp)))};
        note_in(flow, std::move(fact));
        return;
    }
    if (!packet.is_udp()) return;
    if (outgoing) {
        flow.rtp.add(packet.payload);
        look_for_quic_hello(flow, packet);
        if (flow.rtp.is_rtp() && !flow.lan)
            note_in(flow, {ContentKind::media, "RTP media", true, packet.frame, {}, 1, 0});
        if (!flow.first_out.empty() && flow.sample.size() < Flow::sample_limit &&
            flow.bytes_out > packet.length) {
            const auto room = std::min(packet.payload.size(), Flow::sample_limit - flow.sample.size());
            flow.sample.insert(flow.sample.end(), packet.payload.begin(),
                               packet.payload.begin() + static_cast<std::ptrdiff_t>(room));
        }
        if (flow.key.peer.port == 123) {
            if (const auto extra = odd_ntp_bytes(packet.payload); extra > 0)
                note_in(flow, {ContentKind::covert,
                               "bytes behind the time in NTP packets",
                               true,
                               packet.frame,
                               {},
                               1,
                               extra});
        }
    }
    look_for_marks(flow, packet, packet.payload, outgoing, Position::start);
}

}  // namespace

bool CopySense::is_copy(const Packet& packet) {
    constexpr std::chrono::microseconds latest_copy{300};
    if (packet.payload.size() < packet.length && packet.ip_id == 0)
        return false;  // what is not on record may differ
    const auto digest = std::hash<std::string_view>{}(as_text(packet.payload)) * 31 + packet.ip_id;
    const bool known = std::any_of(latest_.begin(), latest_.end(), [&](const Seen& one) {
        return one.digest == digest && packet.frame.time - one.time < latest_copy;
    });
    if (!known) latest_[next_++ % latest_.size()] = {digest, packet.frame.time};
    return known;
}

bool note(std::vector<ContentFact>& contents, ContentFact fact) {
    const auto known = std::find_if(contents.begin(), contents.end(), [&](const ContentFact& one) {
        return one.kind == fact.kind && one.outgoing == fact.outgoing && one.what == fact.what;
    });
    if (known == contents.end()) {
        if (contents.size() >= most_contents) return false;
        contents.push_back(std::move(fact));
        return true;
    }
    constexpr std::size_t most_variants = 16;
    known->times += fact.times;
    known->bytes += fact.bytes;
    known->certain = known->certain || fact.certain;
    if (known->variants.size() < most_variants) known->variants.merge(fact.variants);
    return true;
}

void look_into(Flow& flow, const Packet& packet, bool outgoing) {
    if (!flow.by_camera && flow.lan) return;  // what visitors of its own network ask it for is its work
    if (packet.payload.empty()) return;
    if (!packet.is_tcp()) return look_at_datagram(flow, packet, outgoing);
    if (is_ciphered(flow, packet.payload)) return;
    const auto& side = outgoing ? flow.out : flow.in;
    const auto position = side.bytes() <= packet.length ? Position::start : Position::middle;
    if (outgoing && flow.websocket) {
        if (flow.websocket_read == side.bytes()) return;  // sent again
        flow.websocket_read = side.bytes();
        return look_for_marks(flow, packet, flow.websocket->take(packet.payload), outgoing, position);
    }
    look_for_marks(flow, packet, packet.payload, outgoing, position);
    if (outgoing && position == Position::start && asks_for_websocket(packet.payload))
        flow.websocket = std::make_unique<WebSocketUnmasker>();
}

}  // namespace cambench::analysis
