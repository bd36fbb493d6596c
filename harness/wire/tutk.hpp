#pragma once

#include "harness/core/bytes.hpp"

namespace cambench::internet {

/// The scrambling of TUTK's Kalay protocol over the first 16 bytes, undone. Shorter input comes back empty.
[[nodiscard]] Bytes tutk_head(ByteView datagram);
/// Whether a datagram is one of TUTK's, by its head once unscrambled.
[[nodiscard]] bool is_tutk(ByteView datagram);

}  // namespace cambench::internet
