#include "bench/internet/world/characterise.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "harness/wire/dtls_record.hpp"
#include "harness/wire/protocols.hpp"
#include "harness/wire/tunnel_protocols.hpp"
#include "harness/wire/tutk.hpp"

namespace cambench::internet {
namespace {

using namespace std::string_view_literals;
using Beginning = std::pair<std::string_view, std::string_view>;

/// Sources: vendors' private protocols as described for DHIP, DVRIP, Baichuan, PPPP, PTCP; file formats by
/// their magic numbers.
constexpr std::array beginnings{Beginning{"\x20\0\0\0DHIP"sv, protocol::dahua_dhip},
                                Beginning{"\xa0\x01\0\0"sv, protocol::dahua_dvrip},
                                Beginning{"\xa0\0\0\0"sv, protocol::dahua_dvrip},
                                Beginning{"\xa0\x05\0\0"sv, protocol::dahua_dvrip},
                                Beginning{"\xf6\0\0\0"sv, protocol::dahua_dvrip},
                                Beginning{"\xa3\x01\0\x01"sv, protocol::dahua_discovery},
                                Beginning{"PTCP"sv, protocol::dahua_ptcp},
                                Beginning{"DHGET "sv, protocol::dahua_p2p},
                                Beginning{"DHPOST "sv, protocol::dahua_p2p},
                                Beginning{"\xf0\xde\xbc\x0a"sv, protocol::reolink_baichuan},
                                Beginning{"\x3a\xcf\x87\x2a"sv, protocol::reolink_udp},
                                Beginning{"\x20\xcf\x87\x2a"sv, protocol::reolink_udp},
                                Beginning{"\x10\xcf\x87\x2a"sv, protocol::reolink_udp},
                                Beginning{"\0\0\x55\xaa"sv, protocol::tuya},
                                Beginning{"\xff\xd8\xff"sv, "jpeg"},
                                Beginning{"\0\0\x01\xba"sv, protocol::mpeg_ps},
                                Beginning{"\0\0\0\x01\x67"sv, "h264"},
                                Beginning{"\0\0\0\x01\x40"sv, "h265"},
                                Beginning{"RIFF"sv, "riff"},
                                Beginning{"\x89PNG"sv, "png"},
                                Beginning{"SSH-"sv, protocol::ssh},
                                Beginning{"EHLO "sv, protocol::smtp},
                                Beginning{"HELO "sv, protocol::smtp},
                                Beginning{"USER "sv, protocol::ftp},
                                Beginning{"DESCRIBE rtsp"sv, protocol::rtsp},
                                Beginning{"OPTIONS rtsp"sv, protocol::rtsp},
                                Beginning{"ANNOUNCE rtsp"sv, protocol::rtsp},
                                Beginning{"SETUP rtsp"sv, protocol::rtsp},
                                Beginning{"REGISTER sip"sv, protocol::sip},
                                Beginning{"INVITE sip"sv, protocol::sip},
                                Beginning{"NOTIFY * HTTP"sv, protocol::ssdp},
                                Beginning{"M-SEARCH * HTTP"sv, protocol::ssdp},
                                Beginning{"{"sv, "json"},
                                Beginning{"<?xml"sv, "xml"},
                                Beginning{"\x7f"
                                          "ELF"sv,
                                          "elf"},
                                Beginning{"PK\x03\x04"sv, "zip"},
                                Beginning{"\x1f\x8b"sv, "gzip"},
                                Beginning{"\x16\x03"sv, protocol::tls},
                                Beginning{"\x16\xfe"sv, protocol::dtls},
                                Beginning{"\x05\x01\0"sv, protocol::socks5}};

std::string_view by_beginning(std::string_view text) {
    for (const auto& [beginning, name] : beginnings)
        if (text.starts_with(beginning)) return name;
    return "";
}

bool is_mqtt_connect(std::string_view text) {
    return text.size() > 8 && text[0] == 0x10 &&
           (text.substr(2).starts_with("\0\x04MQTT"sv) || text.substr(2).starts_with("\0\x06MQIsdp"sv) ||
            text.substr(3).starts_with("\0\x04MQTT"sv));
}

std::string_view text_or_binary(std::string_view text) {
    if (text.empty()) return "none";
    const auto printable = [](unsigned char c) {
        return (c >= 0x20 && c < 0x7f) || c == '\r' || c == '\n' || c == '\t';
    };
    return std::all_of(text.begin(), text.end(), printable) ? "text" : "binary";
}

bool is_pppp(ByteView datagram) {
    ByteReader reader(datagram);
    const auto magic = reader.u8();
    reader.skip(1);
    return magic == 0xf1 && reader.u16() + 4U == datagram.size() && !reader.failed();
}

bool is_stun(ByteView datagram) {
    ByteReader reader(datagram);
    const auto kind = reader.u16(), length = reader.u16();
    return (kind & 0xc000) == 0 && reader.u32() == 0x2112a442 && !reader.failed() &&
           length + 20U == datagram.size();
}

}  // namespace

std::string_view characterise_stream(ByteView first_bytes) {
    const auto text = as_text(first_bytes);
    if (const auto tunnel = tunnel_protocol(first_bytes, Transport::tcp, 0); !tunnel.empty()) return tunnel;
    if (const auto known = by_beginning(text); !known.empty()) return known;
    if (is_mqtt_connect(text)) return protocol::mqtt;
    if (text.size() > 8 && text.substr(4, 4) == "ftyp") return "mp4";
    return text_or_binary(text.substr(0, 256));
}

std::string_view characterise_datagram(ByteView datagram, std::uint16_t destination_port) {
    const auto text = as_text(datagram);
    if (is_stun(datagram)) return protocol::stun;
    if (is_pppp(datagram)) return protocol::pppp;
    if (is_tutk(datagram)) return protocol::tutk;
    if (is_dtls(datagram)) return protocol::dtls;
    if (const auto tunnel = tunnel_protocol(datagram, Transport::udp, destination_port); !tunnel.empty())
        return tunnel;
    if (destination_port == 3702) return protocol::ws_discovery;
    if (destination_port == 37020) return protocol::sadp;
    if (destination_port == 5353) return protocol::mdns;
    if (destination_port == 5355) return protocol::llmnr;
    if (destination_port == 137) return protocol::netbios_ns;
    if (destination_port == 69 && datagram.size() > 4 && text[0] == 0) return protocol::tftp;
    if (const auto known = by_beginning(text); !known.empty()) return known;
    if (destination_port == 514 && text.starts_with('<')) return protocol::syslog;
    if (destination_port == 443 && datagram.size() >= 1200 &&
        (std::to_integer<unsigned>(datagram[0]) & 0xc0) == 0xc0)
        return protocol::quic;
    return text_or_binary(text.substr(0, 256));
}

std::string_view port_protocol(Transport transport, std::uint16_t port) {
    const auto word = protocol::word_of_port(transport, port);
    return word.empty() ? "unknown" : word;
}

}  // namespace cambench::internet
