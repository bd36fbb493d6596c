#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "bench/internet/world/recorder.hpp"
#include "harness/core/result.hpp"
#include "harness/wire/rtsp_message.hpp"

namespace cambench::internet {

struct RtpPacket {
    unsigned payload_type = 0;
    bool marker = false;
    std::uint16_t sequence = 0;
    std::uint32_t timestamp = 0;
    ByteView payload;
};
/// RFC 3550, with CSRCs, extension and padding taken off.
[[nodiscard]] Result<RtpPacket> parse_rtp(ByteView datagram);

/// Puts a medium together again from its RTP packets, as a file that common players open: Annex B for H.264
/// and H.265, joined JPEGs, ADTS for AAC, plain samples for G.711 and MPEG streams; all else as an rtpdump
/// file.
class RtpMedium {
public:
    RtpMedium(Recorder& recorder, const SdpMedium& medium);
    ~RtpMedium();
    RtpMedium(RtpMedium&&) noexcept;

    void take(ByteView datagram);
    [[nodiscard]] std::optional<PayloadId> finish() { return content_->finish(); }
    [[nodiscard]] std::string_view container()
        const;  ///< "h264", "h265", "mjpeg", "aac", "pcma", "pcmu", "mp2t", "mp4v", "rtpdump"
    [[nodiscard]] std::uint64_t packets() const { return packets_; }
    [[nodiscard]] std::uint64_t lost() const { return lost_; }

    /// Adds what one packet carries to the file.
    class Unpacker;

private:
    std::unique_ptr<Payload> content_;
    std::unique_ptr<Unpacker> unpacker_;
    std::uint64_t packets_ = 0, lost_ = 0;
    std::optional<std::uint16_t> last_;
};

/// A whole JPEG from the payloads of RFC 2435: the head that was left out when they were made, for the first
/// one of a picture.
struct JpegPiece {
    std::uint32_t offset = 0;  ///< of this piece in the picture's scan
    Bytes head;                ///< for the first piece
    ByteView scan;
};
[[nodiscard]] Result<JpegPiece> parse_rtp_jpeg(ByteView payload);

}  // namespace cambench::internet
