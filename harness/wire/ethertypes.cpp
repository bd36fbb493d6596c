#include "harness/wire/ethertypes.hpp"

#include <algorithm>
#include <array>

namespace cambench::analysis {
namespace {

struct Known {
    std::uint16_t type;
    FrameMeaning meaning;
};
// https://www.iana.org/assignments/ieee-802-numbers, and what network chips send of their own accord
constexpr std::array known_types{Known{0x0800, {"IPv4 that cannot be read", true}},
                                 Known{0x0806, {"ARP that is none for IPv4", true}},
                                 Known{0x86dd, {"IPv6 that cannot be read", true}},
                                 Known{0x0842, {"Wake-on-LAN"}},
                                 Known{0x22ea, {"stream reservation"}},
                                 Known{0x22f0, {"AVTP audio and video", true}},
                                 Known{0x4305, {"B.A.T.M.A.N. mesh", true}},
                                 Known{0x8035, {"RARP"}},
                                 Known{0x809b, {"AppleTalk", true}},
                                 Known{0x80f3, {"AppleTalk address resolution"}},
                                 Known{0x8137, {"IPX", true}},
                                 Known{0x8808, {"Ethernet flow control"}},
                                 Known{0x8809, {"slow protocols (LACP)"}},
                                 Known{0x8847, {"MPLS", true}},
                                 Known{0x8848, {"MPLS", true}},
                                 Known{0x8863, {"PPPoE discovery"}},
                                 Known{0x8864, {"PPPoE", true}},
                                 Known{0x886d, {"Intel teaming"}},
                                 Known{0x887b, {"HomePlug"}},
                                 Known{0x888e, {"EAPOL"}},
                                 Known{0x8892, {"PROFINET", true}},
                                 Known{0x8899, {"Realtek loop detection"}},
                                 Known{0x88a2, {"ATA over Ethernet", true}},
                                 Known{0x88a4, {"EtherCAT", true}},
                                 Known{0x88b4, {"WAPI"}},
                                 Known{0x88b8, {"GOOSE", true}},
                                 Known{0x88c7, {"802.11 pre-authentication"}},
                                 Known{0x88cc, {"LLDP"}},
                                 Known{0x88e1, {"HomePlug AV"}},
                                 Known{0x88e5, {"MACsec", true}},
                                 Known{0x88f5, {"MVRP"}},
                                 Known{0x88f6, {"MMRP"}},
                                 Known{0x88f7, {"PTP"}},
                                 Known{0x8902, {"connectivity fault management"}},
                                 Known{0x8906, {"Fibre Channel over Ethernet", true}},
                                 Known{0x890d, {"802.11 management (TDLS, fast transition)"}},
                                 Known{0x8912, {"MediaXtreme"}},
                                 Known{0x8915, {"RDMA over Ethernet", true}},
                                 Known{0x893a, {"IEEE 1905 topology"}},
                                 Known{0x9000, {"Ethernet loopback test"}}};

FrameMeaning meaning_of_llc(ByteView content) {
    ByteReader in(content);
    const auto target = in.u8(), source = in.u8(), control = in.u8();
    if (in.failed()) return {};
    constexpr std::uint8_t spanning_tree = 0x42, subnetwork_access = 0xaa, is_is = 0xfe, netbios = 0xf0,
                           ipx = 0xe0, exchange_of_identities = 0xaf, other_exchange = 0xbf;
    if (target == spanning_tree && source == spanning_tree) return {"spanning tree"};
    if (control == exchange_of_identities || control == other_exchange) return {"LLC exchange of identities"};
    if (target == is_is) return {"IS-IS"};
    if (target == netbios) return {"NetBEUI", true};
    if (target == ipx || (target == 0xff && source == 0xff)) return {"IPX", true};
    if (target != subnetwork_access || source != subnetwork_access) return {};
    const auto maker = in.u24();
    const auto type = in.u16();
    if (in.failed()) return {};
    constexpr std::uint32_t cisco = 0x00000c, encapsulated = 0;
    if (maker == cisco) return {"Cisco discovery and link protocols"};
    return maker == encapsulated ? meaning_of_frame(type, in.rest()) : FrameMeaning{};
}

}  // namespace

FrameMeaning meaning_of_frame(std::uint16_t type, ByteView content) {
    constexpr std::uint16_t least_type = 0x0600;
    if (type < least_type) return meaning_of_llc(content);
    const auto found = std::find_if(known_types.begin(), known_types.end(),
                                    [&](const Known& one) { return one.type == type; });
    return found == known_types.end() ? FrameMeaning{} : found->meaning;
}

}  // namespace cambench::analysis
