#pragma once

#include "harness/analysis/capture/capture_reader.hpp"

namespace cambench::analysis {

/// What `source` holds, unpacked when its first bytes say gzip or zstd (several members in a row count as one
/// file).
///
/// Nothing but a buffer is held in memory. Where the packed data is torn or damaged the bytes end, and torn()
/// says so. Fails for packings that are not read (xz, lz4, bzip2, zip).
[[nodiscard]] Result<std::unique_ptr<ByteSource>> unpacked(std::unique_ptr<ByteSource> source);

}  // namespace cambench::analysis
