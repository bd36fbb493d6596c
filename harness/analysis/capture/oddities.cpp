#include "harness/analysis/capture/oddities.hpp"

#include <zlib.h>

#include <algorithm>

#include "harness/analysis/capture/packet.hpp"
#include "harness/wire/ethertypes.hpp"

namespace cambench::analysis {
namespace {

bool all_zero(ByteView bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](std::byte one) { return one == std::byte{0}; });
}

/// The check sum that Ethernet puts behind each frame, which some recorders keep.
bool ends_in_check_sum(ByteView frame) {
    constexpr std::size_t sum_length = 4;
    if (frame.size() < sum_length) return false;
    const auto covered = frame.first(frame.size() - sum_length);
    const auto sum = ::crc32(0, reinterpret_cast<const unsigned char*>(covered.data()),
                             static_cast<unsigned>(covered.size()));
    return ByteReader(frame.last(sum_length)).u32_le() == sum;
}

std::string_view odd_tcp_options(ByteView options) {
    enum Kind : std::uint8_t {
        end = 0,
        nothing = 1,
        segment_size = 2,
        window_scale = 3,
        selective_permitted = 4,
        selective = 5,
        timestamps = 8,
        fast_open = 34
    };
    constexpr std::string_view odd = "an unusual option of TCP";
    ByteReader in(options);
    while (!in.empty()) {
        const auto kind = in.u8();
        if (kind == nothing) continue;
        if (kind == end) return all_zero(in.rest()) ? std::string_view() : "data behind the options of TCP";
        const auto length = in.u8();
        if (in.failed() || length < 2) return odd;
        in.skip(length - 2U);
        const bool known = (kind == segment_size && length == 4) || (kind == window_scale && length == 3) ||
                           (kind == selective_permitted && length == 2) ||
                           (kind == selective && length >= 10 && (length - 2) % 8 == 0) ||
                           (kind == timestamps && length == 10) || (kind == fast_open && length == 2);
        if (!known || in.failed()) return odd;
    }
    return {};
}

}  // namespace

std::string_view odd_ipv4_options(ByteView options) {
    enum Kind : std::uint8_t {
        end = 0,
        nothing = 1,
        loose_route = 131,
        strict_route = 137,
        router_alert = 148
    };
    ByteReader in(options);
    while (!in.empty()) {
        const auto kind = in.u8();
        if (kind == nothing) continue;
        if (kind == end) return all_zero(in.rest()) ? std::string_view() : "data behind the options of IPv4";
        if (kind == loose_route || kind == strict_route)
            return "a source route of IPv4, by hosts that its addresses do not name";
        if (kind != router_alert || in.u8() != 4 || in.u16() != 0 || in.failed())
            return "an unusual option of IPv4";
    }
    return {};
}

std::string_view odd_ipv6_extension(std::uint8_t kind, ByteView content) {
    constexpr std::uint8_t hop_by_hop = 0, routing = 43, authentication = 51, destination = 60;
    if (kind == routing) return "a source route of IPv6, by hosts that its addresses do not name";
    if (kind == authentication) return "an authentication header of IPsec";
    if (kind != hop_by_hop && kind != destination) return "an unusual extension header of IPv6";
    enum Option : std::uint8_t { pad_one = 0, pad = 1, router_alert = 5 };
    ByteReader in(content);
    while (!in.empty()) {
        const auto option = in.u8();
        if (option == pad_one) continue;
        const auto value = in.take(in.u8());
        if (in.failed() || (option == pad && !all_zero(value)))
            return "data in the padding of an extension header of IPv6";
        constexpr std::byte most_of_router_alert{3};
        const bool alert = option == router_alert && value.size() == 2 && value[0] == std::byte{0} &&
                           value[1] <= most_of_router_alert;
        if (option != pad && !alert) return "an unusual option of IPv6";
    }
    return {};
}

std::string_view odd_tcp_header(ByteView header, std::size_t length) {
    constexpr unsigned fin = 1, syn = 2, rst = 4, ack = 16, urgent = 32, reserved = 0x0e00;
    constexpr std::size_t fixed = 20;
    ByteReader in(header);
    in.skip(8);
    const auto acknowledgment = in.u32();
    const unsigned flags = in.u16();
    in.skip(4);
    const auto urgent_to = in.u16();
    if (in.failed()) return {};
    const auto has = [&](unsigned flag) { return (flags & flag) != 0; };
    if (has(urgent) || urgent_to != 0) return "urgent data of TCP";
    if (has(reserved)) return "reserved bits of TCP";
    if (!has(ack) && !has(syn) && !has(rst)) return "a TCP segment without the flags of a connection";
    if (has(syn) && (has(fin) || has(rst))) return "a TCP segment with flags that exclude each other";
    if (has(syn) && !has(ack) && acknowledgment != 0) return "data in the opening of a TCP connection";
    if (length > 0 && has(syn)) return "data in the opening of a TCP connection";
    if (length > 0 && has(rst)) return "data in a TCP segment that breaks the connection";
    return odd_tcp_options(header.subspan(fixed));
}

std::string_view odd_trailer(ByteView frame, std::size_t end) {
    if (end >= frame.size()) return {};
    const auto trailer = frame.subspan(end);
    constexpr std::size_t sum_length = 4;
    if (all_zero(trailer)) return {};
    if (trailer.size() >= sum_length && all_zero(trailer.first(trailer.size() - sum_length)) &&
        ends_in_check_sum(frame))
        return {};
    return "data in the padding of a frame";
}

namespace {

std::string_view unless(bool fine, std::string_view what) { return fine ? std::string_view() : what; }

std::string_view odd_igmp(ByteView message) {
    constexpr std::uint8_t query = 0x11, report1 = 0x12, report2 = 0x16, leave = 0x17, report3 = 0x22;
    constexpr std::size_t plain_length = 8, record_head = 8;
    ByteReader in(message);
    const auto type = in.u8();
    in.skip(5);
    const auto records = in.u16();
    if (type == query || type == report1 || type == report2 || type == leave)
        return unless(message.size() == plain_length, "data behind an IGMP message");
    if (type != report3) return "an IGMP message of an unknown kind";
    for (unsigned i = 0; i < records && !in.failed(); ++i) {
        ByteReader head(in.take(record_head));
        head.skip(1);
        const auto auxiliary = head.u8();
        const std::size_t sources = head.u16();
        if (auxiliary != 0) return "auxiliary data in an IGMP report";
        in.skip(sources * 4);
    }
    return unless(!in.failed() && in.empty(), "data behind an IGMP message");
}

/// MLDv2's records (RFC 3810, 5.2), as far as they go.
std::string_view odd_mld_report(ByteReader in) {
    while (!in.empty()) {
        in.skip(1);
        const auto auxiliary = in.u8();
        const std::size_t sources = in.u16();
        in.skip(16 + sources * 16);
        if (in.failed() || auxiliary != 0) return "data behind an MLD report";
    }
    return {};
}

/// Options of neighbour discovery: link-layer addresses, a prefix, an MTU, a nonce, routes and resolvers.
std::string_view odd_neighbour_discovery(std::uint8_t type, ByteReader in) {
    constexpr std::uint8_t solicitation = 133, advertisement = 134, redirect = 137;
    in.skip(type == solicitation ? 0 : type == advertisement ? 8 : type == redirect ? 32 : 16);
    if (in.failed()) return "a torn message of neighbour discovery";
    constexpr std::string_view known("\x01\x02\x03\x05\x0e\x18\x19\x1f");
    while (!in.empty()) {
        const auto option = static_cast<char>(in.u8());
        const std::size_t length = in.u8() * 8U;
        const bool address = option == 1 || option == 2 || option == 5 || option == 14;
        const bool fine = length != 0 && known.find(option) != std::string_view::npos &&
                          (!address || length == 8) && (type == advertisement || address);
        if (!fine) return "an unusual option of neighbour discovery";
        in.skip(length - 2);
        if (in.failed()) return "data behind a message of neighbour discovery";
    }
    return {};
}

std::string_view odd_icmpv6(const Packet& packet) {
    const auto type = packet.icmp.type;
    const ByteReader in(packet.payload);
    constexpr std::size_t group_address = 16, query2_rest = 20;
    if (type >= 133 && type <= 137) return odd_neighbour_discovery(type, in);
    if (type == 131 || type == 132)
        return unless(packet.payload.size() == group_address, "data behind an MLD message");
    if (type == 130)
        return unless(packet.payload.size() == group_address || packet.payload.size() == query2_rest,
                      "data behind an MLD message");
    if (type == 143) return odd_mld_report(in);
    if (type >= 151 && type <= 153)
        return unless(packet.payload.empty(), "data behind a message of multicast router discovery");
    return {};
}

bool skip_name(ByteReader& in) {
    for (;;) {
        const auto length = in.u8();
        if (in.failed()) return false;
        if (length == 0) return true;
        if ((length & 0xc0) == 0xc0) return in.u8(), !in.failed();
        in.skip(length);
    }
}

/// Options of EDNS that say nothing of their own: a cookie, padding, a subnet, requests for a name server's
/// name and for a timeout.
bool is_usual_edns(ByteReader in) {
    constexpr std::uint16_t server_name = 3, subnet = 8, cookie = 10, keepalive = 11, padding = 12;
    while (!in.empty()) {
        const auto code = in.u16();
        const auto value = in.take(in.u16());
        if (in.failed()) return false;
        const bool usual =
            ((code == server_name || code == keepalive) && value.empty()) ||
            (code == subnet && value.size() <= 20) ||
            (code == cookie && (value.size() == 8 || (value.size() >= 16 && value.size() <= 40))) ||
            (code == padding && all_zero(value));
        if (!usual) return false;
    }
    return true;
}

/// DNS and its kin. On the local network questions bring what is known already and what is claimed.
std::string_view odd_dns_message(ByteView message, bool local) {
    constexpr std::uint16_t edns = 41;
    ByteReader in(message);
    in.skip(2);
    const bool response = (in.u16() & 0x8000) != 0;
    const unsigned questions = in.u16();
    const unsigned records = in.u16() + in.u16() + in.u16();
    for (unsigned i = 0; i < questions; ++i) {
        if (!skip_name(in)) return "a torn DNS message";
        in.skip(4);
    }
    for (unsigned i = 0; i < records; ++i) {
        if (!skip_name(in)) return "a torn DNS message";
        const auto type = in.u16();
        in.skip(6);
        const auto data = in.take(in.u16());
        if (in.failed()) return "a torn DNS message";
        if (response || local) continue;
        if (type != edns) return "records in a question of DNS";
        if (!is_usual_edns(ByteReader(data))) return "an unusual option in a question of DNS";
    }
    return in.failed() ? "a torn DNS message" : unless(in.empty(), "data behind the end of a DNS message");
}

/// Of a client: fields that only servers fill, and what stands behind the last option.
std::string_view odd_dhcp(ByteView message) {
    constexpr std::uint8_t request = 1, hardware_length = 6, pad = 0, end = 255, overload = 52;
    ByteReader in(message);
    if (in.u8() != request) return {};
    in.skip(1);
    const auto length = in.u8();
    in.skip(25);
    const auto hardware = in.take(16);
    const auto names = in.take(64 + 128);
    in.skip(4);
    if (in.failed()) return "a torn DHCP message";
    if (length <= hardware_length && !all_zero(hardware.subspan(hardware_length)))
        return "data behind the client's address in a DHCP message";
    bool overloaded = false;
    while (!in.empty()) {
        const auto option = in.u8();
        if (option == pad) continue;
        if (option == end) break;
        overloaded = overloaded || option == overload;
        in.skip(in.u8());
    }
    if (in.failed()) return "a torn DHCP message";
    if (overloaded || !all_zero(names))
        return "data in the names of server and file in a client's DHCP message";
    return unless(all_zero(in.rest()), "data behind the options of a DHCP message");
}

std::string_view odd_dhcpv6(ByteView message) {
    ByteReader in(message);
    in.skip(4);
    while (!in.empty()) {
        in.skip(2);
        in.skip(in.u16());
    }
    return unless(!in.failed(), "data behind the options of a DHCPv6 message");
}

bool is_text(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](unsigned char c) { return c == '\t' || c == '\r' || c == '\n' || c >= ' '; });
}

std::string_view odd_ssdp(std::string_view text) {
    const auto end = text.find("\r\n\r\n");
    if (end != std::string_view::npos && end + 4 != text.size()) return "data behind an SSDP message";
    return unless(is_text(text), "an SSDP message that is no text");
}

std::string_view odd_ws_discovery(std::string_view text) {
    const auto end = text.find_last_of('>');
    const auto behind = end == std::string_view::npos ? text : text.substr(end + 1);
    return unless(is_text(text) && behind.find_first_not_of(" \t\r\n") == std::string_view::npos,
                  "data behind a message of WS-Discovery");
}

std::string_view odd_udp(const Packet& packet) {
    constexpr std::size_t ntp_length = 48;
    if (packet.payload.empty() || packet.payload.size() < packet.length) return {};
    const auto speaks = [&](std::uint16_t port) {
        return packet.target_port == port || packet.source_port == port;
    };
    if (packet.target_port == 123)
        return unless(packet.payload.size() == ntp_length, packet.payload.size() < ntp_length
                                                               ? "a torn NTP message"
                                                               : "data behind the time in an NTP message");
    if (packet.target_port == 53) return odd_dns_message(packet.payload, false);
    if (speaks(5353) || speaks(5355) || packet.target_port == 137)
        return odd_dns_message(packet.payload, true);
    if (packet.target_port == 67) return odd_dhcp(packet.payload);
    if (packet.target_port == 547) return odd_dhcpv6(packet.payload);
    if (speaks(1900)) return odd_ssdp(as_text(packet.payload));
    return packet.target_port == 3702 ? odd_ws_discovery(as_text(packet.payload)) : std::string_view();
}

}  // namespace

std::string_view odd_content(const Packet& packet) {
    constexpr std::uint8_t igmp = 2, icmpv6 = 58, no_next_header = 59;
    if (packet.protocol == igmp) return odd_igmp(packet.payload);
    if (packet.protocol == icmpv6) return odd_icmpv6(packet);
    if (packet.protocol == no_next_header) return "a datagram that says it carries nothing";
    if (packet.is_udp()) return odd_udp(packet);
    return unless(packet.is_tcp() || packet.is_icmp(), "datagrams of a protocol that nothing here reads");
}

namespace {

/// Groups that no bridge forwards (IEEE 802.1D, table 7-10): what goes there ends at the next device.
bool ends_at_the_link(const MacAddress& to) {
    const auto bytes = to.bytes();
    constexpr std::array<std::uint8_t, 5> prefix{0x01, 0x80, 0xc2, 0x00, 0x00};
    const bool same = std::equal(prefix.begin(), prefix.end(), bytes.begin(),
                                 [](std::uint8_t a, std::byte b) { return std::byte{a} == b; });
    return same && bytes[5] <= std::byte{0x0f};
}

/// Cisco's discovery: version, time to live, check sum, then type, length and value until the end.
bool is_whole_cdp(ByteReader in) {
    constexpr std::size_t snap_header = 8, cdp_header = 4;
    in.skip(snap_header + cdp_header);
    while (!in.empty()) {
        in.skip(2);
        const auto length = in.u16();
        if (length < 4) return false;
        in.skip(length - 4U);
    }
    return !in.failed();
}

}  // namespace

std::string_view odd_link_frame(const Packet& packet) {
    if (!packet.odd.empty()) return packet.odd;
    constexpr std::uint16_t least_type = 0x0600;
    auto content = packet.payload;
    if (packet.ethertype < least_type) {
        if (packet.ethertype > content.size()) return "an 802.3 frame that is longer than it was";
        if (!all_zero(content.subspan(packet.ethertype))) return "data in the padding of a frame";
        content = content.first(packet.ethertype);
    }
    const auto meaning = meaning_of_frame(packet.ethertype, packet.payload);
    if (meaning.name.empty()) return "frames of a kind that nobody knows";
    if (meaning.carries_data) return "frames that carry data beside IP";
    if (!packet.target_mac || ends_at_the_link(*packet.target_mac)) return {};
    if (packet.ethertype < least_type && meaning.name.starts_with("Cisco") && packet.target_mac->is_group())
        return unless(is_whole_cdp(ByteReader(content)), "data behind a message of Cisco's discovery");
    // A loop test, an address asked for: a few fields and zeros.
    constexpr std::size_t most_fields = 28;
    const auto rest = content.size() > most_fields ? content.subspan(most_fields) : ByteView();
    return unless(packet.target_mac->is_group() && all_zero(rest),
                  "frames beside IP with more in them than keeps a link in order");
}

}  // namespace cambench::analysis
