#include "tests/unit/slot_wire.hpp"

/// What honest cameras do beside their work: none of it may fail, and what an ordinary one does every day
/// passes.
namespace cambench::slot_wire {
namespace {

struct Habit {
    std::string what;
    bool ordinary;  ///< passes
    std::function<void(Slot&)> act;
};

Bytes some(std::initializer_list<unsigned> values) {
    Bytes bytes;
    for (const auto value : values) bytes.push_back(static_cast<std::byte>(value));
    return bytes;
}

Bytes padded(Bytes frame) {
    frame.resize(std::max<std::size_t>(frame.size(), 60));
    return frame;
}

void link_habits(std::vector<Habit>& habits) {
    const auto frame = [](const char* to, std::uint16_t type, const Bytes& content) {
        return
            [=](Slot& slot) { slot.sends(padded(ethernet(mac(to), slot.wire.camera_mac, type, content))); };
    };
    const auto lldp =
        some({2, 7, 4, 2, 0x4b, 0x52, 0, 0, 1, 4, 7, 3, 2, 0x4b, 0x52, 0, 0, 1, 6, 2, 0, 120, 10, 8}) +
        to_bytes("cam-0001") + some({0, 0});
    habits.push_back({"LLDP", true, frame("01:80:c2:00:00:0e", 0x88cc, lldp)});
    habits.push_back(
        {"LLDP within a VLAN", true, frame("01:80:c2:00:00:0e", 0x8100, some({0, 0, 0x88, 0xcc}) + lldp)});
    habits.push_back(
        {"spanning tree", true, frame("01:80:c2:00:00:00", 0x0026, some({0x42, 0x42, 3}) + Bytes(35))});
    habits.push_back({"EAPOL start", true, frame("01:80:c2:00:00:03", 0x888e, some({1, 1, 0, 0}))});
    habits.push_back(
        {"LACP", true, frame("01:80:c2:00:00:02", 0x8809, some({1, 1, 1, 20}) + Bytes(106, std::byte{1}))});
    habits.push_back(
        {"flow control", true, frame("01:80:c2:00:00:01", 0x8808, some({0, 1, 0xff, 0xff}) + Bytes(42))});
    habits.push_back({"Cisco discovery", true,
                      frame("01:00:0c:cc:cc:cc", 30,
                            some({0xaa, 0xaa, 3, 0, 0, 0x0c, 0x20, 0, 2, 180, 0, 0, 0, 1, 0, 12}) +
                                to_bytes("cam-0001") + some({0, 3, 0, 6}) + to_bytes("et"))});
    habits.push_back(
        {"loop detection", true, frame("ff:ff:ff:ff:ff:ff", 0x8899, some({0x23, 0, 0, 0}) + Bytes(42))});
    habits.push_back({"a loopback test", false,
                      frame("cf:00:00:00:00:00", 0x9000, some({0, 0, 1, 0}) + Bytes(42, std::byte{0xa5}))});
    habits.push_back({"precision time", true,
                      frame("01:80:c2:00:00:0e", 0x88f7, some({2, 2, 0, 54}) + Bytes(50, std::byte{3}))});
    habits.push_back({"an LLC exchange of identities", true,
                      frame("ff:ff:ff:ff:ff:ff", 6, some({0, 1, 0xaf, 0x81, 1, 0}))});
    habits.push_back({"reverse ARP", true,
                      frame("ff:ff:ff:ff:ff:ff", 0x8035, some({0, 1, 8, 0, 6, 4, 0, 3}) + Bytes(20))});
}

void address_habits(std::vector<Habit>& habits) {
    const auto announce = [](std::uint16_t operation, const char* sender, const char* target) {
        return [=](Slot& slot) {
            slot.sends(padded(ethernet(everybody, slot.wire.camera_mac, 0x0806,
                                       arp(operation, slot.wire.camera_mac, ip(sender), ip(target)))));
        };
    };
    habits.push_back({"a gratuitous ARP", true, announce(1, "192.168.7.20", "192.168.7.20")});
    habits.push_back({"a gratuitous ARP reply", true, announce(2, "192.168.7.20", "192.168.7.20")});
    habits.push_back({"an ARP probe", true, announce(1, "0.0.0.0", "192.168.7.20")});
    habits.push_back(
        {"ARP within a priority tag", true, [](Slot& slot) {
             slot.sends(padded(ethernet(
                 everybody, slot.wire.camera_mac, 0x8100,
                 some({0x60, 0, 8, 6}) + arp(1, slot.wire.camera_mac, slot.wire.camera, slot.wire.router))));
         }});
    const auto message = [](const char* from, const char* to, const Bytes& content) {
        return [=](Slot& slot) {
            slot.sends(ethernet(mac("33:33:00:00:00:16"), slot.wire.camera_mac, 0x86dd,
                                ipv6(ip(from), ip(to), 58, content)));
        };
    };
    const auto group = address_bytes(ip("ff02::fb"));
    habits.push_back({"an MLDv2 report", true,
                      message("fe80::4b", "ff02::16", icmp(143, 0, 1, some({4, 0, 0, 0}) + group))});
    habits.push_back({"an MLDv2 report behind a router alert", true, [=](Slot& slot) {
                          const auto report = icmp(143, 0, 1, some({4, 0, 0, 0}) + group);
                          slot.sends(ethernet(mac("33:33:00:00:00:16"), slot.wire.camera_mac, 0x86dd,
                                              ipv6(ip("fe80::4b"), ip("ff02::16"), 0,
                                                   some({58, 0, 5, 2, 0, 0, 1, 0}) + report)));
                      }});
    habits.push_back({"an MLDv1 report", true, message("fe80::4b", "ff02::fb", icmp(131, 0, 0, group))});
    habits.push_back({"an MLD leave", true, message("fe80::4b", "ff02::2", icmp(132, 0, 0, group))});
    habits.push_back(
        {"a neighbour advertisement", true,
         message("2001:db8:7::20", "ff02::1",
                 icmp(136, 0, 0x20000000,
                      address_bytes(ip("2001:db8:7::20")) + some({2, 1, 2, 0x4b, 0x52, 0, 0, 1})))});
    habits.push_back(
        {"proof of a free address with a nonce", true,
         message("::", "ff02::1:ff00:21",
                 icmp(135, 0, 0, address_bytes(ip("2001:db8:7::21")) + some({14, 1, 1, 2, 3, 4, 5, 6})))});
    habits.push_back(
        {"a question whether the router is there", true,
         message("2001:db8:7::20", "fe80::1",
                 icmp(135, 0, 0, address_bytes(router6) + some({1, 1, 2, 0x4b, 0x52, 0, 0, 1})))});
    const auto igmp = [](const char* to, const Bytes& content, const Bytes& options) {
        return [=](Slot& slot) {
            const auto words = static_cast<std::uint8_t>(5 + options.size() / 4);
            slot.sends(padded(ethernet(mac("01:00:5e:00:00:16"), slot.wire.camera_mac, 0x0800,
                                       ByteWriter()
                                           .u8(0x40 | words)
                                           .u8(0)
                                           .u16(static_cast<std::uint16_t>(words * 4U + content.size()))
                                           .u16(1)
                                           .u16(0)
                                           .u8(1)
                                           .u8(2)
                                           .u16(0)
                                           .bytes(slot.wire.camera.bytes())
                                           .bytes(ip(to).bytes())
                                           .bytes(options)
                                           .bytes(content)
                                           .take())));
        };
    };
    habits.push_back(
        {"IGMPv2", true,
         igmp("239.255.255.250", some({0x16, 0, 0, 0, 239, 255, 255, 250}), some({148, 4, 0, 0}))});
    habits.push_back({"leaving a group", true,
                      igmp("224.0.0.2", some({0x17, 0, 0, 0, 239, 255, 255, 250}), some({148, 4, 0, 0}))});
    habits.push_back({"IGMPv3", true,
                      igmp("224.0.0.22", some({0x22, 0, 0, 0, 0, 0, 0, 1, 4, 0, 0, 0, 239, 255, 255, 250}),
                           some({148, 4, 0, 0}))});
    habits.push_back(
        {"IGMPv1 without options", true, igmp("239.1.1.1", some({0x12, 0, 0, 0, 239, 1, 1, 1}), {})});
}

void talk_habits(std::vector<Habit>& habits) {
    habits.push_back(
        {"zeros behind short datagrams", true, [](Slot& slot) {
             slot.sends(padded(slot.framed(server, 6, tcp(slot.wire.last_port(), 443, 1001, 5001, ack))));
         }});
    habits.push_back({"a retransmission", true, [](Slot& slot) {
                          const auto hello = client_hello(api);
                          slot.wire.connect(server, 443, hello);
                          for (int i = 0; i < 3; ++i)
                              slot.sends_ip(server, 6,
                                            tcp(slot.wire.last_port(), 443, 1001, 5001, ack | psh, hello));
                      }});
    habits.push_back({"a SYN said again, with the usual options", true, [](Slot& slot) {
                          const auto options =
                              some({2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 9, 0, 0, 0, 0, 1, 3, 3, 7});
                          for (int i = 0; i < 3; ++i)
                              slot.sends_ip(server, 6,
                                            ByteWriter()
                                                .u16(50100)
                                                .u16(443)
                                                .u32(77)
                                                .u32(0)
                                                .u8(0xa0)
                                                .u8(syn)
                                                .u16(65535)
                                                .u32(0)
                                                .bytes(options)
                                                .take());
                      }});
    habits.push_back({"a SYN with congestion bits", true,
                      [](Slot& slot) { slot.sends_ip(server, 6, tcp(50101, 443, 77, 0, syn | 0xc0)); }});
    habits.push_back({"an abort", true, [](Slot& slot) {
                          slot.wire.connect(server, 443, client_hello(api));
                          slot.sends_ip(server, 6, tcp(slot.wire.last_port(), 443, 3000, 0, rst));
                      }});
    habits.push_back({"a port that is closed to the operator", true, [](Slot& slot) {
                          const auto operator_of_bench = ip("192.168.7.2");
                          slot.hears_ip(operator_of_bench, 6, tcp(45000, 8080, 900, 0, syn));
                          slot.sends_ip(operator_of_bench, 6, tcp(8080, 45000, 0, 901, rst | ack));
                      }});
    habits.push_back({"a service that the operator uses", true, [](Slot& slot) {
                          const auto operator_of_bench = ip("192.168.7.2");
                          slot.hears_ip(operator_of_bench, 6, tcp(45001, 80, 900, 0, syn));
                          slot.sends_ip(operator_of_bench, 6, tcp(80, 45001, 300, 901, syn | ack));
                          slot.hears_ip(
                              operator_of_bench, 6,
                              tcp(45001, 80, 901, 301, ack | psh, to_bytes("GET / HTTP/1.1\r\n\r\n")));
                          slot.sends_ip(operator_of_bench, 6,
                                        tcp(80, 45001, 301, 919, ack | psh,
                                            to_bytes("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")));
                          slot.sends_ip(operator_of_bench, 6, tcp(80, 45001, 340, 919, fin | ack));
                          slot.hears_ip(operator_of_bench, 6, tcp(45001, 80, 919, 341, fin | ack));
                          slot.wire.wait(std::chrono::minutes(10));
                          slot.sends_ip(operator_of_bench, 6, tcp(80, 45001, 341, 920, rst | ack));
                      }});
    habits.push_back({"a closed port of UDP", true, [](Slot& slot) {
                          const auto operator_of_bench = ip("192.168.7.2");
                          const auto asked = udp(45002, 161, to_bytes("who are you?"));
                          slot.hears_ip(operator_of_bench, 17, asked);
                          slot.sends_ip(operator_of_bench, 1,
                                        icmp(3, 3, 0, ipv4(operator_of_bench, slot.wire.camera, 17, asked)));
                      }});
    habits.push_back({"a late answer of the time server, refused", true, [](Slot& slot) {
                          slot.sends_ip(ip("203.0.113.1"), 17, udp(50102, 123, ntp_request()));
                          const auto late = udp(123, 50102, ntp_request());
                          slot.hears_ip(ip("203.0.113.1"), 17, late);
                          slot.sends_ip(ip("203.0.113.1"), 1,
                                        icmp(3, 3, 0, ipv4(ip("203.0.113.1"), slot.wire.camera, 17, late)));
                      }});
    habits.push_back({"a ping of the router", true, [](Slot& slot) {
                          slot.sends_ip(slot.wire.router, 1, icmp_echo(5, Bytes(56)));
                          slot.hears_ip(slot.wire.router, 1, icmp_echo(5, Bytes(56), 0));
                      }});
    habits.push_back({"an answer to a ping", true, [](Slot& slot) {
                          slot.hears_ip(slot.wire.router, 1, icmp_echo(6, Bytes(56)));
                          slot.sends_ip(slot.wire.router, 1, icmp_echo(6, Bytes(56), 0));
                      }});
    habits.push_back({"mDNS", true, [](Slot& slot) {
                          slot.wire.group(ip("224.0.0.251"), 5353, 5353, dns_query(0, "cam-0001.local", 255));
                      }});
    habits.push_back({"LLMNR", true, [](Slot& slot) {
                          slot.wire.group(ip("224.0.0.252"), 50103, 5355, dns_query(4, "cam-0001", 1));
                      }});
    habits.push_back({"SSDP", true, [](Slot& slot) {
                          slot.wire.group(
                              ip("239.255.255.250"), 1900, 1900,
                              to_bytes("NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nNTS: "
                                       "ssdp:alive\r\nNT: upnp:rootdevice\r\nUSN: uuid:1\r\n\r\n"));
                      }});
    habits.push_back(
        {"a question with a cookie", true, [](Slot& slot) {
             auto message = dns_query(8, api);
             message[11] = std::byte{1};
             slot.sends_ip(
                 slot.wire.resolver, 17,
                 udp(50104, 53,
                     message +
                         ByteWriter().u8(0).u16(41).u16(1232).u32(0).u16(12).u16(10).u16(8).zeros(8).take()));
         }});
    habits.push_back(
        {"its own name backwards", true, [](Slot& slot) { slot.wire.ask("20.7.168.192.in-addr.arpa", 12); }});
    habits.push_back({"the name of its server backwards", true,
                      [](Slot& slot) { slot.wire.ask("2.113.0.203.in-addr.arpa", 12); }});
    habits.push_back({"names of the site", true, [](Slot& slot) {
                          for (const auto* name : {"localhost", "wpad", "cam-0001", "recorder"})
                              slot.wire.ask(name);
                      }});
    habits.push_back({"browsing for services", true,
                      [](Slot& slot) { slot.wire.ask("lb._dns-sd._udp.0.7.168.192.in-addr.arpa", 12); }});
    habits.push_back({"an answer that comes in fragments", true, [](Slot& slot) {
                          const auto operator_of_bench = ip("192.168.7.2");
                          const auto asked = icmp_echo(7, Bytes(1600));
                          slot.hears_ip(operator_of_bench, 1, asked);
                          const auto answer = icmp_echo(7, Bytes(1600), 0);
                          const Bytes first(answer.begin(), answer.begin() + 1480),
                              second(answer.begin() + 1480, answer.end());
                          slot.sends(
                              ethernet(slot.wire.router_mac, slot.wire.camera_mac, 0x0800,
                                       ipv4(slot.wire.camera, operator_of_bench, 1, first, 11, 0x2000)));
                          slot.sends(ethernet(slot.wire.router_mac, slot.wire.camera_mac, 0x0800,
                                              ipv4(slot.wire.camera, operator_of_bench, 1, second, 11, 185)));
                      }});
    habits.push_back({"padding that nobody cleared", false, [](Slot& slot) {
                          slot.sends(
                              slot.framed(server, 6, tcp(slot.wire.last_port(), 443, 1001, 5001, ack)) +
                              Bytes(6, std::byte{0x5a}));
                      }});
    habits.push_back({"a time request with a signature", false, [](Slot& slot) {
                          slot.sends_ip(ip("203.0.113.1"), 17,
                                        udp(50105, 123, ntp_request() + Bytes(20, std::byte{3})));
                      }});
}

void judge_all(const std::vector<Habit>& habits, bool directions) {
    const auto declaration = vendor();
    for (const auto& habit : habits) {
        Slot slot;
        slot.directions = directions;
        slot.live();
        habit.act(slot);
        const auto judgement = judged_run(slot.observe(), declaration);
        INFO(habit.what << (directions ? "" : ", without directions") << ": " << to_string(judgement.verdict)
                        << ", " << judgement.reason);
        CHECK((judgement.verdict == Verdict::pass || judgement.verdict == Verdict::inconclusive));
        CHECK((!habit.ordinary || judgement.verdict == Verdict::pass));
    }
}

}  // namespace

TEST_CASE("no honest oddity fails, and what cameras do every day passes", "[checks][evasions]") {
    std::vector<Habit> habits;
    for (auto* add : {link_habits, address_habits, talk_habits}) add(habits);
    CHECK(habits.size() >= 40);
    habits.push_back({"nothing besides", true, [](Slot&) {}});
    judge_all(habits, true);
    judge_all(habits, false);
}

TEST_CASE("a frame is the camera's by the wire it came in on, where the bench recorded it",
          "[checks][evasions]") {
    const auto send = [](Slot& slot) {
        slot.live();
        slot.sends(ethernet(slot.wire.camera_mac, slot.wire.router_mac, 0x0800,
                            ipv4(slot.wire.camera, planted, 17, udp(4000, 9000, secret()))));
    };
    Slot slot;
    send(slot);
    const auto seen = slot.observe();
    CHECK(seen.by_wire);
    CHECK(find(seen, "198.51.100.77", 9000) != nullptr);
    Slot without;
    without.directions = false;
    send(without);
    CHECK_FALSE(without.observe().by_wire);
    // Another's recorder has no camera at the far end of its wire.
    const TemporaryFile foreign(pcapng(slot.wire.frames, {}, "Dumpcap (Wireshark) 4.0"));
    analysis::Inputs inputs;
    inputs.captures = {{foreign.path(), "foreign.pcapng"}};
    const auto others = analysis::analyze(inputs);
    REQUIRE(others.ok());
    CHECK_FALSE(others->by_wire);
    CHECK(others->camera.mac == slot.wire.camera_mac);
}

TEST_CASE("a frame that was not accounted for is counted, cited, and keeps the run from passing",
          "[checks][evasions]") {
    Slot slot;
    slot.live();
    for (int i = 0; i < 3; ++i)
        slot.sends(slot.framed(server, 6, tcp(slot.wire.last_port(), 443, 1001, 5001, ack)) + secret());
    const auto seen = slot.observe();
    REQUIRE(seen.unaccounted.size() == 1);
    CHECK(seen.unaccounted.front().frames == 3);
    CHECK(seen.unaccounted.front().first.number == slot.wire.frames.size() - 2);
    const auto result = judged("nothing-lost", seen);
    CHECK(result.verdict == Verdict::inconclusive);
    REQUIRE_FALSE(result.evidence.empty());
    CHECK(result.evidence.front().frame == seen.unaccounted.front().first.number);
}

TEST_CASE("a unit that was at work before its power is said to come on is judged as one that was under way",
          "[checks][evasions]") {
    for (const bool at_work : {false, true}) {
        Slot slot;
        slot.power_on = std::chrono::seconds(3);
        // The system behind the cable may speak of itself before; a unit with power speaks to somebody.
        slot.sends(ethernet(mac("33:33:00:00:00:16"), slot.wire.camera_mac, 0x86dd,
                            ipv6(ip("fe80::4b"), ip("ff02::16"), 58, icmp(143, 0, 0))));
        if (at_work) slot.sends_ip(server, 6, tcp(40'900, 443, 1000, 5000, ack | psh, secret()));
        slot.wire.now += std::chrono::seconds(5);
        slot.sends_ip(server, 6, tcp(40'900, 443, 1024, 5000, ack | psh, secret()));
        slot.hears_ip(server, 6, tcp(443, 40'900, 5000, 1048, ack));
        slot.live();
        const auto seen = slot.observe();
        CHECK(seen.complete == !at_work);
        const auto declaration = vendor();
        CHECK(judged("no-literal-addresses", seen, &declaration).verdict ==
              (at_work ? Verdict::inconclusive : Verdict::fail));
    }
}

}  // namespace cambench::slot_wire
