#include "harness/analysis/flows/protocol.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "harness/analysis/flows/content.hpp"
#include "harness/wire/coap_message.hpp"
#include "harness/wire/dhcp.hpp"
#include "harness/wire/dns.hpp"
#include "harness/wire/protocols.hpp"
#include "harness/wire/tls.hpp"
#include "harness/wire/tunnel_protocols.hpp"

namespace cambench::analysis {
namespace {

bool starts(ByteView bytes, std::string_view text) { return as_text(bytes).starts_with(text); }
bool has(ByteView bytes, std::string_view text) {
    return as_text(bytes).find(text) != std::string_view::npos;
}

std::uint8_t at(ByteView bytes, std::size_t index) {
    return index < bytes.size() ? std::to_integer<std::uint8_t>(bytes[index]) : 0;
}

std::string_view first_line(ByteView bytes) {
    const auto text = as_text(bytes).substr(0, 2048);
    return text.substr(0, text.find('\n'));
}

/// Request-line protocols, which differ by method and version.
std::string text_protocol(ByteView bytes) {
    const auto line = first_line(bytes);
    if (line.starts_with("DHGET ") || line.starts_with("DHPOST ") || line.starts_with("DHPUT "))
        return protocol::dahua_p2p;
    if (line.find(" RTSP/1.0") != std::string_view::npos ||
        line.find(" RTSP/2.0") != std::string_view::npos || line.starts_with("RTSP/"))
        return protocol::rtsp;
    if (line.find(" SIP/2.0") != std::string_view::npos || line.starts_with("SIP/2.0")) return protocol::sip;
    if (line.find(" HTTP/1.") != std::string_view::npos && !line.empty() &&
        std::isupper(static_cast<unsigned char>(line[0]))) {
        const bool ssdp = line.starts_with("M-SEARCH ") || line.starts_with("NOTIFY ");
        return ssdp ? protocol::ssdp : protocol::http;
    }
    if (line.starts_with("HTTP/1.")) return protocol::http;
    if (line.starts_with("PRI * HTTP/2.0")) return protocol::http2;
    if (line.starts_with("SSH-")) return protocol::ssh;
    return {};
}

bool is_mqtt(ByteView bytes) {
    // CONNECT: type 0x10, remaining length, then the protocol's name
    return at(bytes, 0) == 0x10 && bytes.size() >= 8 &&
           (has(bytes.first(std::min<std::size_t>(16, bytes.size())), "MQTT") ||
            has(bytes.first(std::min<std::size_t>(16, bytes.size())), "MQIsdp"));
}

bool is_stun(ByteView bytes) {
    ByteReader in(bytes);
    const auto type = in.u16();
    const auto length = in.u16();
    const auto cookie = in.u32();
    if (in.failed() || length % 4 != 0) return false;
    if ((type & 0xc000) == 0 && cookie == 0x2112a442) return true;
    // RFC 3489, before there was a cookie: a request or its answer, as long as it says, with known
    // attributes.
    if ((type & 0xfeef) != 1 || bytes.size() != length + 20U) return false;
    ByteReader attributes(bytes.subspan(20));
    while (!attributes.empty()) {
        const auto kind = attributes.u16();
        attributes.skip(attributes.u16());
        if (attributes.failed() || kind == 0 || (kind > 0x0025 && kind < 0x8000)) return false;
    }
    return length > 0;
}

/// TURN over a stream: its first message whole, or the beginning of it.
bool is_stun_stream(ByteView bytes) {
    ByteReader in(bytes);
    const auto type = in.u16(), length = in.u16();
    return in.u32() == 0x2112a442 && !in.failed() && (type & 0xc000) == 0 && length % 4 == 0;
}

/// Dahua's test of the router it stands behind: STUN whose first byte is inverted.
bool is_inverted_stun(ByteView bytes) {
    if (bytes.size() < 20 || (at(bytes, 0) != 0xff && at(bytes, 0) != 0xfe)) return false;
    ByteReader in(bytes.subspan(1));
    const auto type = in.u8();
    const auto length = in.u16();
    return (type == 1 || type == 0xfe) && in.u32() == 0x2112a442 && length + 20U == bytes.size();
}

/// SRT's handshake: a control packet of type 0, version 4 or 5, socket type and extensions as in the draft.
bool is_srt(ByteView bytes) {
    ByteReader in(bytes);
    const auto first = in.u32();
    in.skip(12);
    const auto version = in.u32();
    return !in.failed() && first == 0x80000000 && (version == 4 || version == 5) && bytes.size() >= 64;
}

bool is_mpeg_ts(ByteView bytes) {
    if (bytes.size() < 376 || bytes.size() % 188 != 0) return false;
    for (std::size_t packet = 0; packet < bytes.size(); packet += 188) {
        if (at(bytes, packet) != 0x47) return false;
    }
    return true;
}

/// RTMP: version 3, then a block of 1536 bytes that begins with a time and four zeros.
bool is_rtmp(ByteView bytes, std::uint16_t port) {
    if (bytes.size() < 1537 || at(bytes, 0) != 3) return false;
    const bool zeros = at(bytes, 5) == 0 && at(bytes, 6) == 0 && at(bytes, 7) == 0 && at(bytes, 8) == 0;
    return zeros || port == 1935;
}

bool is_ntp(ByteView bytes, std::uint16_t port, std::uint16_t own_port) {
    if ((port == 123 || own_port == 123) && bytes.size() >= 8 && is_ntp_control(bytes)) return true;
    if (bytes.size() < 48 || (port != 123 && own_port != 123 && bytes.size() != 48)) return false;
    const auto version = at(bytes, 0) >> 3 & 7, mode = at(bytes, 0) & 7;
    return version >= 1 && version <= 4 && mode >= 1 && mode <= 5;
}

bool is_quic(ByteView bytes) {
    ByteReader in(bytes);
    const auto first = in.u8();
    const auto version = in.u32();
    const auto target_id = in.u8();
    if (in.failed() || (first & 0xc0) != 0xc0 || target_id > 20) return false;
    return version == 1 || version == 0x6b3343cf || version >> 8 == 0xff0000;
}

bool is_dvrip(
    ByteView bytes) {  // Dahua: a0/a1/a3/f6 commands with a 32-byte header; Xiongmai: ff with a 20-byte one
    if (bytes.size() >= 20 && at(bytes, 0) == 0xff && at(bytes, 1) <= 1 && at(bytes, 2) == 0 &&
        at(bytes, 3) == 0)
        return true;
    if (bytes.size() >= 33 && at(bytes, 0) == 0xf6 && at(bytes, 1) == 0 && at(bytes, 2) == 0 &&
        at(bytes, 3) == 0 && at(bytes, 32) == '{')
        return true;
    return bytes.size() >= 32 && (at(bytes, 0) == 0xa0 || at(bytes, 0) == 0xa3 || at(bytes, 0) == 0xf6) &&
           at(bytes, 2) == 0 && at(bytes, 3) == 0 &&
           has(bytes.first(32), std::string_view("\x05\x02\x01\x01\x00\x00\xa1\xaa", 8));
}

/// A peer's greeting (BEP 3), or a message of the distributed hash table (BEP 5) by which botnets such as
/// Hajime and Mozi find each other.
bool is_bittorrent(ByteView bytes) {
    if (starts(bytes,
               "\x13"
               "BitTorrent protocol"))
        return true;
    return starts(bytes, "d1:ad2:id20:") || starts(bytes, "d1:rd2:id20:") ||
           (starts(bytes, "d") && has(bytes, "2:id20:") && has(bytes, "1:y1:"));
}

std::string binary_camera_protocol(ByteView bytes, Transport transport) {
    static constexpr std::array dhip{std::byte{0x20}, std::byte{0},    std::byte{0},    std::byte{0},
                                     std::byte{0x44}, std::byte{0x48}, std::byte{0x49}, std::byte{0x50}};
    if (bytes.size() >= dhip.size() && std::equal(dhip.begin(), dhip.end(), bytes.begin()))
        return protocol::dhip;
    ByteReader in(bytes);
    const auto word = in.u32();
    if (in.failed()) return {};
    if (transport == Transport::tcp && word == 0xf0debc0a) return protocol::baichuan;
    if (transport == Transport::udp && (word == 0x3acf872a || word == 0x20cf872a || word == 0x10cf872a))
        return protocol::baichuan;
    if (word == 0x000055aa || word == 0x00006699) return protocol::tuya;
    if (word == 0x50544350) return protocol::ptcp;
    if (is_dvrip(bytes)) return protocol::dvrip;
    return {};
}

std::string detect_tcp(const Heads& heads) {
    if (const auto clear = parse_tls(heads.out); clear) return protocol::tls;
    if (auto text = text_protocol(heads.out); !text.empty()) return text == "ssdp" ? protocol::http : text;
    if (is_mqtt(heads.out)) return protocol::mqtt;
    if (is_bittorrent(heads.out)) return protocol::bittorrent;
    if (auto camera = binary_camera_protocol(heads.out, Transport::tcp); !camera.empty()) return camera;
    if (heads.out.size() >= 19 && looks_like_dns(heads.out.subspan(2)) &&
        at(heads.out, 0) * 256U + at(heads.out, 1) + 2U <= heads.out.size())
        return protocol::dns;
    if (is_rtmp(heads.out, heads.port)) return protocol::rtmp;
    if (starts(heads.out, "GIOP")) return protocol::giop;
    if (starts(heads.out, "AMQP")) return protocol::amqp;
    if (starts(heads.out, "NICK ") || starts(heads.out, "USER ") || starts(heads.out, "PASS ")) {
        if (!starts(heads.in, "220") && !starts(heads.in, "+OK")) return protocol::irc;
    }
    if (starts(heads.out, "SSH-") || starts(heads.in, "SSH-")) return protocol::ssh;
    if (starts(heads.in, "220") && (starts(heads.out, "EHLO") || starts(heads.out, "HELO") ||
                                    has(heads.in.first(std::min<std::size_t>(200, heads.in.size())), "SMTP")))
        return protocol::smtp;
    if (starts(heads.in, "220") && (starts(heads.out, "USER") || starts(heads.out, "AUTH") ||
                                    has(heads.in.first(std::min<std::size_t>(200, heads.in.size())), "FTP")))
        return protocol::ftp;
    if (starts(heads.in, "+OK")) return protocol::pop3;
    if (starts(heads.in, "* OK")) return protocol::imap;
    if (const auto tunnel = tunnel_protocol(heads.out, Transport::tcp, heads.port); !tunnel.empty())
        return std::string(tunnel);
    if (begins_transport_stream(heads.out)) return protocol::mpeg_ts;
    if (begins_syslog(as_text(heads.out))) return protocol::syslog;
    if (is_stun_stream(heads.out)) return protocol::stun;
    if (starts(heads.in, "\xff\xfb") || starts(heads.in, "\xff\xfd") || starts(heads.out, "\xff\xfb") ||
        starts(heads.out, "\xff\xfd"))
        return protocol::telnet;
    return {};
}

std::string detect_udp(const Heads& heads) {
    const auto out = heads.out;
    const auto port = heads.port;
    if ((port == 67 || port == 68) && parse_dhcp(out)) return protocol::dhcp;
    if ((port == 547 || port == 546) && parse_dhcpv6(out)) return protocol::dhcpv6;
    if (port == 5353 && parse_dns_start(out)) return protocol::mdns;
    if (port == 5355 && parse_dns_start(out)) return protocol::llmnr;
    if (port == 137 && out.size() >= 12) return protocol::netbios_ns;
    if (port == 53 && parse_dns_start(out)) return protocol::dns;
    if (auto text = text_protocol(out); !text.empty()) return text;
    if (is_stun(out) || is_inverted_stun(out)) return protocol::stun;
    if (const auto tunnel = tunnel_protocol(out, Transport::udp, port); !tunnel.empty())
        return std::string(tunnel);
    if (is_ntp(out, port, heads.own_port)) return protocol::ntp;
    if (is_pppp_port(port) && is_pppp(out)) return protocol::pppp;
    if (is_quic(out)) return protocol::quic;
    if (auto camera = binary_camera_protocol(out, Transport::udp); !camera.empty()) return camera;
    if (has(out, "schemas.xmlsoap.org/ws/2005/04/discovery") || has(out, "docs.oasis-open.org/ws-dd"))
        return protocol::ws_discovery;
    if (has(out, "<Probe") && has(out, "<Types>")) return protocol::sadp;
    if (is_tutk(out)) return protocol::tutk;
    if (is_bittorrent(out)) return protocol::bittorrent;
    if (is_srt(out)) return protocol::srt;
    if (is_mpeg_ts(out)) return protocol::mpeg_ts;
    if (is_tftp_request(out)) return protocol::tftp;
    if (looks_like_dns(out)) return protocol::dns;
    if (port == 5351 && out.size() >= 2 && at(out, 0) <= 2)
        return at(out, 0) == 2 ? protocol::pcp : protocol::nat_pmp;
    if (port == 514 && at(out, 0) == '<') return protocol::syslog;
    if (begins_syslog(as_text(out))) return protocol::syslog;
    if (is_surely_coap(out) || (port == 5683 && parse_coap(out).ok())) return protocol::coap;
    if (out.size() >= 13 && (at(out, 0) >= 20 && at(out, 0) <= 23) && at(out, 1) == 0xfe &&
        (at(out, 2) == 0xfd || at(out, 2) == 0xff))
        return protocol::dtls;
    return {};
}

}  // namespace

bool is_tftp_request(ByteView bytes) {
    if (bytes.size() < 10 || at(bytes, 0) != 0 || (at(bytes, 1) != 1 && at(bytes, 1) != 2)) return false;
    const auto text = as_text(bytes.subspan(2));
    const auto end = text.find('\0');
    if (end == 0 || end == std::string_view::npos || end > 255) return false;
    auto mode = std::string(text.substr(end + 1, 8));
    std::transform(mode.begin(), mode.end(), mode.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return mode.starts_with("octet") || mode.starts_with("netascii");
}

bool is_pppp_port(std::uint16_t port) { return port == 32100 || port == 32108; }

bool is_pppp(ByteView datagram) {
    ByteReader in(datagram);
    const auto magic = in.u8();
    const auto type = in.u8();
    const std::size_t length = in.u16();
    if (in.failed() || magic != 0xf1 || length != datagram.size() - 4) return false;
    static constexpr std::array<std::uint8_t, 24> types{0x00, 0x01, 0x02, 0x10, 0x11, 0x12, 0x13, 0x14,
                                                        0x15, 0x20, 0x21, 0x30, 0x31, 0x40, 0x41, 0x42,
                                                        0x43, 0x50, 0x60, 0xd0, 0xd1, 0xe0, 0xe1, 0xf0};
    return std::find(types.begin(), types.end(), type) != types.end();
}

std::string detect_protocol(const Heads& heads) {
    if (heads.out.empty() && heads.in.empty()) return {};
    if (heads.transport == Transport::tcp) return detect_tcp(heads);
    if (heads.transport == Transport::udp) return detect_udp(heads);
    return {};
}

}  // namespace cambench::analysis
