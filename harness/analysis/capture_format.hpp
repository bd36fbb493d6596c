#pragma once

#include <algorithm>

#include "harness/analysis/capture_reader.hpp"

namespace cambench::analysis {

/// Integers of a file whose byte order its header tells.
struct Endian {
    bool little = true;
    [[nodiscard]] std::uint16_t u16(ByteReader& in) const { return little ? in.u16_le() : in.u16(); }
    [[nodiscard]] std::uint32_t u32(ByteReader& in) const { return little ? in.u32_le() : in.u32(); }
    [[nodiscard]] std::uint64_t u64(ByteReader& in) const { return little ? in.u64_le() : in.u64(); }
};

/// What pcap and pcapng have in common: a source, a block buffer and what is to be said about the file.
class CaptureReader::Format {
public:
    explicit Format(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}
    virtual ~Format() = default;
    [[nodiscard]] virtual Result<std::optional<RawFrame>> next() = 0;
    [[nodiscard]] bool source_torn() const { return source_->torn(); }

    bool truncated = false;
    std::optional<std::uint64_t> dropped;
    std::vector<std::string> notes;

protected:
    /// Longest record taken seriously; longer means a damaged length field.
    static constexpr std::size_t longest_block = 16U << 20;

    /// `count` bytes in the buffer, or fewer at the end of the file.
    [[nodiscard]] Result<ByteView> fill(std::size_t count) {
        if (buffer_.size() < count) buffer_.resize(count);
        TRY_ASSIGN(const auto got, source_->read(std::span(buffer_).first(count)));
        return ByteView(buffer_).first(got);
    }
    /// Ends the reading: the rest of the file is damaged or missing.
    [[nodiscard]] std::optional<RawFrame> end(std::string note) {
        truncated = ended_ = true;
        notes.push_back(std::move(note));
        return std::nullopt;
    }
    bool ended_ = false;
    std::uint64_t number_ = 0;

private:
    std::unique_ptr<ByteSource> source_;
    Bytes buffer_;
};

/// The first four bytes of the file are already read.
[[nodiscard]] Result<std::unique_ptr<CaptureReader::Format>> open_pcap(std::unique_ptr<ByteSource> source, ByteView magic);
[[nodiscard]] Result<std::unique_ptr<CaptureReader::Format>> open_pcapng(std::unique_ptr<ByteSource> source);

/// `fraction` units of 1/`per_second` s as nanoseconds; `fraction` is less than a second.
[[nodiscard]] constexpr Nanoseconds fraction_of_second(std::uint64_t fraction, std::uint64_t per_second) {
    constexpr std::uint64_t nanoseconds = 1'000'000'000, finest = std::uint64_t{1} << 34;  // so that the product fits
    while (per_second > finest) per_second >>= 1, fraction >>= 1;
    return Nanoseconds(static_cast<std::int64_t>(std::min(fraction, finest) * nanoseconds / per_second));
}

}  // namespace cambench::analysis
