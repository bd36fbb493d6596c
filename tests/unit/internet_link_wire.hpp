#pragma once

#include <fmt/format.h>
#include <algorithm>
#include <random>
#include <set>

#include "bench/internet/link/link.hpp"
#include "harness/wire/dhcp_message.hpp"
#include "tests/catch.hpp"
#include "tests/unit/internet_support.hpp"

/// Frames that a camera sends to the link, and a link with what it said.
namespace cambench::link_wire {

using namespace cambench::internet;

inline const auto camera_mac = MacAddress::parse("02:4b:52:00:00:01").value();
inline const auto bench_mac = MacAddress::parse("02:00:00:00:77:01").value();
inline const auto everyone = MacAddress::parse("ff:ff:ff:ff:ff:ff").value();

inline Bytes arp_request(std::string_view asker, std::string_view wanted) {
    ByteWriter arp;
    arp.u16(1)
        .u16(0x0800)
        .u8(6)
        .u8(4)
        .u16(1)
        .bytes(camera_mac.bytes())
        .bytes(ip(asker).bytes())
        .zeros(6)
        .bytes(ip(wanted).bytes())
        .zeros(18);
    return ethernet_frame(everyone, camera_mac, ethertype::arp, arp.view());
}

inline Bytes solicitation(std::string_view asker, std::string_view wanted, std::uint8_t hop_limit = 255) {
    ByteWriter message;
    message.u8(135).u8(0).u16(0).u32(0).bytes(ip(wanted).bytes()).u8(1).u8(1).bytes(camera_mac.bytes());
    const auto group = ip("ff02::1:ff00:1");
    message.patch_u16(2, transport_checksum(ip(asker), group, 58, message.view()));
    return ethernet_frame(multicast_mac(group), camera_mac, ethertype::ipv6,
                          ip_packet(ip(asker), group, 58, message.view(), hop_limit));
}

inline Bytes echo(std::string_view destination) {
    const bool v4 = ip(destination).is_v4();
    const auto source = ip(v4 ? "192.168.77.100" : "2001:2:0:1::100");
    ByteWriter message;
    message.u8(v4 ? 8 : 128).u8(0).u16(0).u16(77).u16(1).text("ping payload");
    message.patch_u16(2, v4 ? internet_checksum(message.view())
                            : transport_checksum(source, ip(destination), 58, message.view()));
    return ethernet_frame(bench_mac, camera_mac, v4 ? ethertype::ipv4 : ethertype::ipv6,
                          ip_packet(source, ip(destination), v4 ? 1 : 58, message.view()));
}

struct DhcpQuestion {
    dhcp::Kind kind = dhcp::Kind::discover;
    std::string wanted = {}, server = {}, client_address = "0.0.0.0", host_name = "AMC020SC43PJ749D66";
    bool broadcast = false;
    MacAddress mac = camera_mac;
};

inline Bytes dhcp_message(const DhcpQuestion& question) {
    ByteWriter writer;
    writer.u8(1)
        .u8(1)
        .u8(6)
        .u8(0)
        .u32(0x12345678)
        .u16(0)
        .u16(question.broadcast ? 0x8000 : 0)
        .bytes(ip(question.client_address).bytes())
        .zeros(12);
    writer.bytes(question.mac.bytes())
        .zeros(10 + 64 + 128)
        .u32(0x63825363)
        .u8(53)
        .u8(1)
        .u8(static_cast<std::uint8_t>(question.kind));
    if (!question.wanted.empty()) writer.u8(50).u8(4).bytes(ip(question.wanted).bytes());
    if (!question.server.empty()) writer.u8(54).u8(4).bytes(ip(question.server).bytes());
    writer.u8(12).u8(static_cast<std::uint8_t>(question.host_name.size())).text(question.host_name);
    writer.u8(60).u8(5).text("udhcp").u8(55).u8(9);
    for (const std::uint8_t code : {1, 3, 4, 5, 6, 12, 15, 28, 42}) writer.u8(code);
    return writer.u8(255).take();
}

inline Bytes dhcp_frame(ByteView message, std::string_view source = "0.0.0.0") {
    const auto to = ip("255.255.255.255");
    return ethernet_frame(everyone, camera_mac, ethertype::ipv4,
                          udp_packets({ip(source), 68}, {to, 67}, message, 1500).front());
}

struct Told {
    EthernetFrame frame;
    IpPacket packet;
    dhcp::Kind kind{};
    IpAddress address;
    std::map<unsigned, std::string> options;
};

struct Wire {
    explicit Wire(Personality personality = {}) : test(std::move(personality)), link(test.world) {}

    std::optional<Told> ask(const DhcpQuestion& question, std::string_view source = "0.0.0.0") {
        frames = link.received(dhcp_frame(dhcp_message(question), source));
        if (frames.empty()) return std::nullopt;
        Told told{parse_ethernet(frames.at(0)).value(), {}, {}, {}, {}};
        told.packet = parse_ip(told.frame.payload).value();
        const auto datagram = parse_udp(told.packet.payload).value();
        CHECK(datagram.source_port == 67);
        CHECK(datagram.destination_port == 68);
        ByteReader reader(datagram.payload);
        reader.skip(16);
        told.address = IpAddress::v4(reader.take(4));
        reader.seek(240);
        for (unsigned code = reader.u8(); code != 255 && !reader.failed(); code = reader.u8())
            told.options[code] = std::string(as_text(reader.take(reader.u8())));
        told.kind = static_cast<dhcp::Kind>(told.options.at(53)[0]);
        return told;
    }

    TestWorld test;
    Link link;
    std::vector<Bytes> frames;
};

}  // namespace cambench::link_wire
