#pragma once

#include <cstdint>

#include "harness/core/time.hpp"

namespace cambench::analysis {

/// A frame of a capture.
struct FrameRef {
    std::uint64_t number = 0;   ///< from 1, as Wireshark counts the records of that file
    WallTime time{};            ///< the stamp in the capture
    std::uint32_t capture = 0;  ///< index into Observations::captures
};

}  // namespace cambench::analysis
