#include "harness/wire/websocket.hpp"

#include <algorithm>

namespace cambench::analysis {
namespace {

/// How long a frame's header is, as far as its first two bytes tell.
std::size_t header_length(std::uint8_t second) {
    const auto length = second & 0x7fU;
    return 2U + (length == 126 ? 2U : length == 127 ? 8U : 0U) + ((second & 0x80U) != 0 ? 4U : 0U);
}

}  // namespace

void WebSocketUnmasker::begin_frame() {
    ByteReader in(ByteView(header_).first(header_size_));
    in.skip(1);
    const auto second = in.u8();
    const auto length = second & 0x7fU;
    left_ = length == 126 ? in.u16() : length == 127 ? in.u64() : length;
    mask_ = {};
    if ((second & 0x80U) != 0) std::copy_n(in.take(4).begin(), 4, mask_.begin());
    position_ = 0;
    header_size_ = 0;
}

Bytes WebSocketUnmasker::take(ByteView bytes) {
    Bytes plain;
    plain.reserve(bytes.size());
    for (std::size_t i = 0; i < bytes.size();) {
        if (left_ > 0) {
            const auto here = std::min<std::uint64_t>(left_, bytes.size() - i);
            for (std::uint64_t k = 0; k < here; ++k)
                plain.push_back(bytes[i + k] ^ mask_[(position_ + k) % 4]);
            position_ += here;
            left_ -= here;
            i += here;
            continue;
        }
        header_[header_size_++] = bytes[i++];
        if (header_size_ >= 2 && header_size_ == header_length(std::to_integer<std::uint8_t>(header_[1])))
            begin_frame();
    }
    return plain;
}

}  // namespace cambench::analysis
