#include "harness/core/bytes.hpp"

namespace cambench {

std::string hex(ByteView bytes, std::size_t limit) {
    static constexpr char digits[] = "0123456789abcdef";
    const bool cut = limit != 0 && bytes.size() > limit;
    std::string text;
    for (const auto byte : cut ? bytes.first(limit) : bytes) {
        if (!text.empty()) text += ' ';
        text += digits[std::to_integer<unsigned>(byte) >> 4];
        text += digits[std::to_integer<unsigned>(byte) & 15];
    }
    return cut ? text + " .." : text;
}

}  // namespace cambench
