#pragma once

#include <array>
#include <optional>
#include <string>

#include "harness/core/bytes.hpp"
#include "harness/core/result.hpp"

namespace cambench::internet::websocket {

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

/// The beginning of a frame (RFC 6455, 5.2).
struct FrameHead {
    Opcode opcode = Opcode::text;
    bool last = false;               ///< of its message
    std::array<std::byte, 4> key{};  ///< zeros where the content is not masked
    std::uint64_t length = 0;        ///< of the content
    std::size_t size = 0;            ///< of this head
};

/// nullopt: more bytes must come first. Fails on what is no frame: opcodes nobody defined, control frames
/// that are too long or in parts.
[[nodiscard]] Result<std::optional<FrameHead>> parse_frame_head(ByteView bytes);

/// A whole frame as a server sends it, unmasked.
[[nodiscard]] std::string frame(Opcode opcode, std::string_view content);

}  // namespace cambench::internet::websocket
