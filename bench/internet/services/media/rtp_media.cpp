#include "bench/internet/services/media/rtp_media.hpp"

#include <array>

#include "harness/core/text.hpp"

namespace cambench::internet {
namespace {

const Bytes start_code = to_bytes(std::string_view("\0\0\0\1", 4));

}  // namespace

class RtpMedium::Unpacker {
public:
    explicit Unpacker(std::string_view container) : container_(container) {}
    virtual ~Unpacker() = default;
    virtual void take(const RtpPacket& packet, ByteView whole, Payload& content) = 0;
    [[nodiscard]] std::string_view container() const { return container_; }

private:
    std::string_view container_;
};

namespace {

using Unpacker = RtpMedium::Unpacker;

/// RFC 6184 and RFC 7798: NAL units alone, several in a packet, or one in fragments.
class NalUnpacker final : public Unpacker {
public:
    NalUnpacker(const SdpMedium& medium, bool h265) : Unpacker(h265 ? "h265" : "h264"), h265_(h265) {
        for (const auto* name : {"sprop-vps", "sprop-sps", "sprop-pps", "sprop-parameter-sets"})
            for (const auto& one : split(medium.parameter(name), ','))
                sets_.push_back(to_bytes(from_base64(one).value_or("")));
    }
    void take(const RtpPacket& packet, ByteView, Payload& content) override {
        for (const auto& set : std::exchange(sets_, {})) put(set, content);
        if (packet.payload.size() < head_size()) return;
        const auto first = std::to_integer<unsigned>(packet.payload[0]);
        const auto kind = h265_ ? first >> 1 & 0x3f : first & 0x1f;
        if (kind == (h265_ ? 48U : 24U)) return take_several(packet.payload.subspan(head_size()), content);
        if (kind == (h265_ ? 49U : 28U)) return take_fragment(packet.payload, content);
        put(packet.payload, content);
    }

private:
    [[nodiscard]] std::size_t head_size() const { return h265_ ? 2 : 1; }
    static void put(ByteView unit, Payload& content) {
        if (unit.empty()) return;
        content.append(start_code);
        content.append(unit);
    }
    static void take_several(ByteView units, Payload& content) {
        ByteReader reader(units);
        while (!reader.empty()) put(reader.take(reader.u16()), content);
    }
    void take_fragment(ByteView payload, Payload& content) const {
        ByteReader reader(payload);
        const auto first = reader.u8();
        const auto second = h265_ ? reader.u8() : std::uint8_t{0};
        const auto fragment = reader.u8();
        if (reader.failed()) return;
        if ((fragment & 0x80) != 0) {
            ByteWriter head;
            if (h265_)
                head.u8(static_cast<std::uint8_t>((first & 0x81) | (fragment & 0x3f) << 1)).u8(second);
            else
                head.u8(static_cast<std::uint8_t>((first & 0xe0) | (fragment & 0x1f)));
            content.append(start_code);
            content.append(head.view());
        }
        content.append(reader.rest());
    }

    bool h265_;
    std::vector<Bytes> sets_;
};

class JpegUnpacker final : public Unpacker {
public:
    JpegUnpacker() : Unpacker("mjpeg") {}
    void take(const RtpPacket& packet, ByteView, Payload& content) override {
        const auto piece = parse_rtp_jpeg(packet.payload);
        if (!piece) return;
        if (piece->offset == 0) content.append(piece->head);
        content.append(piece->scan);
        if (packet.marker && !as_text(piece->scan).ends_with("\xff\xd9"))
            content.append(as_bytes("\xff\xd9"));
    }
};

/// RFC 3640 as cameras use it: 13 bits of size, 3 of index for every access unit. An ADTS head goes before
/// each.
class AacUnpacker final : public Unpacker {
public:
    explicit AacUnpacker(const SdpMedium& medium) : Unpacker("aac") {
        const auto text = medium.parameter("config");
        unsigned config = 0;
        for (std::size_t i = 0; i < 4 && i < text.size(); ++i) {
            const auto digit = std::string_view("0123456789abcdef").find(lower(text.substr(i, 1)));
            config = config << 4 | static_cast<unsigned>(digit == std::string_view::npos ? 0 : digit);
        }
        object_ = config >> 11 & 31;
        frequency_ = config >> 7 & 15;
        channels_ = config >> 3 & 15;
        if (object_ == 0) object_ = 2;
    }
    void take(const RtpPacket& packet, ByteView, Payload& content) override {
        ByteReader reader(packet.payload);
        ByteReader heads(reader.take((reader.u16() + 7U) / 8));
        while (!heads.empty()) {
            const std::size_t size = heads.u16() >> 3;
            const auto unit = reader.take(size);
            if (heads.failed() || reader.failed()) return;
            const auto whole = static_cast<unsigned>(size + 7);
            ByteWriter head;
            head.u16(0xfff1).u8(
                static_cast<std::uint8_t>((object_ - 1) << 6 | frequency_ << 2 | channels_ >> 2));
            head.u8(static_cast<std::uint8_t>(channels_ << 6 | whole >> 11))
                .u16(static_cast<std::uint16_t>(whole << 5 | 0x1f))
                .u8(0xfc);
            content.append(head.view());
            content.append(unit);
        }
    }

private:
    unsigned object_ = 2, frequency_ = 4, channels_ = 1;
};

/// Payloads as they are.
class PlainUnpacker final : public Unpacker {
public:
    explicit PlainUnpacker(std::string_view container) : Unpacker(container) {}
    void take(const RtpPacket& packet, ByteView, Payload& content) override {
        content.append(packet.payload);
    }
};

/// The file format of rtptools, which Wireshark opens.
class DumpUnpacker final : public Unpacker {
public:
    DumpUnpacker() : Unpacker("rtpdump") {}
    void take(const RtpPacket&, ByteView whole, Payload& content) override {
        if (content.size() == 0) {
            ByteWriter head;
            content.append(
                head.text("#!rtpplay1.0 0.0.0.0/5004\n").u32(0).u32(0).u32(0).u16(5004).u16(0).view());
        }
        ByteWriter head;
        const auto size = static_cast<std::uint16_t>(whole.size());
        content.append(head.u16(static_cast<std::uint16_t>(size + 8)).u16(size).u32(0).view());
        content.append(whole);
    }
};

std::unique_ptr<Unpacker> unpacker_for(const SdpMedium& medium) {
    const auto& encoding = medium.encoding;
    if (encoding == "h264" || encoding == "h265" || encoding == "hevc")
        return std::make_unique<NalUnpacker>(medium, encoding != "h264");
    if (encoding == "jpeg") return std::make_unique<JpegUnpacker>();
    if (encoding == "mpeg4-generic") return std::make_unique<AacUnpacker>(medium);
    if (encoding == "pcma") return std::make_unique<PlainUnpacker>("pcma");
    if (encoding == "pcmu") return std::make_unique<PlainUnpacker>("pcmu");
    if (encoding == "mp2t") return std::make_unique<PlainUnpacker>("mp2t");
    if (encoding == "mp4v-es") return std::make_unique<PlainUnpacker>("mp4v");
    return std::make_unique<DumpUnpacker>();
}

}  // namespace

Result<RtpPacket> parse_rtp(ByteView datagram) {
    ByteReader reader(datagram);
    const auto first = reader.u8(), second = reader.u8();
    RtpPacket packet{second & 0x7fU, (second & 0x80) != 0, reader.u16(), reader.u32(), {}};
    reader.skip(4);
    if (first >> 6 != 2) return dut_error("rtp: another version");
    reader.skip(4U * (first & 0x0f));
    if ((first & 0x10) != 0) {
        reader.skip(2);
        reader.skip(4U * reader.u16());
    }
    packet.payload = reader.rest();
    if (reader.failed()) return dut_error("rtp: packet ends too early");
    if ((first & 0x20) != 0 && !packet.payload.empty()) {
        const auto padding = std::to_integer<std::size_t>(packet.payload.back());
        if (padding == 0 || padding > packet.payload.size()) return dut_error("rtp: malformed padding");
        packet.payload = packet.payload.first(packet.payload.size() - padding);
    }
    return packet;
}

RtpMedium::RtpMedium(Recorder& recorder, const SdpMedium& medium)
    : content_(std::make_unique<Payload>(recorder)), unpacker_(unpacker_for(medium)) {}
RtpMedium::~RtpMedium() = default;
RtpMedium::RtpMedium(RtpMedium&&) noexcept = default;

std::string_view RtpMedium::container() const { return unpacker_->container(); }

void RtpMedium::take(ByteView datagram) {
    const auto packet = parse_rtp(datagram);
    if (!packet) return;
    ++packets_;
    if (last_) {
        const auto gap = static_cast<std::uint16_t>(packet->sequence - *last_ - 1);
        if (gap < 0x8000) lost_ += gap;
    }
    last_ = packet->sequence;
    unpacker_->take(*packet, datagram, *content_);
}

}  // namespace cambench::internet
