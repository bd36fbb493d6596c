#pragma once

#include <cstdint>
#include <string>

#include "harness/core/ip.hpp"

namespace cambench::sandbox {

/// The addresses of a slot's network, the same in every slot: each slot has a namespace of its own.
///
/// Names get addresses from the benchmarking ranges of RFC 2544 and RFC 5180, which no real host uses.
struct Layout {
    std::string interface = "cam0";  ///< the end of the camera's wire inside the namespace
    std::string pulse_interface =
        "bench-pulse";  ///< where the bench's heartbeat comes in, to be turned onto the camera's wire
    std::string router = "192.168.77.1";
    std::string operator_address = "192.168.77.2";  ///< the bench's own client programs (viewer, scanners)
    std::string lan = "192.168.77.0/24";
    std::string first_lease = "192.168.77.100";
    std::string last_lease = "192.168.77.199";
    std::string link_local6 = "fe80::1";
    std::string router6 = "2001:2:0:1::1";
    std::string operator_address6 = "2001:2:0:1::2";
    std::string lan6 = "2001:2:0:1::/64";
    std::string name_pool = "198.18.0.0/15";
    std::string name_pool6 = "2001:2:0:ffff::/64";
    std::uint16_t tcp_port = 9000;  ///< where TPROXY brings every TCP connection
    std::uint16_t udp_port = 9001;  ///< where TPROXY brings every datagram
    std::uint32_t mark = 1;         ///< firewall mark of what the sandbox answers itself
    std::uint32_t table = 100;      ///< routing table in which every address is local
};

}  // namespace cambench::sandbox
