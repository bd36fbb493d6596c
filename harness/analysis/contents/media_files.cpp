#include "harness/analysis/contents/media_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>

#include "harness/analysis/capture/packet_feed.hpp"
#include "harness/analysis/flows/content.hpp"
#include "harness/core/text.hpp"

namespace cambench::analysis {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t most_files = 64, most_before = 64U << 10, most_bytes = 4U << 20;

/// A flow with media in it: what it sent, as far as it is kept.
struct Source {
    std::size_t destination, content;
    FrameRef frame;  ///< which shows the media
    Endpoint from, to;
    std::uint8_t protocol = 0;
    bool reached = false, over = false;
    std::uint32_t base = 0;
    bool begun = false;
    std::map<std::int64_t, Bytes> segments;  ///< TCP, by their place in the stream
    std::deque<Bytes> datagrams;
    std::size_t kept = 0;
};

/// Of what came before the media a little is enough: a mark may begin in the segment before the frame that
/// shows it.
void forget_oldest(Source& source) {
    while (source.kept > most_before && source.segments.size() + source.datagrams.size() > 1) {
        auto& oldest = source.protocol == 6 ? source.segments.begin()->second : source.datagrams.front();
        source.kept -= oldest.size();
        if (source.protocol == 6)
            source.segments.erase(source.segments.begin());
        else
            source.datagrams.pop_front();
    }
}

bool is_of(const Packet& packet, const Source& source) {
    return packet.kind == Packet::Kind::ip && packet.protocol == source.protocol &&
           packet.source == source.from.address && packet.target == source.to.address &&
           packet.source_port == source.from.port && packet.target_port == source.to.port;
}

void keep(const Packet& packet, Source& source) {
    if (source.over || source.kept >= most_bytes) return;
    if (packet.is_tcp() && packet.tcp.syn) {  // the same ports once more are another connection
        source.over = source.reached;
        if (source.over) return;
        source.segments.clear();
        source.kept = 0;
        source.begun = true;
        source.base = packet.tcp.sequence + 1;
    }
    if (packet.frame.capture == source.frame.capture && packet.frame.number == source.frame.number)
        source.reached = true;
    if (packet.payload.empty()) return;
    Bytes content(packet.payload.begin(), packet.payload.end());
    const auto size = content.size();
    if (!source.begun) source.base = packet.tcp.sequence;
    source.begun = true;
    if (!packet.is_tcp())
        source.datagrams.push_back(std::move(content));
    else if (!source.segments
                  .try_emplace(static_cast<std::int32_t>(packet.tcp.sequence - source.base),
                               std::move(content))
                  .second)
        return;
    source.kept += size;
    if (!source.reached) forget_oldest(source);
}

/// The stream, each byte once; what is missing is left out.
Bytes joined(const std::map<std::int64_t, Bytes>& segments) {
    Bytes whole;
    std::int64_t end = segments.empty() ? 0 : segments.begin()->first;
    for (const auto& [at, content] : segments) {
        const auto known = std::max<std::int64_t>(0, end - at);
        if (known >= static_cast<std::int64_t>(content.size())) continue;
        whole.insert(whole.end(), content.begin() + known, content.end());
        end = at + static_cast<std::int64_t>(content.size());
    }
    return whole;
}

void put_unit(ByteView unit, ByteWriter& out) { out.u32(1).bytes(unit); }

/// H.264 out of RTP (RFC 6184): single units, aggregates (STAP-A) and pieces (FU-A). Empty when no parameter
/// set is among them.
Bytes video_of(const std::deque<Bytes>& datagrams) {
    constexpr unsigned aggregate = 24, piece = 28, parameter_set = 7;
    ByteWriter out;
    bool told = false;
    for (const auto& datagram : datagrams) {
        ByteReader in(datagram);
        const auto first = in.u8();
        in.skip(11 + (first & 0xfU) * 4);
        if ((first & 0x10) != 0) {
            in.skip(2);
            in.skip(in.u16() * 4U);
        }
        const auto unit = in.rest();
        if (unit.size() < 2) continue;
        const auto head = std::to_integer<unsigned>(unit[0]), type = head & 0x1f;
        if (type >= 1 && type < aggregate) {
            told = told || type == parameter_set;
            put_unit(unit, out);
        } else if (type == aggregate) {
            for (ByteReader units(unit.subspan(1)); units.remaining() > 2;) {
                const auto one = units.take(units.u16());
                if (one.empty()) break;
                told = told || (std::to_integer<unsigned>(one[0]) & 0x1f) == parameter_set;
                put_unit(one, out);
            }
        } else if (type == piece) {
            const auto second = std::to_integer<unsigned>(unit[1]);
            if ((second & 0x80) != 0)
                out.u32(1).u8(static_cast<std::uint8_t>((head & 0xe0) | (second & 0x1f)));
            out.bytes(unit.subspan(2));
        }
    }
    return told ? out.take() : Bytes();
}

/// Units behind their lengths, behind start codes instead.
Bytes with_start_codes(ByteView content) {
    ByteWriter out;
    ByteReader in(content);
    while (in.remaining() > 4) {
        const auto length = in.u32();
        if (length == 0 || length > in.remaining()) break;
        put_unit(in.take(length), out);
    }
    return out.take();
}

/// Behind the end-of-image of a JPEG picture; of those inside its segments (a thumbnail) it is none.
std::size_t end_of_jpeg(ByteView content) {
    constexpr std::uint8_t start_of_scan = 0xda;
    ByteReader in(content);
    in.skip(2);
    while (in.remaining() >= 4) {
        const auto marker = in.u16();
        const std::size_t length = in.u16();
        if (marker >> 8 != 0xff || length < 2) break;
        in.skip(length - 2);
        if ((marker & 0xff) == start_of_scan) break;
    }
    const auto end =
        in.failed() ? std::string_view::npos : as_text(content).find("\xff\xd9"sv, in.position());
    return end == std::string_view::npos ? content.size() : end + 2;
}

std::size_t end_of_png(ByteView content) {
    const auto end = as_text(content).find("IEND"sv);
    return end == std::string_view::npos ? content.size() : std::min(content.size(), end + 8);
}

/// The bytes that digits of base64 at the beginning of `text` stand for.
Bytes from_digits(std::string_view text) {
    text = text.substr(
        0, text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="));
    const auto decoded = from_base64(text.substr(0, text.size() - text.size() % 4));
    return decoded ? to_bytes(*decoded) : Bytes();
}

struct Cut {
    std::string_view extension;
    Bytes bytes;
};

/// Of the stream what begins with the mark.
Cut cut_out(const Bytes& stream, const std::string& what) {
    static const std::map<std::string_view, std::string_view> extensions{
        {"JPEG picture", "jpg"},        {"PNG picture", "png"},  {"WebP picture", "webp"},
        {"H.264 video", "h264"},        {"H.265 video", "h265"}, {"MPEG transport stream", "ts"},
        {"MPEG program stream", "mpg"}, {"FLV video", "flv"},    {"MP4 video", "mp4"},
        {"WAVE audio", "wav"},          {"AVI video", "avi"},    {"Matroska video", "mkv"},
        {"Ogg audio", "ogg"},           {"AMR audio", "amr"}};
    auto marks = find_marks(stream, Position::start);
    const auto mark =
        std::find_if(marks.begin(), marks.end(), [&](const Mark& one) { return one.what == what; });
    if (mark == marks.end()) return {};
    auto content = ByteView(stream).subspan(mark->at);
    const auto known = extensions.find(what);
    const auto extension = known == extensions.end() ? "bin"sv : known->second;
    const auto text = as_text(content);
    if (extension == "jpg" && text.starts_with("\xff\xd8"))
        content = content.first(end_of_jpeg(content));
    else if (extension == "jpg")
        return {extension, from_digits(text)};
    if (extension == "png") content = content.first(end_of_png(content));
    const bool lengths = (extension == "h264" || extension == "h265") && !text.starts_with("\0\0\1"sv) &&
                         !text.starts_with("\0\0\0\1"sv);
    return {extension, lengths ? with_start_codes(content) : Bytes(content.begin(), content.end())};
}

Status each_packet(const std::vector<Recording>& recordings, const std::function<void(const Packet&)>& take) {
    for (std::uint32_t i = 0; i < recordings.size(); ++i) {
        TRY_ASSIGN(const auto feed, PacketFeed::open(recordings[i], i, nullptr));
        TRY(feed->run(take, [](std::uint64_t, std::uint64_t) {}));
    }
    return {};
}

}  // namespace

Result<std::vector<MediaFile>> take_media(const std::vector<Recording>& recordings,
                                          const Observations& observations) {
    std::map<std::pair<std::uint32_t, std::uint64_t>, std::vector<Source>>
        wanted;  // by the frame that shows it
    std::size_t count = 0;
    for (std::size_t d = 0; d < observations.destinations.size(); ++d) {
        const auto& contents = observations.destinations[d].contents;
        for (std::size_t c = 0; c < contents.size() && count < most_files; ++c) {
            const auto& fact = contents[c];
            if (fact.kind != ContentKind::media || !fact.outgoing || !fact.payload.empty() ||
                fact.frame.number == 0)
                continue;
            wanted[{fact.frame.capture, fact.frame.number}].push_back({.destination = d,
                                                                       .content = c,
                                                                       .frame = fact.frame,
                                                                       .from = {},
                                                                       .to = {},
                                                                       .segments = {},
                                                                       .datagrams = {}});
            ++count;
        }
    }
    std::vector<MediaFile> files;
    if (wanted.empty()) return files;
    std::vector<Source> sources;
    TRY(each_packet(recordings, [&](const Packet& packet) {
        const auto found = wanted.find({packet.frame.capture, packet.frame.number});
        if (found == wanted.end()) return;
        for (auto& source : found->second) {
            source.from = {packet.source, packet.source_port};
            source.to = {packet.target, packet.target_port};
            source.protocol = packet.protocol;
            sources.push_back(std::move(source));
        }
        wanted.erase(found);
    }));
    TRY(each_packet(recordings, [&](const Packet& packet) {
        for (auto& source : sources)
            if (is_of(packet, source)) keep(packet, source);
    }));
    for (const auto& source : sources) {
        const auto& what = observations.destinations[source.destination].contents[source.content].what;
        auto cut = source.protocol == 6 ? cut_out(joined(source.segments), what)
                                        : Cut{"h264", video_of(source.datagrams)};
        if (source.protocol != 6 && cut.bytes.empty() && !source.datagrams.empty())
            cut = cut_out(source.datagrams.front(), what);
        if (cut.bytes.empty()) continue;
        auto address = source.to.address.to_string();
        std::replace(address.begin(), address.end(), ':', '_');
        files.push_back(
            {fmt::format("{:03}-{}-{}.{}", files.size() + 1, address, source.to.port, cut.extension),
             source.destination, source.content, std::move(cut.bytes)});
    }
    return files;
}

}  // namespace cambench::analysis
