#pragma once

#include <algorithm>
#include <memory>
#include <mutex>

#include "harness/analysis/capture/capture_reader.hpp"

namespace cambench::analysis {

/// Integers of a file whose byte order its header tells.
struct Endian {
    bool little = true;
    [[nodiscard]] std::uint16_t u16(ByteReader& in) const { return little ? in.u16_le() : in.u16(); }
    [[nodiscard]] std::uint32_t u32(ByteReader& in) const { return little ? in.u32_le() : in.u32(); }
    [[nodiscard]] std::uint64_t u64(ByteReader& in) const { return little ? in.u64_le() : in.u64(); }
};

/// Blocks of memory for reading: one that nobody holds any more is used again, whichever thread let go of it
/// last.
class Blocks {
public:
    [[nodiscard]] std::shared_ptr<std::byte[]> take(std::size_t size) {
        std::unique_ptr<std::byte[]> block;
        if (size == usual_size) {
            const std::lock_guard lock(free_->mutex);
            if (!free_->blocks.empty()) {
                block = std::move(free_->blocks.back());
                free_->blocks.pop_back();
            }
        }
        if (!block) block.reset(new std::byte[size]);
        return {block.release(), [size, free = free_](std::byte* bytes) {
                    std::unique_ptr<std::byte[]> returned(bytes);
                    const std::lock_guard lock(free->mutex);
                    if (size == usual_size && free->blocks.size() < most_free)
                        free->blocks.push_back(std::move(returned));
                }};
    }
    static constexpr std::size_t usual_size = 256U << 10;

private:
    static constexpr std::size_t most_free = 8;
    struct Free {
        std::mutex mutex;
        std::vector<std::unique_ptr<std::byte[]>> blocks;
    };
    std::shared_ptr<Free> free_ = std::make_shared<Free>();
};

/// What pcap and pcapng have in common: a source, a block buffer and what is to be said about the file.
class CaptureReader::Format {
public:
    explicit Format(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}
    virtual ~Format() = default;
    [[nodiscard]] virtual Result<std::optional<RawFrame>> next() = 0;
    [[nodiscard]] bool source_torn() const { return source_->torn(); }
    [[nodiscard]] std::shared_ptr<const void> memory() {
        shared_ = true;
        return block_;
    }

    bool truncated = false;
    std::optional<std::uint64_t> dropped;
    std::vector<std::string> notes;
    std::string recorder;

protected:
    /// Longest record taken seriously; longer means a damaged length field.
    static constexpr std::size_t longest_block = 16U << 20;

    /// The next `count` bytes, or fewer at the end of the file. Valid until the next call, and for whoever
    /// holds the memory().
    [[nodiscard]] Result<ByteView> fill(std::size_t count) {
        if (end_ - begin_ < count) TRY(read_on(count));
        const auto view = ByteView(block_.get() + begin_, std::min(count, end_ - begin_));
        begin_ += view.size();
        return view;
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
    /// Makes `count` bytes lie in a row from `begin_` on, if the file has so many.
    Status read_on(std::size_t count) {
        const auto rest = end_ - begin_;
        if (count > size_ || shared_) {
            const auto size = std::max(count, Blocks::usual_size);
            auto fresh = blocks_.take(size);
            std::copy_n(block_.get() + begin_, rest, fresh.get());
            block_ = std::move(fresh);
            size_ = size;
            shared_ = false;
        } else {
            std::copy(block_.get() + begin_, block_.get() + end_, block_.get());
        }
        begin_ = 0;
        end_ = rest;
        TRY_ASSIGN(const auto got, source_->read(std::span(block_.get() + end_, size_ - end_)));
        end_ += got;
        return {};
    }

    std::unique_ptr<ByteSource> source_;
    Blocks blocks_;
    std::shared_ptr<std::byte[]> block_;
    std::size_t size_ = 0, begin_ = 0, end_ = 0;  ///< of the block; of what is read and not given yet
    bool shared_ = false;                         ///< somebody may hold the block: it stays as it is
};

/// The first four bytes of the file are already read.
[[nodiscard]] Result<std::unique_ptr<CaptureReader::Format>> open_pcap(std::unique_ptr<ByteSource> source,
                                                                       ByteView magic);
[[nodiscard]] Result<std::unique_ptr<CaptureReader::Format>> open_pcapng(std::unique_ptr<ByteSource> source);

/// `fraction` units of 1/`per_second` s as nanoseconds; `fraction` is less than a second.
[[nodiscard]] constexpr Nanoseconds fraction_of_second(std::uint64_t fraction, std::uint64_t per_second) {
    constexpr std::uint64_t nanoseconds = 1'000'000'000,
                            finest = std::uint64_t{1} << 34;  // so that the product fits
    while (per_second > finest) per_second >>= 1, fraction >>= 1;
    return Nanoseconds(static_cast<std::int64_t>(std::min(fraction, finest) * nanoseconds / per_second));
}

}  // namespace cambench::analysis
