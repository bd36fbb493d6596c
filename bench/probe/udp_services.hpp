#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/core/ip.hpp"
#include "harness/core/time.hpp"

namespace cambench::probe {

/// A datagram that a service answers at the unit's own address, when it is there.
struct UdpGreeting {
    std::uint16_t port = 0;
    std::string bytes;
};

/// What cameras offer over UDP: discovery of ONVIF, UPnP, mDNS and the makers (SADP, DHIP, Xiongmai, PPPP),
/// and what is found on network devices (TFTP, DNS, NTP, SNMP, SIP, CoAP, IPMI). UDP has no open port but one
/// that answers: who waits for words of his own is not found.
[[nodiscard]] const std::vector<UdpGreeting>& udp_greetings();

/// The greeting of one port; "" when there is none.
[[nodiscard]] const std::string& udp_greeting(std::uint16_t port);
/// What the camera's own address says to these words; "" when nothing comes.
[[nodiscard]] std::string udp_answer(const IpAddress& address, std::uint16_t port, const std::string& words,
                                     Nanoseconds patience);

/// Ports at which the camera answers its greeting, sorted. Each is sent twice; an answer may come from
/// another port.
[[nodiscard]] std::vector<std::uint16_t> answering_ports(const IpAddress& address,
                                                         const std::vector<UdpGreeting>& greetings,
                                                         Nanoseconds patience, int link = 0);

}  // namespace cambench::probe
