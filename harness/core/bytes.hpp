#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cambench {

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;

[[nodiscard]] inline ByteView as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
[[nodiscard]] inline std::string_view as_text(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
[[nodiscard]] inline Bytes to_bytes(std::string_view text) {
    const auto view = as_bytes(text);
    return {view.begin(), view.end()};
}

/// "16 03 01": lower-case hex, `limit` bytes at most (0: all), ".." when cut.
[[nodiscard]] std::string hex(ByteView bytes, std::size_t limit = 0);

/// Reads foreign bytes without ever leaving them.
///
/// A read past the end gives zero (or an empty view) and makes the reader `failed()` for good; check once at
/// the end.
class ByteReader {
public:
    explicit ByteReader(ByteView bytes) : bytes_(bytes) {}

    [[nodiscard]] bool failed() const { return failed_; }
    [[nodiscard]] std::size_t position() const { return position_; }
    /// 0 once failed, so that a loop over what remains always ends.
    [[nodiscard]] std::size_t remaining() const { return failed_ ? 0 : bytes_.size() - position_; }
    [[nodiscard]] bool empty() const { return remaining() == 0; }

    std::uint8_t u8() { return big_endian<std::uint8_t>(); }
    std::uint16_t u16() { return big_endian<std::uint16_t>(); }
    std::uint32_t u24() {
        const auto view = take(3);
        if (view.empty()) return 0;
        return std::to_integer<std::uint32_t>(view[0]) << 16 | std::to_integer<std::uint32_t>(view[1]) << 8 |
               std::to_integer<std::uint32_t>(view[2]);
    }
    std::uint32_t u32() { return big_endian<std::uint32_t>(); }
    std::uint64_t u64() { return big_endian<std::uint64_t>(); }
    std::uint16_t u16_le() { return little_endian<std::uint16_t>(); }
    std::uint32_t u32_le() { return little_endian<std::uint32_t>(); }
    std::uint64_t u64_le() { return little_endian<std::uint64_t>(); }

    /// The next `count` bytes, or an empty view and `failed()`.
    ByteView take(std::size_t count) {
        if (failed_ || count > remaining()) {
            failed_ = true;
            return {};
        }
        const auto view = bytes_.subspan(position_, count);
        position_ += count;
        return view;
    }
    ByteView rest() { return take(remaining()); }
    void skip(std::size_t count) { (void)take(count); }

    /// Moves to an absolute offset (DNS compression pointers, padded records).
    void seek(std::size_t offset) {
        if (offset > bytes_.size())
            failed_ = true;
        else
            position_ = offset;
    }
    [[nodiscard]] ByteView whole() const { return bytes_; }

private:
    /// In the order of this machine, x86 or ARM: little endian.
    template <typename Integer>
    Integer little_endian() {
        static_assert(std::endian::native == std::endian::little);
        Integer value = 0;
        if (const auto view = take(sizeof value); !view.empty())
            std::memcpy(&value, view.data(), sizeof value);
        return value;
    }
    template <typename Integer>
    Integer big_endian() {
        const auto value = little_endian<Integer>();
        if constexpr (sizeof value == 2)
            return __builtin_bswap16(value);
        else if constexpr (sizeof value == 4)
            return __builtin_bswap32(value);
        else if constexpr (sizeof value == 8)
            return __builtin_bswap64(value);
        else
            return value;
    }

    ByteView bytes_;
    std::size_t position_ = 0;
    bool failed_ = false;
};

/// Appends integers in network order (or little endian where said).
class ByteWriter {
public:
    ByteWriter& u8(std::uint8_t value) { return put(value, 1); }
    ByteWriter& u16(std::uint16_t value) { return put(value, 2); }
    ByteWriter& u24(std::uint32_t value) { return put(value, 3); }
    ByteWriter& u32(std::uint32_t value) { return put(value, 4); }
    ByteWriter& u64(std::uint64_t value) { return put(value, 8); }
    ByteWriter& u16_le(std::uint16_t value) { return put_le(value, 2); }
    ByteWriter& u32_le(std::uint32_t value) { return put_le(value, 4); }
    ByteWriter& u64_le(std::uint64_t value) { return put_le(value, 8); }
    ByteWriter& bytes(ByteView view) {
        content_.insert(content_.end(), view.begin(), view.end());
        return *this;
    }
    ByteWriter& text(std::string_view view) { return bytes(as_bytes(view)); }
    ByteWriter& zeros(std::size_t count) {
        content_.resize(content_.size() + count);
        return *this;
    }
    /// Overwrites two bytes written earlier (lengths, checksums).
    ByteWriter& patch_u16(std::size_t offset, std::uint16_t value) {
        content_.at(offset) = static_cast<std::byte>(value >> 8);
        content_.at(offset + 1) = static_cast<std::byte>(value & 0xff);
        return *this;
    }
    [[nodiscard]] std::size_t size() const { return content_.size(); }
    [[nodiscard]] ByteView view() const { return content_; }
    [[nodiscard]] Bytes take() { return std::move(content_); }
    void clear() { content_.clear(); }  ///< keeps the memory

private:
    ByteWriter& put(std::uint64_t value, int width) {
        return put_le(__builtin_bswap64(value) >> (64 - 8 * width), width);
    }
    ByteWriter& put_le(std::uint64_t value, int width) {
        std::array<std::byte, 8> bytes;
        for (std::size_t i = 0; i < bytes.size(); ++i)
            bytes[i] = static_cast<std::byte>(value >> (8 * i) & 0xff);
        content_.insert(content_.end(), bytes.begin(), bytes.begin() + width);
        return *this;
    }

    Bytes content_;
};

}  // namespace cambench
