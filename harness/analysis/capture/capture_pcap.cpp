#include <fmt/format.h>

#include "harness/analysis/capture/capture_format.hpp"

namespace cambench::analysis {
namespace {

// https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcap; the modified record header is Kuznetzov's (24
// bytes).
constexpr std::uint32_t microseconds_magic = 0xa1b2c3d4, nanoseconds_magic = 0xa1b23c4d,
                        modified_magic = 0xa1b2cd34;

class Pcap final : public CaptureReader::Format {
public:
    Pcap(std::unique_ptr<ByteSource> source, Endian endian, std::uint32_t magic)
        : Format(std::move(source)),
          endian_(endian),
          per_second_(magic == nanoseconds_magic ? 1'000'000'000U : 1'000'000U),
          header_length_(magic == modified_magic ? 24 : 16) {}

    Status read_header() {
        TRY_ASSIGN(const auto header, fill(20));
        ByteReader in(header);
        const auto major = endian_.u16(in);
        in.skip(14);
        link_type_ = static_cast<std::uint16_t>(endian_.u32(in) & 0xffff);
        if (in.failed()) return usage_error("the capture's header is torn");
        if (major != 2) return usage_error(fmt::format("pcap version {} is unknown", major));
        return {};
    }

    Result<std::optional<RawFrame>> next() override {
        if (ended_) return std::optional<RawFrame>();
        TRY_ASSIGN(const auto header, fill(header_length_));
        if (header.empty()) {
            ended_ = true;
            return std::optional<RawFrame>();
        }
        if (header.size() < header_length_)
            return end(fmt::format("the file ends inside the header of frame {}", number_ + 1));
        ByteReader in(header);
        RawFrame frame;
        const auto seconds = endian_.u32(in);
        const auto fraction = endian_.u32(in);
        const auto captured = endian_.u32(in);
        frame.wire_length = endian_.u32(in);
        if (captured > longest_block)
            return end(
                fmt::format("frame {} claims {} bytes: the file is damaged there", number_ + 1, captured));
        frame.time = WallTime(std::chrono::seconds(seconds)) + fraction_of_second(fraction, per_second_);
        TRY_ASSIGN(frame.bytes, fill(captured));
        if (frame.bytes.size() < captured)
            return end(fmt::format("the file ends inside frame {}", number_ + 1));
        frame.number = ++number_;
        frame.link_type = link_type_;
        return std::optional(frame);
    }

private:
    Endian endian_;
    std::uint32_t per_second_;
    std::size_t header_length_;
    std::uint16_t link_type_ = 0;
};

}  // namespace

Result<std::unique_ptr<CaptureReader::Format>> open_pcap(std::unique_ptr<ByteSource> source, ByteView magic) {
    for (const bool little : {true, false}) {
        const Endian endian{little};
        ByteReader in(magic);
        const auto word = endian.u32(in);
        if (word != microseconds_magic && word != nanoseconds_magic && word != modified_magic) continue;
        auto pcap = std::make_unique<Pcap>(std::move(source), endian, word);
        TRY(pcap->read_header());
        return std::unique_ptr<CaptureReader::Format>(std::move(pcap));
    }
    return usage_error("not a pcap or pcapng file");
}

}  // namespace cambench::analysis
