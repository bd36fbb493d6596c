#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/bytes.hpp"
#include "harness/core/result.hpp"
#include "harness/wire/http_message.hpp"

/// RTSP requests (RFC 2326) and the session descriptions they announce (RFC 4566).
namespace cambench::internet {

/// Whether these first bytes are an RTSP request line.
[[nodiscard]] Likeness rtsp_likeness(ByteView first_bytes);

struct RtspHead {
    std::string method, url;
    std::vector<std::pair<std::string, std::string>> headers;
    [[nodiscard]] std::string_view header(
        std::string_view name) const;  ///< compared without case; "" when there is none
};
[[nodiscard]] Result<RtspHead> parse_rtsp_head(ByteView head);

/// One medium of a session description.
struct SdpMedium {
    std::string kind;  ///< "video", "audio"
    unsigned payload_type = 0;
    std::string encoding;  ///< lower case: "h264", "jpeg", "pcma"
    unsigned clock = 90000, channels = 1;
    std::string format;  ///< what fmtp says
    std::string control;
    /// A parameter of fmtp, such as sprop-parameter-sets; "" without it.
    [[nodiscard]] std::string parameter(std::string_view name) const;
};
[[nodiscard]] std::vector<SdpMedium> parse_sdp(ByteView text);

/// The Transport field of a SETUP.
struct RtspTransport {
    bool interleaved = false;
    unsigned first = 0, second = 1;  ///< channels when interleaved, else the client's ports
};
[[nodiscard]] RtspTransport parse_rtsp_transport(std::string_view field);

}  // namespace cambench::internet
