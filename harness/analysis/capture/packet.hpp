#pragma once

#include <optional>
#include <string>

#include "harness/analysis/capture/capture_reader.hpp"
#include "harness/analysis/observations/observations.hpp"
#include "harness/core/ip.hpp"

namespace cambench::analysis {

struct ArpFields {
    std::uint16_t operation = 0;  ///< 1 request, 2 reply
    MacAddress sender_mac;
    IpAddress sender, target;
};

struct TcpFields {
    std::uint32_t sequence = 0, acknowledgment = 0;
    bool fin = false, syn = false, rst = false, ack = false;
};

struct IcmpFields {
    std::uint8_t type = 0, code = 0;
    std::uint16_t id = 0;
    bool error = false;  ///< payload is the start of the datagram complained about
};

struct FragmentFields {
    std::uint32_t id = 0;
    std::uint32_t offset = 0;  ///< bytes
    bool more = false;
};

/// A decoded frame. `payload` points into the frame.
struct Packet {
    enum class Kind { arp, ip, other } kind = Kind::other;
    /// From which side of the wire it came, where the recorder stood between the camera and the bench and
    /// told.
    enum class Side : std::uint8_t { unknown, camera, bench } side = Side::unknown;
    FrameRef frame;
    std::optional<MacAddress> source_mac, target_mac;
    std::uint16_t ethertype = 0;  ///< below 0x0600: the length of an 802.3 frame
    bool carries_mirror = false;  ///< what it carries was taken for the recording: see reading.hpp

    ArpFields arp;

    IpAddress source, target;
    std::uint8_t protocol = 0;               ///< of IP: 6, 17, 1, 58, ...
    std::uint16_t ip_id = 0;                 ///< of IPv4
    std::optional<FragmentFields> fragment;  ///< not whole: `payload` is the fragment's, ports are not set
    std::uint16_t source_port = 0, target_port = 0;
    TcpFields tcp;
    IcmpFields icmp;
    std::size_t length = 0;  ///< of the payload on the wire
    ByteView payload;        ///< as far as it was recorded; of other frames all behind the type
    /// What it carries that its headers have no room for, or that cannot be read; "": nothing (see
    /// oddities.hpp). The first thing found.
    std::string_view odd;
    bool readable = true;  ///< false: its IP or ARP is damaged, and it is of kind `other`

    void note_odd(std::string_view what) {
        if (odd.empty()) odd = what;
    }
    [[nodiscard]] bool is_tcp() const { return protocol == 6; }
    [[nodiscard]] bool is_udp() const { return protocol == 17; }
    [[nodiscard]] bool is_icmp() const { return protocol == 1 || protocol == 58; }
};

/// Decodes link, network and transport headers. nullopt: the link's header is damaged or of an unknown type.
[[nodiscard]] std::optional<Packet> decode_frame(const RawFrame& frame);

/// Decodes the transport header of `packet`, whose `payload` is all that follows the IP header (after
/// reassembly). `wire_length` is its length on the wire. False when it is damaged.
bool decode_transport(Packet& packet, ByteView content, std::size_t wire_length);

/// What frames of a link type that is not read are, for people; "" for those that are read.
[[nodiscard]] std::string unread_link(std::uint16_t link_type);

/// The start of a datagram inside an ICMP error: addresses, protocol and ports.
[[nodiscard]] std::optional<Packet> decode_quoted(ByteView bytes, IpAddress::Family family);
/// The same with the beginning of its payload, as far as it was quoted. nullopt, too, where more follows than
/// the datagram had.
[[nodiscard]] std::optional<Packet> decode_quoted_content(ByteView bytes, IpAddress::Family family);

}  // namespace cambench::analysis
