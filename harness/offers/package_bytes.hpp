#pragma once

#include "harness/core/bytes.hpp"

namespace cambench::offers {

/// What taking packages apart and putting them together needs of bytes.
[[nodiscard]] inline Bytes copy_of(ByteView bytes) { return {bytes.begin(), bytes.end()}; }
inline void append(Bytes& to, ByteView bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

}  // namespace cambench::offers
