#include "harness/wire/rtmp_message.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace cambench::internet::rtmp {
namespace {

constexpr std::size_t longest_message = 8u << 20, most_held = 32u << 20, most_channels = 64,
                      most_values = 1024;
constexpr unsigned deepest = 16;
constexpr std::uint32_t extended_timestamp = 0xffffff;

enum Marker : std::uint8_t {
    number = 0,
    flag = 1,
    text = 2,
    object = 3,
    null = 5,
    undefined = 6,
    map = 8,
    object_end = 9,
    list = 10,
    date = 11,
    long_text = 12
};

class AmfReader {
public:
    explicit AmfReader(ByteView bytes) : reader_(bytes) {}
    [[nodiscard]] bool more() const { return !reader_.empty() && !bad_ && values_ < most_values; }
    [[nodiscard]] bool good() const { return !bad_ && !reader_.failed(); }

    Json value(unsigned depth = 0) {
        if (depth > deepest || ++values_ > most_values) bad_ = true;
        if (bad_ || reader_.failed()) return {};
        switch (reader_.u8()) {
            case number:
                return std::bit_cast<double>(reader_.u64());
            case flag:
                return reader_.u8() != 0;
            case text:
                return string(reader_.u16());
            case long_text:
                return string(reader_.u32());
            case object:
                return members(depth);
            case map:
                reader_.skip(4);
                return members(depth);
            case list: {
                auto items = Json::array();
                for (auto count = reader_.u32(); count > 0 && more() && !reader_.failed(); --count)
                    items.push_back(value(depth + 1));
                return items;
            }
            case date: {
                const auto milliseconds = std::bit_cast<double>(reader_.u64());
                reader_.skip(2);
                return milliseconds;
            }
            case null:
            case undefined:
                return {};
            default:
                bad_ = true;
                return {};
        }
    }

private:
    std::string string(std::size_t size) { return std::string(as_text(reader_.take(size))); }
    Json members(unsigned depth) {
        auto found = Json::object();
        while (more() && !reader_.failed()) {
            const auto name = string(reader_.u16());
            ByteReader ahead = reader_;
            if (name.empty() && ahead.u8() == object_end) {
                reader_ = ahead;
                break;
            }
            found[name] = value(depth + 1);
        }
        return found;
    }

    ByteReader reader_;
    std::size_t values_ = 0;
    bool bad_ = false;
};

std::string big_endian(std::uint64_t value, int bytes) {
    std::string written;
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
        written += static_cast<char>(value >> shift & 0xff);
    return written;
}

std::string name_and_size(std::string_view name) { return big_endian(name.size(), 2).append(name); }

}  // namespace

Likeness likeness(ByteView first_bytes, std::uint16_t port) {
    if (first_bytes.empty()) return Likeness::perhaps;
    ByteReader reader(first_bytes);
    if (reader.u8() != 3) return Likeness::no;
    if (first_bytes.size() > handshake_size) return Likeness::yes;
    // The other protocol that begins with 3: TPKT, whose length follows.
    const bool tpkt = reader.u8() == 0 && reader.u16() == first_bytes.size() && !reader.failed();
    return tpkt && port != 1935 ? Likeness::no : Likeness::perhaps;
}

std::optional<ChunkReader::Head> ChunkReader::read_head(ByteReader& reader) {
    Head head;
    const auto first = reader.u8();
    head.format = first >> 6;
    head.channel = first & 0x3f;
    if (head.channel == 0)
        head.channel = 64U + reader.u8();
    else if (head.channel == 1)
        head.channel = 64U + reader.u16_le();
    static constexpr std::array<std::size_t, 4> sizes{11, 7, 3, 0};
    head.size = sizes.at(head.format);
    if (reader.failed() || reader.remaining() < head.size) return std::nullopt;
    return head;
}

void ChunkReader::read_fields(ByteReader& reader, unsigned format, bool begins, Fields& fields) {
    std::uint32_t time = fields.delta;
    if (format < 3) {
        time = reader.u24();
        fields.extended = time == extended_timestamp;
        if (format < 2) {
            fields.length = reader.u24();
            fields.kind = reader.u8();
        }
        if (format == 0) fields.stream = reader.u32_le();
    }
    if (fields.extended) {
        const auto extended = reader.u32();
        if (format < 3) time = extended;
    }
    if (!begins) return;  // goes on with a message: the time is told already
    if (format == 0) {
        fields.timestamp = time;
        fields.delta = 0;
    } else {
        fields.delta = time;
        fields.timestamp += time;
    }
}

Result<std::optional<std::size_t>> ChunkReader::take_chunk(ByteView bytes, const Take& take) {
    ByteReader reader(bytes);
    const auto head = read_head(reader);
    if (!head) return std::optional<std::size_t>();
    if (!channels_.contains(head->channel)) {
        if (head->format == 3) return dut_error("rtmp: chunk of a channel that never began");
        if (channels_.size() >= most_channels) return dut_error("rtmp: too many channels");
    }
    auto& channel = channels_[head->channel];
    auto fields = channel.fields;  // taken over only when the chunk is whole
    read_fields(reader, head->format, channel.begun.empty(), fields);
    if (reader.failed()) return std::optional<std::size_t>();
    if (fields.length > longest_message) return dut_error("rtmp: message too long");
    if (channel.begun.size() > fields.length) return dut_error("rtmp: message changes its length");
    const auto content = std::min<std::size_t>(chunk_size_, fields.length - channel.begun.size());
    if (reader.remaining() < content) return std::optional<std::size_t>();
    const auto piece = reader.take(content);
    channel.fields = fields;
    held_ += piece.size();
    if (held_ > most_held) return dut_error("rtmp: too many unfinished messages");
    channel.begun.insert(channel.begun.end(), piece.begin(), piece.end());
    if (channel.begun.size() == fields.length) {
        held_ -= channel.begun.size();
        Message message{static_cast<Kind>(fields.kind), fields.timestamp, fields.stream,
                        std::exchange(channel.begun, {})};
        ByteReader value(message.content);
        const auto number_in_it = value.u32();
        if (message.kind == Kind::set_chunk_size && !value.failed())
            chunk_size_ = std::clamp<std::size_t>(number_in_it & 0x7fffffff, 1, longest_message);
        take(std::move(message));
    }
    return std::optional(reader.position());
}

Status ChunkReader::feed(ByteView bytes, const Take& take) {
    pending_.insert(pending_.end(), bytes.begin(), bytes.end());
    std::size_t done = 0;
    for (;;) {
        if (done == pending_.size()) break;
        TRY_ASSIGN(const auto size, take_chunk(ByteView(pending_).subspan(done), take));
        if (!size) break;
        done += *size;
    }
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(done));
    return {};
}

std::string chunks(Kind kind, std::uint32_t channel, std::uint32_t stream, std::string_view content) {
    constexpr std::size_t chunk_size = 128;
    std::string bytes{static_cast<char>(channel)};
    bytes += big_endian(0, 3) + big_endian(content.size(), 3) + static_cast<char>(kind);
    for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(stream >> shift & 0xff);
    while (content.size() > chunk_size) {
        bytes.append(content.substr(0, chunk_size)) += static_cast<char>(0xc0U | channel);
        content = content.substr(chunk_size);
    }
    return bytes.append(content);
}

std::vector<Json> parse_amf0(ByteView bytes) {
    AmfReader reader(bytes);
    std::vector<Json> values;
    while (reader.more()) {
        auto value = reader.value();
        if (!reader.good()) break;
        values.push_back(std::move(value));
    }
    return values;
}

std::string amf0(const Json& value) {
    if (value.is_number())
        return static_cast<char>(number) + big_endian(std::bit_cast<std::uint64_t>(value.get<double>()), 8);
    if (value.is_boolean()) return {static_cast<char>(flag), static_cast<char>(value.get<bool>() ? 1 : 0)};
    if (value.is_string()) return static_cast<char>(text) + name_and_size(value.get<std::string>());
    if (!value.is_object()) return std::string(1, static_cast<char>(null));
    std::string bytes(1, static_cast<char>(object));
    for (const auto& [name, member] : value.items()) bytes += name_and_size(name) + amf0(member);
    return bytes + std::string{'\0', '\0', static_cast<char>(object_end)};
}

Bytes flv_header() {
    ByteWriter writer;
    constexpr unsigned audio_and_video = 5;
    return writer.text("FLV").u8(1).u8(audio_and_video).u32(9).u32(0).take();
}

Bytes flv_tag(Kind kind, std::uint32_t timestamp, ByteView content) {
    ByteWriter writer;
    const auto size = static_cast<std::uint32_t>(content.size());
    writer.u8(static_cast<std::uint8_t>(kind))
        .u24(size)
        .u24(timestamp & 0xffffff)
        .u8(static_cast<std::uint8_t>(timestamp >> 24))
        .u24(0);
    return writer.bytes(content).u32(size + 11).take();
}

std::string_view video_codec(ByteView video_message) {
    if (video_message.empty()) return "";
    const auto first = std::to_integer<unsigned>(video_message[0]);
    if ((first & 0x80) != 0) {  // enhanced RTMP: a four-letter code follows
        const auto code = as_text(video_message).substr(1, 4);
        return code == "hvc1"   ? "h265"
               : code == "av01" ? "av1"
               : code == "vp09" ? "vp9"
               : code == "avc1" ? "h264"
                                : "";
    }
    switch (first & 0x0f) {
        case 2:
            return "h263";
        case 3:
            return "screen";
        case 4:
            return "vp6";
        case 7:
            return "h264";
        case 12:
            return "h265";
        default:
            return "";
    }
}

std::string_view audio_codec(ByteView audio_message) {
    if (audio_message.empty()) return "";
    switch (std::to_integer<unsigned>(audio_message[0]) >> 4) {
        case 1:
            return "adpcm";
        case 2:
            return "mp3";
        case 3:
            return "pcm";
        case 7:
            return "pcma";
        case 8:
            return "pcmu";
        case 10:
            return "aac";
        case 11:
            return "speex";
        default:
            return "";
    }
}

}  // namespace cambench::internet::rtmp
