#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "harness/core/ip.hpp"

/// Every protocol that has a name here: one table says what is known of it. The names are those on the wire
/// and in evidence; words that people declare are turned into them by protocol_words.hpp.
namespace cambench::protocol {

inline constexpr char tls[] = "tls", http[] = "http", http2[] = "http2", quic[] = "quic", dtls[] = "dtls",
                      ssh[] = "ssh", dns[] = "dns", ntp[] = "ntp", mqtt[] = "mqtt", rtsp[] = "rtsp",
                      rtmp[] = "rtmp", stun[] = "stun", ftp[] = "ftp", smtp[] = "smtp", pop3[] = "pop3",
                      imap[] = "imap", irc[] = "irc", srt[] = "srt", pppp[] = "pppp", tutk[] = "tutk",
                      sip[] = "sip", tftp[] = "tftp", tuya[] = "tuya", dahua_p2p[] = "dahua-p2p",
                      telnet[] = "telnet", coap[] = "coap", syslog[] = "syslog", snmp[] = "snmp",
                      rtp[] = "rtp", rtcp[] = "rtcp", srtp[] = "srtp", webrtc[] = "webrtc",
                      mpeg_ts[] = "mpeg-ts", mpeg_ps[] = "mpeg-ps", amqp[] = "amqp", giop[] = "giop",
                      bittorrent[] = "bittorrent", dhip[] = "dhip", dvrip[] = "dvrip",
                      baichuan[] = "baichuan", ptcp[] = "ptcp", sadp[] = "sadp",
                      ws_discovery[] = "ws-discovery", ssdp[] = "ssdp", mdns[] = "mdns", llmnr[] = "llmnr",
                      netbios_ns[] = "netbios-ns", dhcp[] = "dhcp", dhcpv6[] = "dhcpv6", icmp[] = "icmp",
                      nat_pmp[] = "nat-pmp", pcp[] = "pcp", websocket[] = "websocket", socks5[] = "socks5",
                      ftp_data[] = "ftp-data", wireguard[] = "wireguard", xmpp[] = "xmpp";
/// The same inside TLS, as the fake internet and ports call them.
inline constexpr char https[] = "https", mqtts[] = "mqtts", rtmps[] = "rtmps", ftps[] = "ftps",
                      smtps[] = "smtps", pop3s[] = "pop3s", imaps[] = "imaps",
                      dns_over_tls[] = "dns-over-tls", dns_over_quic[] = "dns-over-quic", turn[] = "turn";
/// Former names of makers' protocols: the fake internet's evidence keeps them.
inline constexpr char dahua_dhip[] = "dahua-dhip", dahua_dvrip[] = "dahua-dvrip", dahua_ptcp[] = "dahua-ptcp",
                      dahua_discovery[] = "dahua-discovery", reolink_baichuan[] = "reolink-baichuan",
                      reolink_udp[] = "reolink-udp";

/// What is known of a protocol, as bits of Entry::traits.
enum Trait : std::uint16_t {
    recognised = 1,          ///< its first bytes are recognised whenever it is spoken
    encrypted = 2,           ///< from its first message on, at the latest after a handshake
    rendezvous = 4,          ///< by it strangers find a device behind a router, or are relayed to it
    carries_or_lets_in = 8,  ///< carries other protocols, or lets somebody in
    client_speaks_first = 16,
    login_in_clear = 32,   ///< whoever logs in sends the password as it is
    upgrades_to_tls = 64,  ///< by STARTTLS and its kin
    certain = 128,         ///< nothing else begins like it
    only_tcp = 256,
    only_udp = 512,
    by_datagrams_alone = 1024,  ///< rendezvous when spoken over UDP
};

struct Entry {
    std::string_view name;
    std::uint16_t traits = 0;
};

/// Every protocol known by name.
[[nodiscard]] std::span<const Entry> all();
/// nullptr: nobody knows it.
[[nodiscard]] const Entry* find(std::string_view name);
[[nodiscard]] bool has(std::string_view name, Trait trait);

/// What usually stands behind a port, as people call it: "https"; "" when nothing does.
[[nodiscard]] std::string_view word_of_port(Transport transport, std::uint16_t port);

/// Whether whoever has this port is the server of the two, whatever else is known.
[[nodiscard]] bool is_servers_port(Transport transport, std::uint16_t port);

/// Strangers meet there: rendezvous, or rendezvous by datagrams over UDP.
[[nodiscard]] bool is_rendezvous(std::string_view name, Transport transport);

}  // namespace cambench::protocol
