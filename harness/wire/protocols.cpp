#include "harness/wire/protocols.hpp"

#include <algorithm>
#include <array>

namespace cambench::protocol {
namespace {

constexpr std::array entries{
    Entry{tls, recognised | encrypted | client_speaks_first | certain | only_tcp},
    Entry{http, recognised | client_speaks_first | login_in_clear | certain | only_tcp},
    Entry{quic, recognised | encrypted | only_udp},
    Entry{dtls, recognised | encrypted | only_udp},
    Entry{ssh, recognised | encrypted | carries_or_lets_in | only_tcp},
    Entry{dns, recognised | client_speaks_first | certain},
    Entry{ntp, recognised | certain | only_udp},
    Entry{mqtt, recognised | client_speaks_first | login_in_clear | certain | only_tcp},
    Entry{rtsp, recognised | client_speaks_first | login_in_clear | certain},
    Entry{rtmp, recognised | client_speaks_first | only_tcp},
    Entry{stun, recognised | rendezvous},
    Entry{ftp, recognised | login_in_clear | upgrades_to_tls | only_tcp},
    Entry{smtp, recognised | login_in_clear | upgrades_to_tls | only_tcp},
    Entry{pop3, recognised | login_in_clear | upgrades_to_tls | only_tcp},
    Entry{imap, recognised | upgrades_to_tls | only_tcp},
    Entry{irc, recognised | carries_or_lets_in | only_tcp},
    Entry{srt, recognised | only_udp},
    Entry{pppp, recognised | rendezvous},
    Entry{tutk, recognised | rendezvous},
    Entry{sip, recognised | client_speaks_first},
    Entry{tftp, recognised | only_udp},
    Entry{tuya, recognised},
    Entry{dahua_p2p, recognised | rendezvous},
    Entry{telnet, recognised | carries_or_lets_in | login_in_clear | only_tcp},
    // Known by name; what is recognised of them is not every session that speaks them.
    Entry{baichuan, by_datagrams_alone},
    Entry{ptcp, rendezvous},
    Entry{dhcp, only_udp},
    Entry{dhcpv6, only_udp},
    Entry{mdns, only_udp},
    Entry{ssdp, only_udp},
    Entry{ws_discovery, only_udp},
    Entry{wireguard, carries_or_lets_in | only_udp},
    Entry{xmpp, only_tcp},
    Entry{"openvpn", carries_or_lets_in},
    Entry{"ike", carries_or_lets_in},
    Entry{"l2tp", carries_or_lets_in},
    Entry{"pptp", carries_or_lets_in},
    Entry{"teredo", carries_or_lets_in},
    Entry{"tinc", carries_or_lets_in},
    Entry{"nebula", carries_or_lets_in},
    Entry{"tailscale", carries_or_lets_in},
    Entry{"esp", carries_or_lets_in},
    Entry{bittorrent, carries_or_lets_in},
    Entry{"vnc", carries_or_lets_in},
    Entry{"rfb", carries_or_lets_in},
    Entry{"rdp", carries_or_lets_in},
    Entry{"socks", carries_or_lets_in},
    Entry{socks5, carries_or_lets_in},
    Entry{"httptunnel", carries_or_lets_in},
    Entry{"shell", carries_or_lets_in},
    Entry{"tor", carries_or_lets_in},
    Entry{coap},
    Entry{"coap+tcp"},
    Entry{"rist"},
    Entry{rtp},
    Entry{rtcp},
    Entry{srtp},
    Entry{webrtc},
    Entry{mpeg_ts},
    Entry{mpeg_ps},
    Entry{amqp},
    Entry{giop},
    Entry{dhip},
    Entry{dvrip},
    Entry{sadp},
    Entry{llmnr},
    Entry{syslog},
    Entry{snmp},
    Entry{netbios_ns},
    Entry{"smb"},
    Entry{"nfs"},
    Entry{"ldap"},
    Entry{"radius"},
    Entry{"kafka"},
    Entry{"nats"},
    Entry{"redis"},
    Entry{"modbus"},
    Entry{"bacnet"},
    Entry{"opcua"},
    Entry{nat_pmp},
    Entry{pcp},
    Entry{icmp},
    Entry{"lwm2m"},
    Entry{"stomp"},
    Entry{"iperf"},
    Entry{"time"},
    Entry{"daytime"},
    Entry{"ptp"},
    Entry{"whois"},
    Entry{"finger"},
    Entry{"rsync"},
    Entry{"nntp"},
};

struct Port {
    std::uint16_t number;
    std::string_view over_tcp, over_udp;
    bool is_servers = false;
};
/// Below 1024 every port is a server's. IANA's service names, but for 37777 (Dahua) and the second ports of
/// web and video servers.
constexpr std::array ports{
    Port{21, ftp, ""},
    Port{22, ssh, ""},
    Port{23, telnet, ""},
    Port{25, smtp, ""},
    Port{53, dns, dns},
    Port{67, "", dhcp},
    Port{80, http, ""},
    Port{110, pop3, ""},
    Port{123, "", ntp},
    Port{143, imap, ""},
    Port{443, https, quic},
    Port{465, smtps, ""},
    Port{554, rtsp, ""},
    Port{587, smtp, ""},
    Port{853, dns_over_tls, dns_over_quic},
    Port{993, imaps, ""},
    Port{995, pop3s, ""},
    Port{1883, mqtt, "", true},
    Port{1900, "", ssdp, true},
    Port{1935, rtmp, ""},
    Port{3478, stun, stun},
    Port{3702, "", ws_discovery, true},
    Port{5060, sip, sip},
    Port{5353, "", mdns, true},
    Port{6667, irc, ""},
    Port{8080, http, ""},
    Port{8443, https, ""},
    Port{8554, rtsp, ""},
    Port{8883, mqtts, "", true},
    Port{37777, dvrip, ""},
};

}  // namespace

std::span<const Entry> all() { return entries; }

const Entry* find(std::string_view name) {
    const auto* found =
        std::find_if(entries.begin(), entries.end(), [&](const Entry& one) { return one.name == name; });
    return found == entries.end() ? nullptr : found;
}

bool has(std::string_view name, Trait trait) {
    const auto* entry = find(name);
    return entry != nullptr && (entry->traits & trait) != 0;
}

std::string_view word_of_port(Transport transport, std::uint16_t port) {
    const auto* found =
        std::find_if(ports.begin(), ports.end(), [&](const Port& one) { return one.number == port; });
    if (found == ports.end()) return "";
    return transport == Transport::tcp   ? found->over_tcp
           : transport == Transport::udp ? found->over_udp
                                         : std::string_view();
}

bool is_servers_port(Transport transport, std::uint16_t port) {
    if (port < 1024) return port != 0;
    const auto is_it = [&](const Port& one) { return one.number == port && one.is_servers; };
    return std::any_of(ports.begin(), ports.end(), is_it) && !word_of_port(transport, port).empty();
}

bool is_rendezvous(std::string_view name, Transport transport) {
    return has(name, rendezvous) || (transport == Transport::udp && has(name, by_datagrams_alone));
}

}  // namespace cambench::protocol
