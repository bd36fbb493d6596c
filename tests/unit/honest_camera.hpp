#pragma once

#include "tests/unit/packets.hpp"

namespace cambench::packets {

/// A camera that takes its lease, asks for the time and reports to its maker, and does nothing else.
inline Wire honest() {
    Wire wire;
    wire.lease().resolve("time.vendor.example", ip("203.0.113.1"));
    wire.datagram(ip("203.0.113.1"), 123, ntp_request(), ntp_request());
    wire.resolve("a.cloud.vendor.example", ip("203.0.113.2"));
    wire.connect(ip("203.0.113.2"), 443, client_hello("a.cloud.vendor.example"));
    return wire;
}

}  // namespace cambench::packets
