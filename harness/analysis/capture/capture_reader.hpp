#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/bytes.hpp"
#include "harness/core/result.hpp"
#include "harness/core/time.hpp"

namespace cambench::analysis {

/// Link types as registered at tcpdump.org/linktypes.html; only those that are decoded.
enum class LinkType : std::uint16_t {
    null = 0,
    ethernet = 1,
    raw_bsd = 12,
    raw_openbsd = 14,
    raw = 101,
    loop = 108,
    linux_sll = 113,
    ipv4 = 228,
    ipv6 = 229,
    linux_sll2 = 276
};

/// Whether the recorder's host took a frame off the wire or put it there, where the file says so.
enum class Direction : std::uint8_t { unknown, received, sent };

/// One recorded frame. `bytes` stays valid until the next call of the reader, and as long as somebody holds
/// the reader's memory().
struct RawFrame {
    std::uint64_t number = 0;  ///< from 1, as Wireshark counts the records of the file
    WallTime time{};
    std::uint16_t link_type = 0;
    std::uint32_t wire_length = 0;
    ByteView bytes;  ///< shorter than `wire_length` when the recorder cut it
    Direction direction = Direction::unknown;
    bool opaque_record = false;  ///< a numbered record that is no frame of a network (system journal, system
                                 ///< calls, custom blocks)
};

/// Where a capture's bytes come from.
class ByteSource {
public:
    virtual ~ByteSource() = default;
    /// Fills `into` as far as there are bytes; fewer than asked means the end.
    [[nodiscard]] virtual Result<std::size_t> read(std::span<std::byte> into) = 0;
    /// The bytes ended early: what they were packed in is torn or damaged. Meaningful at the end.
    [[nodiscard]] virtual bool torn() const { return false; }
};

[[nodiscard]] Result<std::unique_ptr<ByteSource>> open_file_source(const std::filesystem::path& file);
/// `bytes` must outlive the source.
[[nodiscard]] std::unique_ptr<ByteSource> memory_source(ByteView bytes);

/// Reads pcap (micro- and nanoseconds, both byte orders, Kuznetzov's variant) and pcapng (any number of
/// sections and interfaces) in one pass with bounded memory, whatever the file's size, also packed by gzip or
/// zstd.
///
/// A torn last block is no error: the reader ends there and says so. So is damage in the middle: what came
/// before counts.
class CaptureReader {
public:
    /// Fails when the bytes are no capture.
    [[nodiscard]] static Result<CaptureReader> open(std::unique_ptr<ByteSource> source);
    ~CaptureReader();
    CaptureReader(CaptureReader&&) noexcept;
    CaptureReader& operator=(CaptureReader&&) noexcept;

    /// The next frame, or nullopt at the end. Fails only when the source cannot be read.
    [[nodiscard]] Result<std::optional<RawFrame>> next();
    /// What the latest frame lies in.
    [[nodiscard]] std::shared_ptr<const void> memory();

    [[nodiscard]] bool truncated() const;                        ///< meaningful once next() gave nullopt
    [[nodiscard]] std::optional<std::uint64_t> dropped() const;  ///< by interface statistics
    [[nodiscard]] const std::vector<std::string>& notes() const;
    /// The program that recorded the latest frame, as the file names it: "cambench 1.0"; "": it does not say.
    [[nodiscard]] const std::string& recorder() const;

    class Format;

private:
    explicit CaptureReader(std::unique_ptr<Format> format);
    std::unique_ptr<Format> format_;
};

}  // namespace cambench::analysis
