#pragma once

#include <string>
#include <vector>

#include "harness/core/ip.hpp"

namespace cambench::internet {

/// Sockets the sandbox opened with privileges; the process that runs the fake internet has none left. Not
/// owned: closed by whoever opened them, except that run() closes connections it accepted. -1: not available,
/// that family is not served.
struct Sockets {
    int tcp4 = -1;    ///< listening, IP_TRANSPARENT, non-blocking: TPROXY brings every connection here
    int tcp6 = -1;    ///< the same for IPv6, IPV6_V6ONLY
    int udp4 = -1;    ///< IP_TRANSPARENT, IP_RECVORIGDSTADDR, non-blocking
    int udp6 = -1;    ///< IPV6_TRANSPARENT, IPV6_RECVORIGDSTADDR, non-blocking
    int raw4 = -1;    ///< SOCK_RAW IPPROTO_RAW: answers from any source address
    int raw6 = -1;    ///< the same for IPv6
    int packet = -1;  ///< AF_PACKET SOCK_RAW bound to the camera's interface, ETH_P_ALL, non-blocking
    /// TCP, IP_TRANSPARENT, SO_REUSEADDR, unbound, non-blocking: one for each connection the fake internet
    /// begins itself. Taken over by run().
    std::vector<int> calling4 = {}, calling6 = {};
};

/// The slot's LAN as the camera sees it.
struct Network {
    std::string interface;
    int interface_index = 0;
    unsigned mtu = 1500;
    MacAddress mac;              ///< of our side of the wire: the router's
    IpAddress router;            ///< also resolver, time server and DHCP server
    IpAddress operator_address;  ///< the bench's own client programs; never served here
    Cidr lan{IpAddress(), 24};
    IpAddress first_lease, last_lease;
    IpAddress router6;            ///< global
    IpAddress operator_address6;  ///< global
    IpAddress link_local6;        ///< source of router advertisements
    Cidr lan6{IpAddress(), 64};
    Cidr name_pool{IpAddress(), 15};  ///< one address of it for every DNS name, never reused in a run
    Cidr name_pool6{IpAddress(), 64};
    std::string domain = "lan";  ///< told by DHCP; the router is "router.<domain>"
};

}  // namespace cambench::internet
