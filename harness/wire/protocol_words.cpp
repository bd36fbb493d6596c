#include "harness/wire/protocol_words.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "harness/core/text.hpp"

namespace cambench {
namespace {

using namespace std::string_view_literals;

struct Alias {
    std::string_view word, wire, inner;
};
constexpr std::array aliases{
    Alias{"https", "tls", "http"},
    Alias{"wss", "tls", "http"},
    Alias{"doh", "tls", "http"},
    Alias{"dns-over-https", "tls", "http"},
    Alias{"mqtts", "tls", "mqtt"},
    Alias{"secure-mqtt", "tls", "mqtt"},
    Alias{"rtsps", "tls", "rtsp"},
    Alias{"rtmps", "tls", "rtmp"},
    Alias{"ftps", "tls", "ftp"},
    Alias{"imaps", "tls", "imap"},
    Alias{"pop3s", "tls", "pop3"},
    Alias{"smtps", "tls", "smtp"},
    Alias{"dot", "tls", "dns"},
    Alias{"dns-over-tls", "tls", "dns"},
    Alias{"sips", "tls", "sip"},
    Alias{"turns", "tls", "stun"},
    Alias{"stuns", "tls", "stun"},
    Alias{"ssl", "tls", ""},
    Alias{"tls1.2", "tls", ""},
    Alias{"tls1.3", "tls", ""},
    Alias{"grpc", "tls", "http"},
    Alias{"websocket", "http", ""},
    Alias{"ws", "http", ""},
    Alias{"onvif", "http", ""},
    Alias{"soap", "http", ""},
    Alias{"upnp", "http", ""},
    Alias{"rest", "http", ""},
    Alias{"http2", "http", ""},
    Alias{"h2c", "http", ""},
    Alias{"hls", "http", ""},
    Alias{"webdav", "http", ""},
    Alias{"isapi", "http", ""},
    Alias{"sntp", "ntp", ""},
    Alias{"http3", "quic", ""},
    Alias{"h3", "quic", ""},
    Alias{"doq", "quic", ""},
    Alias{"dns-over-quic", "quic", ""},
    Alias{"turn", "stun", ""},
    Alias{"ice", "stun", ""},
    Alias{"coaps", "dtls", "coap"},
    Alias{"gb28181", "sip", ""},
    Alias{"gb/t28181", "sip", ""},
    Alias{"kalay", "tutk", ""},
    Alias{"cs2", "pppp", ""},
    Alias{"sftp", "ssh", ""},
    Alias{"scp", "ssh", ""},
    Alias{"email", "smtp", ""},
    Alias{"ipsec", "ike", ""},
    Alias{"wire-guard", "wireguard", ""},
    Alias{"ping", "icmp", ""},
};

constexpr std::array recognised_words{"tls"sv,  "http"sv, "quic"sv, "dtls"sv, "ssh"sv,       "dns"sv,
                                      "ntp"sv,  "mqtt"sv, "rtsp"sv, "rtmp"sv, "stun"sv,      "ftp"sv,
                                      "smtp"sv, "pop3"sv, "imap"sv, "irc"sv,  "srt"sv,       "pppp"sv,
                                      "tutk"sv, "sip"sv,  "tftp"sv, "tuya"sv, "dahua-p2p"sv, "telnet"sv};

/// Known by name; what is recognised of them is not every session that speaks them.
constexpr std::array further_words{
    "coap"sv,         "coap+tcp"sv,   "wireguard"sv, "openvpn"sv,   "ike"sv,        "l2tp"sv,    "pptp"sv,
    "teredo"sv,       "tinc"sv,       "nebula"sv,    "tailscale"sv, "esp"sv,        "rist"sv,    "xmpp"sv,
    "rtp"sv,          "rtcp"sv,       "srtp"sv,      "webrtc"sv,    "mpeg-ts"sv,    "mpeg-ps"sv, "amqp"sv,
    "giop"sv,         "bittorrent"sv, "dhip"sv,      "dvrip"sv,     "baichuan"sv,   "ptcp"sv,    "sadp"sv,
    "ws-discovery"sv, "ssdp"sv,       "mdns"sv,      "llmnr"sv,     "dhcp"sv,       "dhcpv6"sv,  "syslog"sv,
    "snmp"sv,         "netbios-ns"sv, "smb"sv,       "nfs"sv,       "ldap"sv,       "radius"sv,  "kafka"sv,
    "nats"sv,         "redis"sv,      "modbus"sv,    "bacnet"sv,    "opcua"sv,      "vnc"sv,     "rfb"sv,
    "rdp"sv,          "socks"sv,      "socks5"sv,    "nat-pmp"sv,   "pcp"sv,        "icmp"sv,    "lwm2m"sv,
    "stomp"sv,        "iperf"sv,      "time"sv,      "daytime"sv,   "httptunnel"sv, "shell"sv,   "ptp"sv,
    "whois"sv,        "finger"sv,     "rsync"sv,     "nntp"sv,
};

template <typename Words>
bool among(const Words& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

const Alias* alias_of(std::string_view word) {
    const auto found =
        std::find_if(aliases.begin(), aliases.end(), [&](const Alias& one) { return one.word == word; });
    return found == aliases.end() ? nullptr : &*found;
}

}  // namespace

ProtocolWord protocol_word(std::string_view declared) {
    const auto word = lower(trim(declared));
    const auto* alias = alias_of(word);
    const std::string wire(alias != nullptr ? alias->wire : std::string_view(word));
    const bool recognised = among(recognised_words, wire);
    return {wire, std::string(alias != nullptr ? alias->inner : ""sv),
            recognised || alias != nullptr || among(further_words, wire), recognised};
}

bool are_kin(std::string_view one, std::string_view other) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kin{{{"rtsp", "rtp"},
                                                                                        {"rtsp", "rtcp"},
                                                                                        {"rtp", "rtcp"},
                                                                                        {"rtp", "srtp"},
                                                                                        {"sip", "rtp"},
                                                                                        {"webrtc", "stun"},
                                                                                        {"webrtc", "dtls"},
                                                                                        {"webrtc", "rtp"},
                                                                                        {"rist", "rtp"},
                                                                                        {"rtp", "mpeg-ts"},
                                                                                        {"sip", "mpeg-ps"},
                                                                                        {"lwm2m", "coap"},
                                                                                        {"lwm2m", "dtls"},
                                                                                        {"coap", "dtls"},
                                                                                        {"socks", "socks5"},
                                                                                        {"vnc", "rfb"}}};
    return std::any_of(kin.begin(), kin.end(), [&](const auto& pair) {
        return (pair.first == one && pair.second == other) || (pair.first == other && pair.second == one);
    });
}

std::string nearest_protocol_word(std::string_view word) {
    std::vector<std::string> words(recognised_words.begin(), recognised_words.end());
    words.insert(words.end(), further_words.begin(), further_words.end());
    for (const auto& alias : aliases) words.emplace_back(alias.word);
    return nearest(lower(word), words);
}

bool carries_or_lets_in(std::string_view wire) {
    static constexpr std::array words{
        "ssh"sv,  "telnet"sv, "openvpn"sv,   "wireguard"sv,  "ike"sv,        "l2tp"sv,   "pptp"sv, "teredo"sv,
        "tinc"sv, "nebula"sv, "tailscale"sv, "esp"sv,        "socks"sv,      "socks5"sv, "vnc"sv,  "rfb"sv,
        "rdp"sv,  "tor"sv,    "irc"sv,       "bittorrent"sv, "httptunnel"sv, "shell"sv};
    return among(words, wire);
}

}  // namespace cambench
