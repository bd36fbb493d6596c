#pragma once

#include <array>
#include <cstdint>

#include "harness/core/bytes.hpp"

namespace cambench::analysis {

/// Takes the mask off what a client sends in WebSocket frames (RFC 6455, section 5): without that, any
/// content looks like noise.
class WebSocketUnmasker {
public:
    /// The payloads within the next bytes of the stream, one after another. A stream that is none, or lost
    /// bytes, gives noise or nothing.
    [[nodiscard]] Bytes take(ByteView bytes);

private:
    static constexpr std::size_t longest_header = 14;
    void begin_frame();

    std::array<std::byte, longest_header> header_{};
    std::size_t header_size_ = 0;
    std::array<std::byte, 4> mask_{};
    std::uint64_t left_ = 0, position_ = 0;
};

}  // namespace cambench::analysis
