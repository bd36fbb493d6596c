#include "harness/wire/tutk.hpp"

#include <array>
#include <bit>
#include <string_view>

namespace cambench::internet {
namespace {

constexpr std::string_view mask = "Charlie is the d";
/// Byte i of the swapped block is byte swapped_from[i] of the block.
constexpr std::array<std::size_t, 16> swapped_from{11, 9, 8, 15, 13, 10, 12, 14, 2, 1, 5, 0, 6, 4, 7, 3};

using Block = std::array<std::uint8_t, 16>;

/// Every word (little endian) turned left, each four bits further than the one before.
Block turned(const Block& block, int first) {
    Block result{};
    for (std::size_t word = 0; word < 16; word += 4) {
        std::uint32_t value = 0;
        for (std::size_t i = 4; i-- > 0;) value = value << 8 | block[word + i];
        value = std::rotl(value, static_cast<int>(word) + first);
        for (std::size_t i = 0; i < 4; ++i) result[word + i] = static_cast<std::uint8_t>(value >> (8 * i));
    }
    return result;
}

}  // namespace

Bytes tutk_head(ByteView datagram) {
    if (datagram.size() < 16) return {};
    Block block{};
    for (std::size_t i = 0; i < 16; ++i) block[i] = std::to_integer<std::uint8_t>(datagram[i]);
    const auto first = turned(block, 3);
    for (std::size_t i = 0; i < 16; ++i)
        block[i] = static_cast<std::uint8_t>(first[swapped_from[i]] ^ static_cast<std::uint8_t>(mask[i]));
    Bytes head;
    for (const auto byte : turned(block, 1)) head.push_back(static_cast<std::byte>(byte));
    return head;
}

bool is_tutk(ByteView datagram) {
    const auto head = tutk_head(datagram);
    if (head.empty()) return false;
    const auto version = std::to_integer<unsigned>(head[2]);
    return head[0] == std::byte{0x04} && head[1] == std::byte{0x02} && version >= 0x12 && version <= 0x1a;
}

}  // namespace cambench::internet
