#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

namespace cambench::internet {

/// Bytes of a file, the end not among them.
struct ByteRange {
    std::uint64_t begin = 0, end = 0;
    bool operator==(const ByteRange&) const = default;
};

/// What a field Range asks of a file of `size` bytes; nullopt where it asks for several ranges, for none that
/// is there, or is malformed.
[[nodiscard]] std::optional<ByteRange> parse_range(std::string_view field, std::uint64_t size);

/// Which bytes of a file went out so far.
class Coverage {
public:
    void add(ByteRange range);
    [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

private:
    std::map<std::uint64_t, std::uint64_t> parts_;  ///< begin to end, disjoint and apart
    std::uint64_t bytes_ = 0;
};

}  // namespace cambench::internet
