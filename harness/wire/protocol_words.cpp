#include "harness/wire/protocol_words.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "harness/core/text.hpp"
#include "harness/wire/protocols.hpp"

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
    Alias{"dahua-dhip", "dhip", ""},
    Alias{"dahua-dvrip", "dvrip", ""},
    Alias{"dahua-ptcp", "ptcp", ""},
    Alias{"reolink-baichuan", "baichuan", ""},
    Alias{"reolink-udp", "baichuan", ""},
};

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
    return {wire, std::string(alias != nullptr ? alias->inner : ""sv),
            alias != nullptr || protocol::find(wire) != nullptr, protocol::has(wire, protocol::recognised)};
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
    std::vector<std::string> words;
    for (const auto& one : protocol::all()) words.emplace_back(one.name);
    for (const auto& alias : aliases) words.emplace_back(alias.word);
    return nearest(lower(word), words);
}

bool carries_or_lets_in(std::string_view wire) { return protocol::has(wire, protocol::carries_or_lets_in); }

}  // namespace cambench
