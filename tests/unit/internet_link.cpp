#include "tests/unit/internet_link_wire.hpp"

using namespace cambench;
using namespace cambench::internet;
using namespace cambench::link_wire;

TEST_CASE("ARP is answered for every address but probes, announcements and the camera's own") {
    Wire wire;
    const auto reply = wire.link.received(arp_request("192.168.1.108", "192.168.1.1"));
    REQUIRE(reply.size() == 1);
    const auto frame = parse_ethernet(reply[0]).value();
    CHECK(frame.destination == camera_mac);
    CHECK(hex(frame.payload) ==
          "00 01 08 00 06 04 00 02 02 00 00 00 77 01 c0 a8 01 01 02 4b 52 00 00 01 c0 a8 01 6c");
    CHECK(wire.link.received(arp_request("0.0.0.0", "192.168.77.100")).empty());
    CHECK(wire.link.received(arp_request("192.168.77.100", "192.168.77.100")).empty());
    CHECK(wire.link.received(arp_request("192.168.77.101", "192.168.1.108")).empty());
    CHECK_FALSE(wire.link.received(arp_request("192.168.77.1", "192.168.77.2")).empty());
    CHECK_FALSE(wire.link.received(arp_request("192.168.77.100", "192.168.77.1")).empty());
    const auto events = wire.test.recorder.all("arp");
    CHECK(events[0]["asker"] == "192.168.1.108");
    CHECK(events[1]["sort"] == "probe");
    CHECK(events[2]["sort"] == "announcement");
}

TEST_CASE(
    "each address the camera uses is told once, however it shows it, and the bench's own are told as "
    "conflicts") {
    Wire wire;
    const auto told = [&] {
        std::vector<std::string> all;
        for (const auto& event : wire.test.recorder.all("unit-address"))
            all.push_back(event["address"].get<std::string>() + " by " + event["by"].get<std::string>());
        return all;
    };
    for (int i = 0; i < 3; ++i) (void)wire.link.received(arp_request("192.168.1.108", "192.168.1.1"));
    (void)wire.link.received(arp_request("0.0.0.0", "192.168.1.109"));  // tries one out: not its own yet
    (void)wire.link.received(arp_request("192.168.1.110", "192.168.1.110"));  // announces one
    (void)wire.link.received(solicitation("::", "fd00:5::108"));
    (void)wire.link.received(solicitation("fe80::99", "fe80::1"));
    CHECK(told() == std::vector<std::string>{"192.168.1.108 by arp", "192.168.1.110 by arp",
                                             "fd00:5::108 by neighbour-discovery",
                                             "fe80::99 by neighbour-discovery"});
    (void)wire.link.received(arp_request("192.168.77.2", "192.168.77.1"));
    (void)wire.link.received(arp_request("192.168.77.1", "192.168.77.2"));
    CHECK(told().size() == 4);
    CHECK(wire.test.recorder.all("address-conflict").size() == 2);
    CHECK_FALSE(wire.link.received(arp_request("192.168.1.108", "192.168.77.2")).empty());
}

TEST_CASE(
    "a silent camera's address is known by its group datagrams and by what it says in discovery, which is "
    "not taken for proven") {
    Wire wire;
    const auto datagram = [](std::string_view source, std::string_view group, std::uint16_t port,
                             std::string_view words) {
        return ethernet_frame(
            multicast_mac(ip(group)), camera_mac, ethertype::ipv4,
            udp_packets({ip(source), port}, {ip(group), port}, as_bytes(words), 1500).front());
    };
    (void)wire.link.received(datagram("10.9.8.7", "239.1.2.3", 5000, "here I am"));
    (void)wire.link.received(
        datagram("10.9.8.7", "239.255.255.250", 3702,
                 "<e:Envelope "
                 "xmlns:d=\"http://schemas.xmlsoap.org/ws/2005/04/"
                 "discovery\"><e:Body><d:Hello><d:XAddrs>http://192.168.1.1:8000/onvif/device_service "
                 "http://[fd00:5::108]/onvif/device_service</d:XAddrs></d:Hello></e:Body></e:Envelope>"));
    (void)wire.link.received(datagram("10.9.8.7", "239.255.255.250", 37020,
                                      "<ProbeMatch><Uuid>1</Uuid><IPv4Address>192.168.1.64</"
                                      "IPv4Address><IPv6Address>::</IPv6Address></ProbeMatch>"));
    std::vector<std::string> told;
    for (const auto& event : wire.test.recorder.all("unit-address"))
        told.push_back(event["address"].get<std::string>() + " by " + event["by"].get<std::string>());
    CHECK(told == std::vector<std::string>{"10.9.8.7 by datagram", "192.168.1.1 by ws-discovery",
                                           "fd00:5::108 by ws-discovery", "192.168.1.64 by sadp"});
    CHECK_FALSE(wire.link.received(arp_request("192.168.1.108", "192.168.1.1"))
                    .empty());  // who only says so does not take the router away
}

TEST_CASE("the wire is asked for an address as the engine wants, and an answer is told each time") {
    Wire wire;
    REQUIRE(
        wire.link
            .obey(Json{{"command", "own-network"}, {"unit", "192.168.1.108"}, {"operator", "192.168.1.107"}})
            .value()
            .ok());
    for (int i = 0; i < 2; ++i) {
        REQUIRE(
            wire.link
                .obey(Json{{"command", "ask-address"}, {"address", "192.168.1.108"}, {"as", "192.168.1.107"}})
                .value()
                .ok());
        const auto frames = wire.link.take_questions();
        REQUIRE(frames.size() == 1);
        CHECK(hex(parse_ethernet(frames[0]).value().payload) ==
              "00 01 08 00 06 04 00 01 02 00 00 00 77 01 c0 a8 01 6b 00 00 00 00 00 00 c0 a8 01 6c");
        CHECK(wire.link.take_questions().empty());
        ByteWriter reply;
        reply.u16(1)
            .u16(0x0800)
            .u8(6)
            .u8(4)
            .u16(2)
            .bytes(camera_mac.bytes())
            .bytes(ip("192.168.1.108").bytes())
            .bytes(bench_mac.bytes())
            .bytes(ip("192.168.1.107").bytes());
        (void)wire.link.received(ethernet_frame(bench_mac, camera_mac, ethertype::arp, reply.view()));
    }
    CHECK(wire.test.recorder.all("unit-address").size() == 2);
    CHECK(wire.test.recorder.last("unit-address")["by"] == "answer");
    REQUIRE(wire.link.obey(Json{{"command", "ask-address"}, {"address", "2001:db8:5::108"}}).value().ok());
    const auto frames = wire.link.take_questions();
    REQUIRE(frames.size() == 1);
    const auto packet = parse_ip(parse_ethernet(frames[0]).value().payload).value();
    CHECK(packet.destination == ip("ff02::1:ff00:108"));
    CHECK(transport_checksum(packet.source, packet.destination, 58, packet.payload) == 0);
    REQUIRE(wire.link.obey(Json{{"command", "ask-address"}, {"address", "192.168.77.1"}}).value().ok());
    CHECK(wire.link.take_questions().empty());  // the bench's own
    CHECK_FALSE(wire.link.obey(Json{{"command", "set-clock"}}).has_value());
    CHECK_FALSE(wire.link.obey(Json{{"command", "ask-address"}}).value().ok());
    (void)wire.link.received(arp_request("192.168.1.107", "192.168.1.1"));
    CHECK(wire.test.recorder.last("address-conflict")["address"] == "192.168.1.107");
}

TEST_CASE("whoever is there is called in the ways cameras listen to") {
    Wire wire;
    REQUIRE(wire.link.obey(Json{{"command", "call-units"}}).value().ok());
    std::set<std::string> kinds;
    for (const auto& bytes : wire.link.take_questions()) {
        const auto frame = parse_ethernet(bytes).value();
        if (frame.type == ethertype::arp) {
            kinds.insert("arp");
            continue;
        }
        const auto packet = parse_ip(frame.payload).value();
        CHECK(frame.destination == multicast_mac(packet.destination));
        kinds.insert(packet.protocol == 17
                         ? std::to_string(parse_udp(packet.payload).value().destination_port)
                         : "ping");
    }
    CHECK(kinds == std::set<std::string>{"arp", "3702", "37020", "ping"});
    CHECK(multicast_mac(ip("239.255.255.250")).to_string() == "01:00:5e:7f:ff:fa");
    CHECK(wire.link.take_questions().empty());
}

TEST_CASE("neighbours are answered for, but not for an address the camera tries out") {
    Wire wire;
    CHECK(wire.link.received(solicitation("::", "fe80::99")).empty());
    CHECK(wire.link.received(solicitation("2001:2:0:1::100", "fe80::99")).empty());
    CHECK(wire.link.received(solicitation("fe80::99", "fe80::1", 64)).empty());
    const auto reply = wire.link.received(solicitation("fe80::99", "fe80::1"));
    REQUIRE(reply.size() == 1);
    const auto packet = parse_ip(parse_ethernet(reply[0]).value().payload).value();
    CHECK(packet.source == ip("fe80::1"));
    CHECK(packet.hop_limit == 255);
    CHECK(std::to_integer<int>(packet.payload[0]) == 136);
    CHECK(transport_checksum(packet.source, packet.destination, 58, packet.payload) == 0);
}

TEST_CASE("router advertisements carry prefix, resolver and a sound checksum") {
    Wire wire;
    const auto bytes = wire.link.router_advertisement();
    const auto frame = parse_ethernet(bytes).value();
    CHECK(frame.destination.to_string() == "33:33:00:00:00:01");
    const auto packet = parse_ip(frame.payload).value();
    CHECK(packet.hop_limit == 255);
    CHECK(transport_checksum(packet.source, packet.destination, 58, packet.payload) == 0);
    ByteReader reader(packet.payload);
    reader.skip(16);
    std::vector<unsigned> kinds;
    while (!reader.empty() && !reader.failed()) {
        kinds.push_back(reader.u8());
        reader.skip(reader.u8() * 8U - 2);
    }
    CHECK(kinds == std::vector<unsigned>{1, 5, 3, 25});
    CHECK_FALSE(reader.failed());
}

TEST_CASE("every address answers a ping") {
    Wire wire;
    for (const auto* address : {"8.8.8.8", "192.168.77.1", "2001:db8::9"}) {
        const auto reply = wire.link.received(echo(address));
        REQUIRE(reply.size() == 1);
        const auto packet = parse_ip(parse_ethernet(reply[0]).value().payload).value();
        CHECK(packet.source == ip(address));
        CHECK(as_text(packet.payload).ends_with("ping payload"));
        if (packet.source.is_v4())
            CHECK(internet_checksum(packet.payload) == 0);
        else
            CHECK(transport_checksum(packet.source, packet.destination, 58, packet.payload) == 0);
    }
    CHECK(wire.test.recorder.last("icmp-echo")["payload"] == "ping payload");
}

TEST_CASE("on a silent network pings are recorded, ARP and DHCP answered") {
    Personality personality;
    personality.answers = Answers::none;
    Wire wire(personality);
    CHECK(wire.link.received(echo("8.8.8.8")).empty());
    CHECK(wire.test.recorder.last("icmp-echo")["answered"] == false);
    CHECK(wire.link.received(arp_request("192.168.77.100", "192.168.77.1")).size() == 1);
    CHECK(wire.ask({}).has_value());
}

TEST_CASE("a silent network records TCP connection attempts") {
    Personality personality;
    personality.answers = Answers::none;
    Wire wire(personality);
    ByteWriter syn;
    syn.u16(40000).u16(9443).u32(1).u32(0).u8(0x50).u8(0x02).u16(1024).u16(0).u16(0);
    const auto frame = [&](std::string_view to) {
        return ethernet_frame(bench_mac, camera_mac, ethertype::ipv4,
                              ip_packet(ip("192.168.77.100"), ip(to), 6, syn.view()));
    };
    (void)wire.link.received(frame("198.51.100.77"));
    (void)wire.link.received(frame("192.168.77.2"));
    const auto events = wire.test.recorder.all("tcp-attempt");
    REQUIRE(events.size() == 1);
    CHECK(events[0]["destination"] == "198.51.100.77:9443");
}

TEST_CASE("a camera gets an address, the router, resolver and time server, and keeps it") {
    Wire wire;
    const auto offer = wire.ask({});
    REQUIRE(offer);
    CHECK(offer->kind == dhcp::Kind::offer);
    CHECK(offer->address == ip("192.168.77.100"));
    CHECK(offer->frame.destination == camera_mac);
    CHECK(offer->packet.source == ip("192.168.77.1"));
    for (const unsigned code : {3U, 6U, 42U, 54U})
        CHECK(offer->options.at(code) == std::string("\xc0\xa8\x4d\x01"));
    CHECK(offer->options.at(1) == std::string("\xff\xff\xff\x00", 4));
    CHECK(offer->options.at(15) == "lan");
    const auto ack =
        wire.ask({.kind = dhcp::Kind::request, .wanted = "192.168.77.100", .server = "192.168.77.1"});
    REQUIRE(ack);
    CHECK(ack->kind == dhcp::Kind::ack);
    const auto renewed =
        wire.ask({.kind = dhcp::Kind::request, .client_address = "192.168.77.100"}, "192.168.77.100");
    CHECK(renewed->kind == dhcp::Kind::ack);
    CHECK(renewed->packet.destination == ip("192.168.77.100"));
    CHECK(wire.ask({})->address == ip("192.168.77.100"));
    const auto event = wire.test.recorder.all("dhcp")[1];
    CHECK(event["message"] == "request");
    CHECK(event["answer"] == "ack");
    CHECK(event["address"] == "192.168.77.100");
    CHECK(event["host_name"] == "AMC020SC43PJ749D66");
    CHECK(event["vendor_class"] == "udhcp");
    CHECK(event["parameters"] == Json({1, 3, 4, 5, 6, 12, 15, 28, 42}));
}

TEST_CASE(
    "identities made up by the hundred neither take the camera's address nor last longer than the pool") {
    Wire wire;
    const auto own = wire.ask({})->address;
    for (int i = 0; i < 5000; ++i) {
        const auto made_up =
            MacAddress::parse(fmt::format("02:66:{:02x}:{:02x}:00:01", i >> 8, i & 255)).value();
        const auto told = wire.ask({.kind = i % 3 == 0 ? dhcp::Kind::request : dhcp::Kind::discover,
                                    .wanted = own.to_string(),
                                    .mac = made_up});
        if (told) CHECK(told->address != own);
    }
    CHECK(wire.ask({.kind = dhcp::Kind::request, .client_address = own.to_string()}, own.to_string())->kind ==
          dhcp::Kind::ack);
    CHECK(wire.test.recorder.all("dhcp").size() == 5002);
}

TEST_CASE("group datagrams are recorded whether or not the host is a member") {
    Wire wire;
    const auto packet =
        udp_packets({ip("192.168.77.100"), 50000}, {ip("239.255.255.250"), 3702}, as_bytes("<soap/>"), 1500)
            .front();
    CHECK(wire.link
              .received(ethernet_frame(MacAddress::parse("01:00:5e:7f:ff:fa").value(), camera_mac,
                                       ethertype::ipv4, packet))
              .empty());
    const auto event = wire.test.recorder.last("udp");
    CHECK(event["protocol"] == "ws-discovery");
    CHECK(event["payload"] == "<soap/>");
    CHECK(event["group"] == true);
}

TEST_CASE("frames of other types are recorded") {
    Wire wire;
    (void)wire.link.received(ethernet_frame(everyone, camera_mac, 0x8033, as_bytes("sadp")));
    CHECK(wire.test.recorder.last("frame")["ethertype"] == "8033");
    CHECK(wire.test.recorder.last("frame")["payload"] == "sadp");
    const auto count = wire.test.recorder.events.size();
    (void)wire.link.received(ethernet_frame(everyone, bench_mac, 0x8033, as_bytes("our own")));
    CHECK(wire.test.recorder.events.size() == count);
}

TEST_CASE("no bent frame harms the link, and what it answers is the bench's own") {
    Wire wire;
    std::minstd_rand random(4);
    const auto is_ours = [](const Bytes& frame) {
        return frame.size() >= 14 && MacAddress::from(ByteView(frame).subspan(6, 6)) == bench_mac;
    };
    const auto hears = [&](ByteView frame) {
        const auto answers = wire.link.received(frame);
        CHECK(std::all_of(answers.begin(), answers.end(), is_ours));
    };
    for (const auto& whole :
         {arp_request("192.168.1.108", "192.168.1.1"), solicitation("fe80::99", "fe80::1"), echo("8.8.8.8"),
          echo("2001:db8::1"), dhcp_frame(dhcp_message({}))}) {
        for (std::size_t size = 0; size < whole.size(); ++size) hears(ByteView(whole).first(size));
        for (int i = 0; i < 2000; ++i) {
            auto bent = whole;
            for (int k = 0; k < 4; ++k) bent[random() % bent.size()] = static_cast<std::byte>(random());
            hears(bent);
        }
    }
}

TEST_CASE("long datagrams are cut into fragments that fit the wire and make up the whole") {
    for (const auto* source : {"8.8.8.8", "2001:db8::1"}) {
        const Bytes content(5000, std::byte{7});
        const Endpoint from{ip(source), 53},
            to{ip(ip(source).is_v4() ? "192.168.77.100" : "2001:2:0:1::100"), 4000};
        const auto packets = udp_packets(from, to, content, 1500);
        CHECK(packets.size() == 4);
        std::size_t sum = 0;
        for (const auto& packet : packets) {
            CHECK(packet.size() <= 1500);
            const auto parsed = parse_ip(packet).value();
            CHECK(parsed.fragment);
            CHECK(parsed.protocol == 17);
            sum += parsed.payload.size();
        }
        CHECK(sum == content.size() + 8);
    }
    CHECK(udp_packets({ip("8.8.8.8"), 1}, {ip("1.1.1.1"), 1}, Bytes(70000), 1500).empty());
}

TEST_CASE("a datagram's checksum is the one of the book") {
    // 192.0.2.1:1 -> 192.0.2.2:2 "ab": worked out by hand with RFC 768's pseudo header.
    CHECK(hex(udp_segment({ip("192.0.2.1"), 1}, {ip("192.0.2.2"), 2}, as_bytes("ab"))) ==
          "00 01 00 02 00 0a 1a 71 61 62");
}
