#include "tests/unit/evasions.hpp"

namespace cambench::slot_wire {
namespace {

Bytes mpls(const Bytes& inside) { return ByteWriter().u32(0x00010140).bytes(inside).take(); }

}  // namespace

void add_encapsulations(std::vector<Way>& ways) {
    for (const bool v4 : {true, false}) {
        const auto to = v4 ? planted : planted6;
        const auto type = type_of(to);
        const std::string inside_of = v4 ? ", IPv4 inside" : ", IPv6 inside";
        const auto inside = [=](const Slot& slot) {
            return ip_datagram(slot.wire.own(to), to, 17, udp(4000, 9000, secret()));
        };
        const auto frame = [=](const Slot& slot) {
            return ethernet(slot.wire.router_mac, slot.wire.camera_mac, type, inside(slot));
        };
        const auto link = [&](const std::string& what, std::uint16_t ethertype,
                              const std::function<Bytes(const Bytes&)>& wrap) {
            ways.push_back({what + inside_of, [=](Slot& slot) {
                                slot.sends(ethernet(slot.wire.router_mac, slot.wire.camera_mac, ethertype,
                                                    wrap(inside(slot))));
                            }});
        };
        link("a VLAN", 0x8100,
             [=](const Bytes& datagram) { return ByteWriter().u16(5).u16(type).bytes(datagram).take(); });
        link("a VLAN in a VLAN", 0x88a8, [=](const Bytes& datagram) {
            return ByteWriter().u16(5).u16(0x8100).u16(6).u16(type).bytes(datagram).take();
        });
        link("nine VLANs", 0x8100, [=](const Bytes& datagram) {
            ByteWriter out;
            for (std::uint16_t i = 0; i < 8; ++i) out.u16(i).u16(0x8100);
            return out.u16(9).u16(type).bytes(datagram).take();
        });
        link("MPLS", 0x8847, [=](const Bytes& datagram) { return mpls(datagram); });
        link("MPLS with a control word", 0x8847,
             [=](const Bytes& datagram) { return mpls(Bytes(4) + datagram); });
        link("PPPoE", 0x8864, [=](const Bytes& datagram) {
            return ByteWriter()
                .u16(0x1100)
                .u16(1)
                .u16(static_cast<std::uint16_t>(datagram.size() + 2))
                .u16(v4 ? 0x21 : 0x57)
                .bytes(datagram)
                .take();
        });
        link("PPPoE with another protocol", 0x8864, [=](const Bytes& datagram) {
            return ByteWriter()
                .u16(0x1100)
                .u16(1)
                .u16(static_cast<std::uint16_t>(datagram.size() + 2))
                .u16(0xc021)
                .bytes(datagram)
                .take();
        });
        for (const std::uint16_t ethertype : {0x9999, 0x88b5, 0x88e5, 0x6558, 0x894f, 0x22f0})
            link(fmt::format("EtherType {:04x}", ethertype), ethertype,
                 [](const Bytes& datagram) { return datagram; });
        ways.push_back({"802.2 and SNAP" + inside_of, [=](Slot& slot) {
                            const auto content = bytes_of({0xaa, 0xaa, 3, 0, 0, 0}) +
                                                 ByteWriter().u16(type).bytes(inside(slot)).take();
                            slot.sends(ethernet(slot.wire.router_mac, slot.wire.camera_mac,
                                                static_cast<std::uint16_t>(content.size()), content));
                        }});
        ways.push_back({"802.2 without SNAP" + inside_of, [=](Slot& slot) {
                            const auto content = bytes_of({6, 6, 3}) + inside(slot);
                            slot.sends(ethernet(slot.wire.router_mac, slot.wire.camera_mac,
                                                static_cast<std::uint16_t>(content.size()), content));
                        }});
        const auto datagram = [&](const std::string& what, std::uint8_t protocol,
                                  const std::function<Bytes(const Slot&)>& content) {
            ways.push_back(
                {what + inside_of, [=](Slot& slot) { slot.sends_ip(server, protocol, content(slot)); }});
        };
        datagram("GRE", 47,
                 [=](const Slot& slot) { return ByteWriter().u16(0).u16(type).bytes(inside(slot)).take(); });
        datagram("IP in IP", v4 ? 4 : 41, inside);
        datagram("EtherIP", 97,
                 [=](const Slot& slot) { return ByteWriter().u16(0x3000).bytes(frame(slot)).take(); });
        datagram("VXLAN", 17, [=](const Slot& slot) {
            return udp(50020, 4789, ByteWriter().u32(0x08000000).u32(0x100).bytes(frame(slot)).take());
        });
        datagram("VXLAN on the port of time", 17, [=](const Slot& slot) {
            return udp(50020, 123, ByteWriter().u32(0x08000000).u32(0x100).bytes(frame(slot)).take());
        });
        datagram("GENEVE", 17, [=](const Slot& slot) {
            return udp(50020, 6081, ByteWriter().u16(0).u16(0x6558).u32(0x100).bytes(frame(slot)).take());
        });
        datagram("IP in UDP", 17, [=](const Slot& slot) { return udp(50020, 443, inside(slot)); });
        datagram("Teredo", 17, [=](const Slot& slot) { return udp(50020, 3544, inside(slot)); });
        datagram("ESP", 50,
                 [=](const Slot& slot) { return ByteWriter().u32(1).u32(1).bytes(inside(slot)).take(); });
        datagram("SCTP", 132, inside);
    }
}

}  // namespace cambench::slot_wire
