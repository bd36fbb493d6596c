#include "harness/wire/tunnel_protocols.hpp"

#include <algorithm>
#include <array>

namespace cambench {
namespace {

using namespace std::string_view_literals;

bool all_zero(ByteView bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](std::byte byte) { return byte == std::byte{}; });
}

/// A handshake's first message has one size; what follows it is only told at the usual port.
bool is_wireguard(ByteView datagram, std::uint16_t port) {
    constexpr std::uint16_t usual_port = 51820;
    constexpr std::size_t initiation = 148, response = 92, cookie = 64, least_data = 32;
    ByteReader reader(datagram);
    const auto type = reader.u32();
    if (reader.failed()) return false;
    if (type == 0x01000000) return datagram.size() == initiation && !all_zero(datagram.subspan(8, 32));
    if (port != usual_port) return false;
    return (type == 0x02000000 && datagram.size() == response) ||
           (type == 0x03000000 && datagram.size() == cookie) ||
           (type == 0x04000000 && datagram.size() >= least_data && datagram.size() % 16 == 0);
}

/// The client's first packet: plain, or signed (its count and time before an acknowledgement of nothing), or
/// encrypted.
bool is_openvpn(ByteView packet) {
    constexpr std::size_t plain = 14, encrypted = 54, head = 9;
    constexpr std::array<std::size_t, 6> digests{16, 20, 28, 32, 48, 64};
    if (packet.size() < plain) return false;
    const auto first = std::to_integer<unsigned>(packet[0]);
    const auto count_at = [&](std::size_t at) {
        ByteReader reader(packet.subspan(at));
        const auto count = reader.u32();
        return !reader.failed() && count >= 1 && count <= 0xff;
    };
    if (all_zero(packet.subspan(1, 8))) return false;
    constexpr unsigned reset_v2 = 7U << 3, reset_v3 = 10U << 3;
    if (first == reset_v3) return packet.size() > encrypted && count_at(head);
    if (first != reset_v2) return false;
    if (packet.size() == plain) return all_zero(packet.subspan(head));
    if (packet.size() == encrypted && count_at(head)) return true;
    return std::any_of(digests.begin(), digests.end(), [&](std::size_t digest) {
        return packet.size() == plain + digest + 8 && count_at(head + digest) && all_zero(packet.last(5));
    });
}

bool is_openvpn_stream(ByteView bytes) {
    ByteReader reader(bytes);
    const std::size_t length = reader.u16();
    return !reader.failed() && length <= bytes.size() - 2 && is_openvpn(bytes.subspan(2, length));
}

/// ISAKMP's head: versions 1 and 2, an exchange and a first payload that there are, and its whole length.
bool is_ike(ByteView datagram) {
    if (datagram.size() < 28 || all_zero(datagram.first(8))) return false;
    ByteReader reader(datagram.subspan(16));
    const auto payload = reader.u8(), version = reader.u8(), exchange = reader.u8();
    reader.skip(5);
    const auto length = reader.u32();
    if (reader.failed() || length != datagram.size()) return false;
    if (version >> 4 == 2)
        return exchange >= 34 && exchange <= 43 && (payload == 0 || (payload >= 33 && payload <= 54));
    const bool known = exchange == 1 || exchange == 2 || (exchange >= 4 && exchange <= 6) || exchange == 32 ||
                       exchange == 33;
    return version >> 4 == 1 && known && payload <= 30;
}

std::string_view behind_nat(ByteView datagram) {
    if (datagram.size() > 4 && all_zero(datagram.first(4))) return is_ike(datagram.subspan(4)) ? "ike" : "";
    if (datagram.size() == 1 && datagram[0] == std::byte{0xff}) return "ike";
    ByteReader reader(datagram);
    constexpr std::uint32_t least_index = 256, first_counts = 0x10000;
    const auto index = reader.u32(), count = reader.u32();
    return !reader.failed() && datagram.size() >= 28 && index >= least_index && count >= 1 &&
                   count < first_counts
               ? "esp"
               : "";
}

/// A control message: its length, and a message type as its first value, or nothing but an acknowledgement.
bool is_l2tp(ByteView datagram) {
    ByteReader reader(datagram);
    const auto flags = reader.u16(), length = reader.u16();
    const auto version = flags & 0x000f;
    if (reader.failed() || (flags & 0xc800) != 0xc800 || (flags & 0x37f0) != 0 ||
        (version != 2 && version != 3) || length != datagram.size())
        return false;
    reader.skip(8);
    if (reader.failed()) return false;
    if (reader.empty()) return true;
    const auto value = reader.u16(), vendor = reader.u16(), type = reader.u16();
    return !reader.failed() && (value & 0x3ff) == 8 && vendor == 0 && type == 0;
}

/// IPv6 in UDP by RFC 4380: addresses of Teredo, or a router's solicitation, behind what tells who asks and
/// from where.
bool is_teredo(ByteView datagram, std::uint16_t port) {
    constexpr std::uint16_t usual_port = 3544;
    ByteReader reader(datagram);
    if (datagram.size() > 2 && all_zero(datagram.first(1)) && datagram[1] == std::byte{1}) {
        reader.skip(2);
        const std::size_t id = reader.u8(), value = reader.u8();
        reader.skip(id + value + 9);
    }
    const auto before_origin = reader.position();
    if (reader.u16() != 0)
        reader.seek(before_origin);
    else
        reader.skip(6);
    const auto packet = reader.rest();
    if (reader.failed() || packet.size() < 40 || std::to_integer<unsigned>(packet[0]) >> 4 != 6) return false;
    ByteReader head(packet.subspan(4));
    const std::size_t length = head.u16();
    if (length + 40 != packet.size()) return false;
    const auto of_teredo = [&](std::size_t at) { return as_text(packet.subspan(at, 4)) == "\x20\x01\0\0"sv; };
    return of_teredo(8) || of_teredo(24) || port == usual_port;
}

/// The first packet of a handshake: version 1, no index known yet, the first of its count.
bool is_nebula(ByteView datagram) {
    return datagram.size() > 48 && as_text(datagram).starts_with("\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01"sv);
}

/// "0 name 17.7": who greets, and the version of the protocol.
bool is_tinc(std::string_view text) {
    if (!text.starts_with("0 ")) return false;
    const auto line =
        text.substr(2, text.substr(0, 256).find('\n') == std::string_view::npos ? 0 : text.find('\n') - 2);
    const auto space = line.find(' ');
    if (space == std::string_view::npos || space == 0) return false;
    const auto name = line.substr(0, space), version = line.substr(space + 1);
    const auto is_name = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '?' || c == '-' || c == '.';
    };
    return std::all_of(name.begin(), name.end(), is_name) && version.starts_with("1") &&
           version.find_first_not_of("0123456789.") == std::string_view::npos && version.size() <= 6;
}

/// RIST's tunnel: GRE in UDP with the numbers of that forum; or RTCP with a packet of its own.
bool is_rist(ByteView datagram) {
    ByteReader reader(datagram);
    const auto flags = reader.u16(), protocol = reader.u16();
    if (reader.failed()) return false;
    if ((flags & 0xcfc0) == 0 && (protocol == 0x88b5 || protocol == 0x88b6 || protocol == 0xcce0))
        return datagram.size() >= 8;
    ByteReader reports(datagram);
    while (!reports.empty()) {
        const auto first = reports.u8(), type = reports.u8();
        const auto content = reports.take(std::size_t{4} * reports.u16());
        if (reports.failed() || first >> 6 != 2 || type < 200 || type > 206) return false;
        if (type == 204 && content.size() >= 8 && as_text(content.subspan(4, 4)) == "RIST") return true;
    }
    return false;
}

/// Capabilities and settings come first (RFC 8323, 5.3): code 7.01, and no other options than those there
/// are.
bool is_coap_stream(ByteView bytes) {
    ByteReader reader(bytes);
    const auto first = reader.u8();
    std::size_t length = first >> 4;
    if (length == 13)
        length = reader.u8() + 13U;
    else if (length > 13)
        return false;
    constexpr std::uint8_t settings = 0xe1;
    if ((first & 15U) > 8 || reader.u8() != settings) return false;
    reader.skip(first & 15U);
    ByteReader options(reader.take(length));
    if (reader.failed()) return false;
    unsigned number = 0;
    while (!options.empty()) {
        const auto byte = options.u8();
        number += byte >> 4;
        options.skip(byte & 15U);
        if (options.failed() || (number != 2 && number != 4)) return false;
    }
    return true;
}

bool is_xmpp(std::string_view text) {
    const auto start = text.substr(0, 1024);
    if (!start.starts_with("<")) return false;
    if (start.find("urn:ietf:params:xml:ns:xmpp-framing") != std::string_view::npos) return true;
    return start.find("<stream:stream") != std::string_view::npos &&
           (start.find("jabber:") != std::string_view::npos ||
            start.find("etherx.jabber.org") != std::string_view::npos);
}

}  // namespace

std::string_view tunnel_protocol(ByteView first, Transport transport, std::uint16_t port) {
    constexpr std::uint16_t nat_traversal = 4500;
    if (first.empty()) return "";
    if (transport == Transport::tcp) {
        if (is_tinc(as_text(first))) return "tinc";
        if (is_xmpp(as_text(first))) return "xmpp";
        if (is_coap_stream(first)) return "coap+tcp";
        return is_openvpn_stream(first) ? "openvpn" : "";
    }
    if (transport != Transport::udp) return "";
    if (is_wireguard(first, port)) return "wireguard";
    if (is_openvpn(first)) return "openvpn";
    if (is_ike(first)) return "ike";
    if (first.size() > 4 && all_zero(first.first(4)) && is_ike(first.subspan(4))) return "ike";
    if (is_l2tp(first)) return "l2tp";
    if (is_nebula(first)) return "nebula";
    if (is_rist(first)) return "rist";
    if (as_text(first).starts_with("TS\xf0\x9f\x92\xac")) return "tailscale";
    if (is_teredo(first, port)) return "teredo";
    return port == nat_traversal ? behind_nat(first) : "";
}

bool begins_transport_stream(ByteView first) {
    constexpr std::size_t packet = 188;
    constexpr std::byte sync{0x47};
    if (first.size() <= packet || as_text(first).starts_with("GET ")) return false;
    for (std::size_t at = 0; at < first.size(); at += packet)
        if (first[at] != sync) return false;
    return true;
}

bool begins_syslog(std::string_view text) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    std::size_t digits = 0;
    while (digits < text.size() && digits < 6 && is_digit(text[digits])) ++digits;
    if (digits > 0 && (digits >= text.size() || text[digits] != ' ')) return false;
    if (digits > 0) text.remove_prefix(digits + 1);
    const auto close = text.substr(0, 6).find('>');
    if (!text.starts_with('<') || close == std::string_view::npos || close < 2 || close > 4) return false;
    if (!std::all_of(text.begin() + 1, text.begin() + static_cast<std::ptrdiff_t>(close), is_digit))
        return false;
    const auto rest = text.substr(close + 1);
    if (rest.starts_with("1 ") && rest.size() > 6) return rest.starts_with("1 - ") || is_digit(rest[2]);
    static constexpr std::array<std::string_view, 12> months{"Jan ", "Feb ", "Mar ", "Apr ", "May ", "Jun ",
                                                             "Jul ", "Aug ", "Sep ", "Oct ", "Nov ", "Dec "};
    return std::any_of(months.begin(), months.end(), [&](auto month) { return rest.starts_with(month); });
}

}  // namespace cambench
