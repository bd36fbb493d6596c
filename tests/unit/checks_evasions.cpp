#include <array>

#include "tests/unit/evasions.hpp"

/// A camera that has read this program: ways of sending something to a planted address, or of carrying
/// something to a declared one, that must never pass.
namespace cambench::slot_wire {
namespace {

constexpr std::uint8_t tcp_number = 6, udp_number = 17;

struct Carrier {
    std::string what;
    IpAddress to;
    std::uint8_t protocol;
    Bytes content;
};

/// What is on its way to a planted address.
std::vector<Carrier> carriers() {
    return {{"a datagram", planted, udp_number, udp(4000, 9000, secret())},
            {"a SYN", planted, tcp_number, tcp(4001, 443, 1000, 0, syn)},
            {"a segment amid nothing", planted, tcp_number, tcp(4002, 443, 1000, 5000, ack | psh, secret())},
            {"an echo", planted, 1, icmp_echo(9, secret())},
            {"a datagram over IPv6", planted6, udp_number, udp(4000, 9000, secret())},
            {"a SYN over IPv6", planted6, tcp_number, tcp(4001, 443, 1000, 0, syn)}};
}

/// Whose frame it claims to be.
void add_claims(std::vector<Way>& ways) {
    const MacAddress camera = Wire().camera_mac, bench = Wire().router_mac;
    const std::vector<std::tuple<std::string, MacAddress, MacAddress>> claims{
        {"the bench's own address", bench, bench},
        {"the bench's address, to the camera", bench, camera},
        {"a group as its sender", mac("01:00:5e:00:00:01"), bench},
        {"everybody as its sender", everybody, bench},
        {"no sender", mac("00:00:00:00:00:00"), bench},
        {"a stranger's address", mac("06:11:22:33:44:55"), mac("06:11:22:33:44:66")},
        {"its own address, to everybody", camera, everybody}};
    for (const auto& [claim, from, to] : claims)
        for (const auto& carrier : carriers())
            ways.push_back({carrier.what + " with " + claim, [=, from = from, to = to](Slot& slot) {
                                slot.sends(ethernet(to, from, type_of(carrier.to),
                                                    ip_datagram(slot.wire.own(carrier.to), carrier.to,
                                                                carrier.protocol, carrier.content)));
                            }});
    for (const auto& carrier : carriers())
        ways.push_back({carrier.what + " behind 5,000 senders", [=](Slot& slot) {
                            for (unsigned i = 0; i < 5000; ++i) {
                                const auto from = MacAddress::from(ByteWriter().u16(0x0600).u32(i).view());
                                slot.sends(ethernet(slot.wire.router_mac, from, 0x0806,
                                                    arp(1, from, slot.wire.camera, slot.wire.router)));
                            }
                            const auto last = mac("0e:00:00:00:00:01");
                            slot.sends(ethernet(slot.wire.router_mac, last, type_of(carrier.to),
                                                ip_datagram(slot.wire.own(carrier.to), carrier.to,
                                                            carrier.protocol, carrier.content)));
                        }});
    for (const auto& carrier : carriers())
        ways.push_back(
            {carrier.what + " from another's IP address", [=](Slot& slot) {
                 const auto from = carrier.to.is_v4() ? ip("198.51.100.5") : ip("2a02:2e0:3fe:100::5");
                 slot.sends(ethernet(everybody, slot.wire.camera_mac, 0x0806,
                                     arp(1, slot.wire.camera_mac, ip("198.51.100.5"), planted)));
                 slot.sends(ethernet(slot.wire.router_mac, slot.wire.camera_mac, type_of(carrier.to),
                                     ip_datagram(from, carrier.to, carrier.protocol, carrier.content)));
             }});
}

/// Answers that it gives itself in the bench's name.
void add_forgeries(std::vector<Way>& ways) {
    ways.push_back(
        {"a DNS answer of its own making", [](Slot& slot) {
             const auto& wire = slot.wire;
             slot.wire.ask("www.cloud.vendor.example");
             const auto answer = udp(53, wire.last_port(),
                                     dns_answer(102, "www.cloud.vendor.example",
                                                {address_record("www.cloud.vendor.example", planted)}));
             for (std::uint16_t id = 100; id < 110; ++id)
                 slot.sends(
                     ethernet(wire.camera_mac, wire.router_mac, 0x0800,
                              ipv4(wire.resolver, wire.camera, 17,
                                   udp(53, wire.last_port(),
                                       dns_answer(id, "www.cloud.vendor.example",
                                                  {address_record("www.cloud.vendor.example", planted)})))));
             slot.wire.connect(planted, 443, client_hello("www.cloud.vendor.example"));
         }});
    ways.push_back(
        {"a lease of its own making", [](Slot& slot) {
             auto& wire = slot.wire;
             DhcpOptions given{5, "", "", "", {planted}, {planted}, {planted}, 0xffffff00};
             slot.sends(ethernet(wire.camera_mac, wire.router_mac, 0x0800,
                                 ipv4(wire.router, wire.camera, 17,
                                      udp(67, 68, dhcp(true, wire.camera_mac, ip("198.51.100.20"), given)))));
             slot.sends_ip(planted, 17, udp(4000, 53, dns_query(9, api)));
         }});
    ways.push_back(
        {"a router's word of its own making", [](Slot& slot) {
             const auto prefix = ByteWriter()
                                     .u8(3)
                                     .u8(4)
                                     .u8(32)
                                     .u8(0xc0)
                                     .u32(86400)
                                     .u32(14400)
                                     .u32(0)
                                     .bytes(ip("2a02:2e0::").bytes())
                                     .take();
             slot.sends(ethernet(mac("33:33:00:00:00:01"), slot.wire.router_mac, 0x86dd,
                                 ipv6(router6, ip("ff02::1"), 58,
                                      icmp(134, 0, 0x40000708, ByteWriter().zeros(8).bytes(prefix).take()))));
             slot.sends_ip(planted6, 58, icmp(136, 0, 0x60000000, address_bytes(slot.wire.camera6)));
         }});
    ways.push_back({"an invitation of its own making", [](Slot& slot) {
                        slot.sends(ethernet(mac("01:00:5e:7f:ff:fa"), slot.wire.router_mac, 0x0800,
                                            ipv4(planted, ip("239.255.255.250"), 17,
                                                 udp(9000, 1900, to_bytes("M-SEARCH * HTTP/1.1\r\n\r\n")))));
                        slot.sends_ip(planted, 17, udp(1900, 9000, secret()));
                    }});
}

void add_upkeep(std::vector<Way>& ways) {
    for (const unsigned type : {130, 131, 132, 133, 134, 135, 136, 137, 143, 151, 152, 153})
        for (const bool full : {false, true})
            ways.push_back({fmt::format("ICMPv6 {} to a planted address{}", type, full ? ", with data" : ""),
                            [=](Slot& slot) {
                                slot.sends_ip(planted6, 58,
                                              icmp(static_cast<std::uint8_t>(type), 0, 0,
                                                   full ? secret() : address_bytes(planted6)));
                            }});
    for (const unsigned type : {133, 135, 136, 143, 131})
        ways.push_back({fmt::format("ICMPv6 {} with data to a group", type), [=](Slot& slot) {
                            slot.sends_ip(ip("ff02::1"), 58,
                                          icmp(static_cast<std::uint8_t>(type), 0, 0,
                                               address_bytes(slot.wire.camera6) + secret()));
                        }});
    for (const auto& [protocol, type] : std::vector<std::pair<unsigned, unsigned>>{
             {1, 3}, {1, 4}, {1, 5}, {1, 11}, {1, 12}, {58, 1}, {58, 2}, {58, 3}, {58, 4}}) {
        const bool v4 = protocol == 1;
        const auto quoted = [](const IpAddress& from, const IpAddress& to) {
            return ip_datagram(from, to, 17, udp(9000, 4000, secret()));
        };
        const auto number = static_cast<std::uint8_t>(protocol), kind = static_cast<std::uint8_t>(type);
        ways.push_back(
            {fmt::format("an error (ICMP {}/{}) to a planted address", protocol, type), [=](Slot& slot) {
                 const auto to = v4 ? planted : planted6;
                 slot.sends_ip(to, number, icmp(kind, 3, 0, quoted(to, slot.wire.own(to))));
             }});
        ways.push_back(
            {fmt::format("an error (ICMP {}/{}) without a quote", protocol, type), [=](Slot& slot) {
                 slot.sends_ip(v4 ? planted : planted6, number, icmp(kind, 0, 0, secret()));
             }});
    }
    ways.push_back({"an error to a declared server that quotes what never came", [](Slot& slot) {
                        slot.sends_ip(server, 1,
                                      icmp(3, 3, 0,
                                           ipv4(server, slot.wire.camera, 6,
                                                tcp(443, slot.wire.last_port(), 1, 1, ack, secret()))));
                    }});
    ways.push_back({"an error about what came, with data behind it", [](Slot& slot) {
                        const auto came = udp(123, slot.wire.last_port(), ntp_request());
                        slot.hears_ip(ip("203.0.113.1"), 17, came);
                        slot.sends_ip(
                            ip("203.0.113.1"), 1,
                            icmp(3, 3, 0, ipv4(ip("203.0.113.1"), slot.wire.camera, 17, came) + secret()));
                    }});
    ways.push_back({"IGMP to a planted address", [](Slot& slot) {
                        slot.sends_ip(planted, 2, bytes_of({0x16, 0, 0, 0, 239, 1, 1, 1}));
                    }});
    ways.push_back({"data behind IGMP", [](Slot& slot) {
                        slot.sends_ip(ip("239.1.1.1"), 2, bytes_of({0x16, 0, 0, 0, 239, 1, 1, 1}) + secret());
                    }});
    ways.push_back({"auxiliary data in IGMP", [](Slot& slot) {
                        slot.sends_ip(
                            ip("224.0.0.22"), 2,
                            bytes_of({0x22, 0, 0, 0, 0, 0, 0, 1, 4, 6, 0, 0, 239, 1, 1, 1}) + secret());
                    }});
    ways.push_back({"an unknown kind of IGMP", [](Slot& slot) {
                        slot.sends_ip(ip("224.0.0.1"), 2, bytes_of({0x77, 0, 0, 0}) + secret());
                    }});
}

/// Segments that no connection explains.
void add_odd_segments(std::vector<Way>& ways) {
    const std::vector<std::pair<std::string, unsigned>> kinds{
        {"SYN+ACK", syn | ack}, {"RST", rst}, {"RST+ACK", rst | ack},
        {"no flags", 0},        {"FIN", fin}, {"FIN+ACK", fin | ack},
        {"ACK", ack},           {"PSH", psh}, {"FIN+PSH+URG", fin | psh | 32}};
    for (const auto& [flags, value] : kinds)
        for (const auto& [from, to] : std::vector<std::pair<std::uint16_t, std::uint16_t>>{
                 {554, 40001}, {80, 52000}, {443, 443}, {41000, 443}})
            ways.push_back({fmt::format("a segment with {} from port {} to {}", flags, from, to),
                            [=, value = value, from = from, to = to](Slot& slot) {
                                slot.sends_ip(planted, tcp_number, tcp(from, to, 7, 9, value, secret()));
                            }});
    for (const auto& [flags, value] : kinds)
        if (value != ack && value != (fin | ack))
            ways.push_back({fmt::format("data in a segment with {} to a declared server", flags),
                            [=, value = value](Slot& slot) {
                                slot.sends_ip(server, tcp_number,
                                              tcp(slot.wire.last_port(), 443, 7, 9, value, secret()));
                            }});
}

/// TCP with options, to a declared server.
Bytes with_options(const Slot& slot, const Bytes& options, unsigned flags = syn) {
    return ByteWriter()
        .u16(static_cast<std::uint16_t>(slot.wire.last_port() + 1))
        .u16(443)
        .u32(1000)
        .u32(0)
        .u8(static_cast<std::uint8_t>((20 + options.size()) / 4 << 4))
        .u8(static_cast<std::uint8_t>(flags))
        .u16(65535)
        .u32(0)
        .bytes(options)
        .take();
}

/// IPv4 with options, IPv6 with an extension header; to a declared server unless `to` says otherwise.
Bytes with_ip_options(const IpAddress& from, const IpAddress& to, const Bytes& options,
                      const Bytes& content) {
    const auto words = static_cast<std::uint8_t>(5 + options.size() / 4);
    return ByteWriter()
        .u8(0x40 | words)
        .u8(0)
        .u16(static_cast<std::uint16_t>(words * 4U + content.size()))
        .u16(1)
        .u16(0)
        .u8(64)
        .u8(6)
        .u16(0)
        .bytes(from.bytes())
        .bytes(to.bytes())
        .bytes(options)
        .bytes(content)
        .take();
}

void add_odd_headers(std::vector<Way>& ways) {
    const auto send = [](Slot& slot, const Bytes& datagram) {
        slot.sends(ethernet(slot.wire.router_mac, slot.wire.camera_mac, 0x0800, datagram));
    };
    const std::vector<std::pair<std::string, Bytes>> tcp_options{
        {"an experiment", bytes_of({253, 12}) + secret(10)},
        {"a fast-open cookie", bytes_of({34, 12}) + secret(10)},
        {"a signature", bytes_of({19, 18}) + secret(16) + bytes_of({1, 1})},
        {"what follows the end", bytes_of({0, 7, 7, 7}) + secret(8)},
        {"MPTCP", bytes_of({30, 12}) + secret(10)},
        {"timestamps of a wrong length", bytes_of({8, 12}) + secret(10)}};
    for (const auto& [what, options] : tcp_options)
        ways.push_back({"data in options of TCP: " + what, [=, options = options](Slot& slot) {
                            slot.sends_ip(server, tcp_number, with_options(slot, options));
                        }});
    const std::vector<std::pair<std::string, Bytes>> ip_options{
        {"a loose source route", bytes_of({131, 7, 4, 198, 51, 100, 77, 0})},
        {"a strict source route", bytes_of({137, 7, 4, 198, 51, 100, 77, 0})},
        {"an experiment", bytes_of({158, 12}) + secret(10)},
        {"a recorded route", bytes_of({7, 11, 4}) + secret(8) + bytes_of({0})},
        {"what follows the end", bytes_of({0, 7, 7, 7}) + secret(8)},
        {"timestamps", bytes_of({68, 12, 13, 0}) + secret(8)}};
    for (const auto& [what, options] : ip_options)
        ways.push_back({"data in options of IPv4: " + what, [=, options = options](Slot& slot) {
                            send(slot,
                                 with_ip_options(slot.wire.camera, server, options, with_options(slot, {})));
                        }});
    ways.push_back({"urgent data", [](Slot& slot) {
                        slot.sends_ip(server, 6,
                                      ByteWriter()
                                          .u16(slot.wire.last_port())
                                          .u16(443)
                                          .u32(1)
                                          .u32(1)
                                          .u8(0x50)
                                          .u8(ack | 32)
                                          .u16(9)
                                          .u16(0)
                                          .u16(24)
                                          .bytes(secret())
                                          .take());
                    }});
    ways.push_back({"data in the urgent pointer", [](Slot& slot) {
                        slot.sends_ip(server, 6,
                                      ByteWriter()
                                          .u16(50001)
                                          .u16(443)
                                          .u32(1)
                                          .u32(0)
                                          .u8(0x50)
                                          .u8(syn)
                                          .u16(9)
                                          .u16(0)
                                          .u16(0x4b65)
                                          .take());
                    }});
    ways.push_back(
        {"data in reserved bits", [](Slot& slot) {
             slot.sends_ip(
                 server, 6,
                 ByteWriter().u16(50001).u16(443).u32(1).u32(0).u8(0x5a).u8(syn).u16(9).u32(0).take());
         }});
    ways.push_back({"data in the acknowledgement of a SYN",
                    [](Slot& slot) { slot.sends_ip(server, 6, tcp(50001, 443, 1, 0x6b657931, syn)); }});
    ways.push_back({"data in the place of what was sent before", [](Slot& slot) {
                        slot.wire.connect(server, 443, client_hello(api));
                        slot.sends_ip(server, 6,
                                      tcp(slot.wire.last_port(), 443, 1001, 5001, ack | psh, secret()));
                    }});
    ways.push_back({"data from before the beginning of a connection", [](Slot& slot) {
                        slot.wire.connect(server, 443, client_hello(api));
                        slot.sends_ip(server, 6,
                                      tcp(slot.wire.last_port(), 443, 800, 5001, ack | psh, secret()));
                    }});
    ways.push_back({"data in a SYN",
                    [](Slot& slot) { slot.sends_ip(server, 6, tcp(50001, 443, 1, 0, syn, secret())); }});
    ways.push_back(
        {"data behind a UDP datagram", [](Slot& slot) {
             slot.sends_ip(
                 ip("203.0.113.1"), 17,
                 ByteWriter().u16(50002).u16(123).u16(56).u16(0).bytes(ntp_request()).bytes(secret()).take());
         }});
    const std::vector<std::tuple<std::string, unsigned, Bytes>> extensions{
        {"a routing header", 43, bytes_of({17, 2, 0, 1, 0, 0, 0, 0}) + address_bytes(planted6)},
        {"options for the destination", 60, bytes_of({17, 2, 0x1e, 20}) + secret(20)},
        {"hop-by-hop padding", 0, bytes_of({17, 2, 1, 20}) + secret(20)},
        {"an authentication header", 51, bytes_of({17, 4, 0, 0}) + secret(20)},
        {"a shim", 140, bytes_of({17, 2}) + secret(22)}};
    for (const auto& [what, kind, content] : extensions)
        ways.push_back({"IPv6 with " + what, [=, kind = kind, content = content](Slot& slot) {
                            slot.sends_ip(ip("2001:db8:7::1"), static_cast<std::uint8_t>(kind),
                                          content + udp(50003, 53, dns_query(77, api)));
                        }});
    ways.push_back(
        {"IPv6 that carries nothing", [](Slot& slot) { slot.sends_ip(ip("2001:db8:7::1"), 59, secret()); }});
    ways.push_back({"fragments that contradict each other", [](Slot& slot) {
                        const auto whole = udp(50004, 123, ntp_request());
                        const Bytes first(whole.begin(), whole.begin() + 32),
                            second(whole.begin() + 32, whole.end());
                        const auto put = [&](const Bytes& part, unsigned field) {
                            slot.sends(ethernet(slot.wire.router_mac, slot.wire.camera_mac, 0x0800,
                                                ipv4(slot.wire.camera, ip("203.0.113.1"), 17, part, 9,
                                                     static_cast<std::uint16_t>(field))));
                        };
                        put(first, 0x2000), put(secret(16), 0x2000 | 2), put(second, 4);
                    }});
    ways.push_back({"fragments that never become whole", [](Slot& slot) {
                        slot.sends(ethernet(slot.wire.router_mac, slot.wire.camera_mac, 0x0800,
                                            ipv4(slot.wire.camera, ip("203.0.113.1"), 17,
                                                 udp(50005, 123, ntp_request()), 10, 0x2000)));
                    }});
}

void add_odd_places(std::vector<Way>& ways) {
    const auto padded = [](Slot& slot, const Bytes& frame) { slot.sends(frame + secret()); };
    ways.push_back({"data behind an IP datagram", [=](Slot& slot) {
                        padded(slot, slot.framed(ip("203.0.113.1"), 17, udp(50010, 123, ntp_request())));
                    }});
    ways.push_back({"data behind an IPv6 datagram",
                    [=](Slot& slot) { padded(slot, slot.framed(ip("ff02::16"), 58, icmp(143, 0, 0))); }});
    ways.push_back({"data behind ARP", [=](Slot& slot) {
                        padded(slot,
                               ethernet(everybody, slot.wire.camera_mac, 0x0806,
                                        arp(1, slot.wire.camera_mac, slot.wire.camera, slot.wire.router)));
                    }});
    ways.push_back({"an ARP that neither asks nor answers", [](Slot& slot) {
                        slot.sends(ethernet(everybody, slot.wire.camera_mac, 0x0806,
                                            arp(9, slot.wire.camera_mac, slot.wire.camera, planted)));
                    }});
    ways.push_back({"an ARP of another network", [](Slot& slot) {
                        slot.sends(ethernet(everybody, slot.wire.camera_mac, 0x0806,
                                            bytes_of({0, 6, 8, 0, 6, 4, 0, 1}) + secret(20)));
                    }});
    ways.push_back({"data behind the tag of a VLAN", [=](Slot& slot) {
                        padded(slot, ethernet(everybody, slot.wire.camera_mac, 0x8100,
                                              ByteWriter()
                                                  .u16(7)
                                                  .u16(0x0806)
                                                  .bytes(arp(1, slot.wire.camera_mac, slot.wire.camera,
                                                             slot.wire.router))
                                                  .take()));
                    }});
    ways.push_back({"data behind spanning tree", [=](Slot& slot) {
                        padded(slot, ethernet(mac("01:80:c2:00:00:00"), slot.wire.camera_mac, 0x0026,
                                              bytes_of({0x42, 0x42, 3}) + Bytes(35)));
                    }});
    const auto group = [](Slot& slot, const char* to, std::uint16_t port, const Bytes& content) {
        slot.wire.group(ip(to), port, port, content);
    };
    ways.push_back({"data behind SSDP", [=](Slot& slot) {
                        group(slot, "239.255.255.250", 1900,
                              to_bytes("M-SEARCH * HTTP/1.1\r\nMAN: \"ssdp:discover\"\r\n\r\n") + secret());
                    }});
    ways.push_back({"data behind WS-Discovery", [=](Slot& slot) {
                        group(slot, "239.255.255.250", 3702,
                              to_bytes("<Envelope><Body/></Envelope>") + secret());
                    }});
    ways.push_back({"data behind mDNS", [=](Slot& slot) {
                        group(slot, "224.0.0.251", 5353, dns_query(0, "cam.local", 255) + secret());
                    }});
    ways.push_back({"data behind LLMNR", [=](Slot& slot) {
                        group(slot, "224.0.0.252", 5355, dns_query(3, "cam", 1) + secret());
                    }});
    for (const std::size_t length : {4U, 20U, 24U, 400U})
        ways.push_back({fmt::format("{} bytes behind NTP", length), [=](Slot& slot) {
                            slot.sends_ip(ip("203.0.113.1"), 17,
                                          udp(50011, 123, ntp_request() + Bytes(length, std::byte{'k'})));
                        }});
    ways.push_back({"data behind DHCP", [](Slot& slot) {
                        slot.sends(ethernet(everybody, slot.wire.camera_mac, 0x0800,
                                            ipv4(slot.wire.camera, ip("255.255.255.255"), 17,
                                                 udp(68, 67,
                                                     dhcp(false, slot.wire.camera_mac, ip("0.0.0.0"),
                                                          {3, "cam-0001", "udhcp", "", {}, {}, {}, 0}) +
                                                         secret()))));
                    }});
    ways.push_back(
        {"data in DHCP's file name", [](Slot& slot) {
             auto message = dhcp(false, slot.wire.camera_mac, ip("0.0.0.0"),
                                 {3, "cam-0001", "udhcp", "", {}, {}, {}, 0});
             std::copy_n(secret().begin(), 24, message.begin() + 110);
             slot.sends(ethernet(everybody, slot.wire.camera_mac, 0x0800,
                                 ipv4(slot.wire.camera, ip("255.255.255.255"), 17, udp(68, 67, message))));
         }});
    const auto ask = [](Slot& slot, const Bytes& message) {
        slot.sends_ip(slot.wire.resolver, 17, udp(50012, 53, message));
    };
    ways.push_back(
        {"data behind a question of DNS", [=](Slot& slot) { ask(slot, dns_query(7, api) + secret()); }});
    ways.push_back(
        {"a record in a question of DNS", [=](Slot& slot) {
             auto message = dns_query(7, api);
             message[7] = std::byte{1};
             ask(slot, message + ByteWriter().u8(0).u16(16).u16(1).u32(0).u16(24).bytes(secret()).take());
         }});
    ways.push_back({"an option in a question of DNS", [=](Slot& slot) {
                        auto message = dns_query(7, api);
                        message[11] = std::byte{1};
                        ask(slot, message + ByteWriter()
                                                .u8(0)
                                                .u16(41)
                                                .u16(1232)
                                                .u32(0)
                                                .u16(28)
                                                .u16(65001)
                                                .u16(24)
                                                .bytes(secret())
                                                .take());
                    }});
    for (const auto* name : {"7468652d6b6579.in-addr.arpa", "4.7.1.1.9.9.2.1.8.in-addr.arpa",
                             "9.8.7.31.in-addr.arpa", "the-front-door.internal", "k3y4711.internal",
                             "nbswy3dpeb3w64tmmq", "k4711", "the.key.is.4711.local", "4711.home.arpa",
                             "1.2.3.4.5.6.7.8.9.a.b.c.d.e.f.0.1.2.3.4.5.6.7.8.9.a.b.c.d.e.f.2.ip6.arpa"})
        ways.push_back({fmt::format("the name {}", name), [=](Slot& slot) { slot.wire.ask(name); }});
}

std::vector<Way> all_ways() {
    std::vector<Way> ways;
    for (auto* add : {add_claims, add_forgeries, add_upkeep, add_odd_segments, add_odd_headers,
                      add_odd_places, add_encapsulations})
        add(ways);
    return ways;
}

}  // namespace

TEST_CASE("no way of sending to a planted address, or of carrying data to a declared one, passes",
          "[checks][evasions]") {
    const auto declaration = vendor();
    const auto ways = all_ways();
    CHECK(ways.size() >= 150);
    for (const auto& way : ways) {
        Slot slot;
        slot.live();
        way.act(slot);
        const auto judgement = judged_run(slot.observe(), declaration);
        INFO(way.what << ": " << to_string(judgement.verdict) << ", " << judgement.reason);
        CHECK((judgement.verdict == Verdict::fail || judgement.verdict == Verdict::inconclusive));
    }
}

TEST_CASE("what is declared with any port and transport still has to be understood", "[checks][evasions]") {
    auto declaration = vendor();
    declaration.destinations.push_back({.name = api,
                                        .port = std::nullopt,
                                        .transport = std::nullopt,
                                        .protocol = "",
                                        .purpose = "everything"});
    std::vector<Way> ways;
    add_encapsulations(ways);
    for (const auto& way : ways) {
        Slot slot;
        slot.live();
        way.act(slot);
        const auto judgement = judged_run(slot.observe(), declaration);
        INFO(way.what << ": " << to_string(judgement.verdict) << ", " << judgement.reason);
        CHECK((judgement.verdict == Verdict::fail || judgement.verdict == Verdict::inconclusive));
    }
}

}  // namespace cambench::slot_wire
