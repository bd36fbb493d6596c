#pragma once

#include "bench/internet/world/world.hpp"

namespace cambench::internet {

enum class Speech {
    undecided,
    tls,
    http,
    http2,
    dns,
    mqtt,
    ftp,
    smtp,
    rtmp,
    rtsp,
    vendor,
    ssh,
    sip,
    turn,
    syslog,
    transport_stream,
    unknown
};

/// What a stream that begins so is; undecided while it could still become one of them.
[[nodiscard]] Speech recognise(ByteView bytes, const Flow& flow);

}  // namespace cambench::internet
