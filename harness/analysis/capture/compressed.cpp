#include "harness/analysis/capture/compressed.hpp"

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>

namespace cambench::analysis {
namespace {

constexpr std::size_t packed_chunk = 256U << 10;

/// Gives back bytes that were read to see what the source is.
class PrefixedSource final : public ByteSource {
public:
    PrefixedSource(Bytes prefix, std::unique_ptr<ByteSource> rest)
        : prefix_(std::move(prefix)), rest_(std::move(rest)) {}

    Result<std::size_t> read(std::span<std::byte> into) override {
        const auto count = std::min(into.size(), prefix_.size() - given_);
        std::copy_n(prefix_.begin() + static_cast<std::ptrdiff_t>(given_), count, into.begin());
        given_ += count;
        if (count == into.size()) return count;
        TRY_ASSIGN(const auto more, rest_->read(into.subspan(count)));
        return count + more;
    }
    [[nodiscard]] bool torn() const override { return rest_->torn(); }

private:
    Bytes prefix_;
    std::size_t given_ = 0;
    std::unique_ptr<ByteSource> rest_;
};

/// What both unpackers share: a buffer of packed bytes, and the end.
class UnpackingSource : public ByteSource {
public:
    explicit UnpackingSource(std::unique_ptr<ByteSource> packed)
        : packed_(std::move(packed)), buffer_(packed_chunk) {}
    [[nodiscard]] bool torn() const override { return torn_ || packed_->torn(); }

    Result<std::size_t> read(std::span<std::byte> into) override {
        std::size_t got = 0;
        while (got < into.size() && !ended_) {
            if (begin_ == end_ && !drained_) {
                TRY_ASSIGN(end_, packed_->read(buffer_));
                begin_ = 0;
                drained_ = end_ < buffer_.size();
            }
            got += step(into.subspan(got));
        }
        return got;
    }

protected:
    /// Unpacks into `into` and moves begin_; the bytes gained. Sets ended_ (and torn_) when there is no more.
    [[nodiscard]] virtual std::size_t step(std::span<std::byte> into) = 0;
    void end(bool damaged) { ended_ = true, torn_ = torn_ || damaged; }
    [[nodiscard]] bool exhausted() const { return begin_ == end_ && drained_; }

    std::unique_ptr<ByteSource> packed_;
    Bytes buffer_;
    std::size_t begin_ = 0, end_ = 0;
    bool drained_ = false;

private:
    bool ended_ = false, torn_ = false;
};

class GzipSource final : public UnpackingSource {
public:
    explicit GzipSource(std::unique_ptr<ByteSource> packed) : UnpackingSource(std::move(packed)) {
        ready_ = inflateInit2(&stream_, 15 + 16) == Z_OK;
    }
    ~GzipSource() override {
        if (ready_) inflateEnd(&stream_);
    }
    GzipSource(const GzipSource&) = delete;
    GzipSource& operator=(const GzipSource&) = delete;

private:
    std::size_t step(std::span<std::byte> into) override {
        if (!ready_) {
            end(true);
            return 0;
        }
        if (between_members_) {
            // RFC 1952: members follow each other; anything else behind the last one is padding.
            if (exhausted() || std::to_integer<int>(buffer_[begin_]) != 0x1f ||
                inflateReset(&stream_) != Z_OK) {
                end(false);
                return 0;
            }
            between_members_ = false;
        }
        stream_.next_in = reinterpret_cast<Bytef*>(buffer_.data() + begin_);
        stream_.avail_in = static_cast<uInt>(end_ - begin_);
        stream_.next_out = reinterpret_cast<Bytef*>(into.data());
        stream_.avail_out = static_cast<uInt>(std::min<std::size_t>(into.size(), 1U << 30));
        const auto before = stream_.avail_out;
        const int outcome = inflate(&stream_, Z_NO_FLUSH);
        const auto gained = before - stream_.avail_out;
        begin_ = end_ - stream_.avail_in;
        if (outcome == Z_STREAM_END)
            between_members_ = true;
        else if ((outcome != Z_OK && outcome != Z_BUF_ERROR) || (gained == 0 && exhausted()))
            end(true);
        return gained;
    }

    z_stream stream_{};
    bool ready_ = false, between_members_ = false;
};

class ZstdSource final : public UnpackingSource {
public:
    explicit ZstdSource(std::unique_ptr<ByteSource> packed)
        : UnpackingSource(std::move(packed)), stream_(ZSTD_createDStream(), &ZSTD_freeDStream) {
        if (stream_)
            ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, 27);  // 128 MiB of history at most
    }

private:
    std::size_t step(std::span<std::byte> into) override {
        if (!stream_ || (exhausted() && whole_)) {
            end(!stream_);
            return 0;
        }
        ZSTD_inBuffer in{buffer_.data(), end_, begin_};
        ZSTD_outBuffer out{into.data(), into.size(), 0};
        const auto outcome = ZSTD_decompressStream(stream_.get(), &out, &in);
        const bool stuck = in.pos == begin_ && out.pos == 0;
        begin_ = in.pos;
        if (ZSTD_isError(outcome) || (stuck && exhausted())) end(true);
        whole_ = outcome == 0;
        return out.pos;
    }

    std::unique_ptr<ZSTD_DStream, std::size_t (*)(ZSTD_DStream*)> stream_;
    bool whole_ = false;  ///< at the end of a frame
};

std::string_view unread_packing(std::uint32_t magic) {
    if (magic == 0xfd377a58) return "xz";
    if (magic == 0x04224d18) return "lz4";
    if (magic >> 8 == 0x425a68) return "bzip2";
    if (magic == 0x504b0304) return "zip";
    return {};
}

}  // namespace

Result<std::unique_ptr<ByteSource>> unpacked(std::unique_ptr<ByteSource> source) {
    Bytes magic(4);
    TRY_ASSIGN(const auto got, source->read(magic));
    magic.resize(got);
    ByteReader in(magic);
    const auto word = in.u32();
    if (const auto packing = unread_packing(word); !in.failed() && !packing.empty())
        return usage_error(
            fmt::format("packed with {}; unpack it first (gzip and zstd are read as they are)", packing));
    std::unique_ptr<ByteSource> whole = std::make_unique<PrefixedSource>(std::move(magic), std::move(source));
    if (in.failed()) return whole;
    if (word >> 16 == 0x1f8b)
        return std::unique_ptr<ByteSource>(std::make_unique<GzipSource>(std::move(whole)));
    if (word == 0x28b52ffd)
        return std::unique_ptr<ByteSource>(std::make_unique<ZstdSource>(std::move(whole)));
    return whole;
}

}  // namespace cambench::analysis
