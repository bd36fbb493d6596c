#pragma once

#include <string>
#include <vector>

#include "harness/analysis/observations/inputs.hpp"
#include "harness/analysis/observations/observations.hpp"

namespace cambench::analysis {

/// Media that the camera sent in clear, taken out of a recording.
struct MediaFile {
    std::string name;             ///< "001-203.0.113.9-80.jpg"
    std::size_t destination = 0;  ///< index into Observations::destinations
    std::size_t content = 0;      ///< index into its contents
    Bytes bytes;
};

/// For each kind of media that a destination was sent in clear the first piece of it: a picture whole, of a
/// stream its beginning (at most 4 MiB of a flow). Pictures end where their format says; H.264 in RTP or
/// behind lengths gets start codes. At most 64. What the bench saw inside TLS stands in payloads/ already.
/// Fails when a recording cannot be read.
[[nodiscard]] Result<std::vector<MediaFile>> take_media(const std::vector<Recording>& recordings,
                                                        const Observations& observations);

}  // namespace cambench::analysis
