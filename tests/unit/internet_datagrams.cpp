#include <array>
#include <bit>

#include "bench/internet/dispatch/datagram.hpp"
#include "bench/internet/link/link.hpp"
#include "bench/internet/services/time/notices.hpp"
#include "bench/internet/services/web/http.hpp"
#include "bench/internet/world/dialogue.hpp"
#include "harness/wire/packets.hpp"
#include "harness/wire/quic_initial.hpp"
#include "harness/wire/tutk.hpp"
#include "tests/catch.hpp"
#include "tests/unit/internet_support.hpp"

using namespace cambench;
using namespace cambench::internet;
using namespace std::string_literals;

namespace {

Bytes from_hex(std::string_view text) {
    Bytes bytes;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2)
        bytes.push_back(static_cast<std::byte>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
    return bytes;
}

/// A ClientHello with a name and one protocol.
Bytes client_hello(std::string_view name) {
    ByteWriter extensions;
    const auto size = static_cast<std::uint16_t>(name.size());
    extensions.u16(0)
        .u16(static_cast<std::uint16_t>(size + 5))
        .u16(static_cast<std::uint16_t>(size + 3))
        .u8(0)
        .u16(size)
        .text(name);
    extensions.u16(16).u16(5).u16(3).u8(2).text("h3");
    ByteWriter body;
    body.u16(0x0303)
        .zeros(32)
        .u8(0)
        .u16(2)
        .u16(0x1301)
        .u8(1)
        .u8(0)
        .u16(static_cast<std::uint16_t>(extensions.size()))
        .bytes(extensions.view());
    ByteWriter hello;
    return hello.u8(1).u24(static_cast<std::uint32_t>(body.size())).bytes(body.view()).take();
}

/// An Initial datagram of a client, with a piece of its hello.
Bytes initial(std::uint32_t version, ByteView id, ByteView hello, std::uint64_t offset = 0) {
    ByteWriter head;
    head.u8(version == QuicVersion::v2 ? 0xd0 : 0xc0)
        .u32(version)
        .u8(static_cast<std::uint8_t>(id.size()))
        .bytes(id)
        .u8(2)
        .text("me")
        .u8(0);
    ByteWriter frames;
    frames.u8(6)
        .u16(static_cast<std::uint16_t>(0x4000 | offset))
        .u16(static_cast<std::uint16_t>(0x4000 | hello.size()))
        .bytes(hello);
    frames.zeros(1162 - frames.size());
    return seal_quic_initial(head.take(), frames.view(), *quic_initial_keys(version, id, QuicSide::client));
}

const std::string id = "\x83\x94\xc8\xf0\x3e\x51\x57\x08";

}  // namespace

TEST_CASE("the keys of QUIC's first packets are those of RFC 9001, appendix A") {
    const auto keys = quic_initial_keys(QuicVersion::v1, as_bytes(id), QuicSide::client);
    REQUIRE(keys);
    CHECK(hex(keys->key) == hex(from_hex("1f369613dd76d5467730efcbe3b1a22d")));
    CHECK(hex(keys->iv) == hex(from_hex("fa044b2f42a3fd3b46fb255c")));
    CHECK(hex(keys->header) == hex(from_hex("9f50449e04a0e810283a1e9933adedd2")));
    CHECK_FALSE(quic_initial_keys(0x1a2a3a4a, as_bytes(id), QuicSide::client));
}

TEST_CASE("a QUIC client's name is read, and the client refused") {
    for (const auto version : {QuicVersion::v1, QuicVersion::v2}) {
        TestWorld test;
        DatagramService service(test.world);
        const auto answer =
            service.received(test.flow("198.51.100.9", 443, Transport::udp),
                             initial(version, as_bytes(id), client_hello("a.vendor.example")));
        const auto event = test.recorder.last("quic");
        CHECK(event["sni"] == "a.vendor.example");
        CHECK(event["alpn"][0] == "h3");
        CHECK(event["outcome"] == "refused");
        const auto header = parse_quic_long_header(answer);
        REQUIRE(header.ok());
        CHECK(as_text(header->destination_id) == "me");
        const auto frames =
            open_quic_initial(answer, *header, *quic_initial_keys(version, as_bytes(id), QuicSide::server));
        REQUIRE(frames.ok());
        CHECK(hex(ByteView(*frames).first(4)) == "1c 02 00 00");
    }
}

TEST_CASE("a hello in two packets, out of order, is put together") {
    const auto hello = client_hello("long.vendor.example");
    QuicInitialReader reader;
    const auto first = reader.take(initial(1, as_bytes(id), ByteView(hello).subspan(30), 30));
    REQUIRE(first.ok());
    CHECK_FALSE(*first);
    const auto second = reader.take(initial(1, as_bytes(id), ByteView(hello).first(30)));
    REQUIRE(second.ok());
    REQUIRE(*second);
    CHECK((*second)->server_name == "long.vendor.example");
}

TEST_CASE("QUIC packets that were changed do not open, and unknown versions are told ours") {
    TestWorld test;
    DatagramService service(test.world);
    auto datagram = initial(1, as_bytes(id), client_hello("a.example"));
    datagram[200] ^= std::byte{1};
    CHECK_FALSE(QuicInitialReader().take(datagram).ok());
    auto greased = initial(1, as_bytes(id), client_hello("a.example"));
    greased[1] = greased[2] = greased[3] = greased[4] = std::byte{0x1a};
    const auto answer = service.received(test.flow("198.51.100.9", 443, Transport::udp), greased);
    CHECK(hex(ByteView(answer).first(5)) == "80 00 00 00 00");
    CHECK(hex(answer).find("00 00 00 01 6b 33 43 cf") != std::string::npos);
    CHECK(test.recorder.last("quic")["outcome"] == "version negotiation");
}

TEST_CASE("what the camera would have its router open is recorded and granted") {
    TestWorld test;
    DatagramService service(test.world);
    const auto flow = test.flow("192.168.77.1", 5351, Transport::udp);
    CHECK(hex(service.received(flow, as_bytes("\0\2\0\0\x02\x2a\x1f\x90\0\0\x0e\x10"s))) ==
          "00 82 00 00 00 00 00 01 02 2a 1f 90 00 00 0e 10");
    const auto mapping = test.recorder.last("port-mapping");
    CHECK(mapping["by"] == "nat-pmp");
    CHECK(mapping["external_port"] == 8080);
    CHECK(mapping["internal"] == "192.168.77.100:554");
    CHECK(test.world.port_mappings.at("TCP 8080") == "192.168.77.100:554");
    ByteWriter pcp;
    pcp.u8(2).u8(1).u16(0).u32(120).zeros(16).text("nonce-nonce-").u8(17).zeros(3).u16(9000).u16(0).zeros(16);
    const auto answer = service.received(flow, pcp.view());
    CHECK(answer.size() == 60);
    CHECK(hex(ByteView(answer).first(4)) == "02 81 00 00");
    CHECK(test.recorder.last("port-mapping")["mapped_transport"] == "UDP");
}

TEST_CASE("a search for a gateway on the wire is answered, and the gateway takes port mappings") {
    TestWorld test;
    Link link(test.world);
    const auto search =
        "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\nST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\n\r\n"s;
    const Endpoint from{ip("192.168.77.100"), 5000}, group{ip("239.255.255.250"), 1900};
    const auto packets = udp_packets(from, group, as_bytes(search), 1500);
    const auto camera = MacAddress::parse("02:4b:52:00:00:01").value();
    const auto answers = link.received(ethernet_frame(MacAddress::parse("01:00:5e:7f:ff:fa").value(), camera,
                                                      ethertype::ipv4, packets.at(0)));
    REQUIRE(answers.size() == 1);
    CHECK(as_text(answers[0]).find("LOCATION: http://192.168.77.1:5000/rootDesc.xml") !=
          std::string_view::npos);
    CHECK(test.recorder.last("ssdp")["answered"] == true);

    auto conversation = make_conversation(test.world, test.flow("192.168.77.1", 5000, Transport::tcp));
    CHECK(say(*conversation, "GET /rootDesc.xml HTTP/1.1\r\nHost: a\r\n\r\n").find("WANIPConnection:1") !=
          std::string::npos);
    const auto body =
        "<s:Body><u:AddPortMapping "
        "xmlns:u=\"x\"><NewRemoteHost></NewRemoteHost><NewExternalPort>8080</"
        "NewExternalPort><NewProtocol>TCP</NewProtocol>"
        "<NewInternalPort>80</NewInternalPort><NewInternalClient>192.168.77.100</"
        "NewInternalClient><NewEnabled>1</NewEnabled>"
        "<NewPortMappingDescription>cam</NewPortMappingDescription><NewLeaseDuration>0</NewLeaseDuration></u:AddPortMapping></s:Body>"s;
    const auto head =
        "POST /ctl/IPConn HTTP/1.1\r\nHost: a\r\nSOAPAction: "
        "\"urn:schemas-upnp-org:service:WANIPConnection:1#";
    CHECK(say(*conversation, head + "AddPortMapping\"\r\nContent-Length: "s + std::to_string(body.size()) +
                                 "\r\n\r\n" + body)
              .find("AddPortMappingResponse") != std::string::npos);
    CHECK(test.recorder.last("port-mapping")["description"] == "cam");
    CHECK(test.recorder.last("port-mapping")["internal"] == "192.168.77.100:80");
    CHECK(say(*conversation, head + "GetExternalIPAddress\"\r\nContent-Length: 0\r\n\r\n"s)
              .find("NewExternalIPAddress") != std::string::npos);
    CHECK(say(*conversation, head + "Nothing\"\r\nContent-Length: 0\r\n\r\n"s).starts_with("HTTP/1.1 500"));
}

TEST_CASE("files are taken and given by TFTP") {
    Personality personality;
    personality.http_routes.push_back({.path = "/fw.bin", .answers = {{.body = std::string(600, 'f')}}});
    TestWorld test(personality);
    DatagramService service(test.world);
    const auto flow = test.flow("198.51.100.69", 69, Transport::udp);
    CHECK(hex(service.received(flow, as_bytes("\0\2snap.jpg\0octet\0"s))) == "00 04 00 00");
    CHECK(hex(service.received(flow, as_bytes("\0\3\0\1"s + std::string(512, 'a')))) == "00 04 00 01");
    CHECK(hex(service.received(flow, as_bytes("\0\3\0\1"s + std::string(512, 'a')))) == "00 04 00 01");
    CHECK(hex(service.received(flow, as_bytes("\0\3\0\2end"s))) == "00 04 00 02");
    CHECK(test.recorder.last("tftp")["payload"] == std::string(512, 'a') + "end");
    CHECK(test.recorder.last("tftp")["file"] == "snap.jpg");
    CHECK(service.received(flow, as_bytes("\0\1/fw.bin\0octet\0"s)).size() == 516);
    CHECK(service.received(flow, as_bytes("\0\4\0\1"s)).size() == 4 + 88);
    CHECK(service.received(flow, as_bytes("\0\4\0\2"s)).size() <= 4);
    CHECK(hex(service.received(flow, as_bytes("\0\1none\0octet\0"s))).starts_with("00 05 00 01"));
    const auto accepted = service.received(flow, as_bytes("\0\2b\0octet\0blksize\0"
                                                          "1428\0"s));
    CHECK(as_text(accepted) ==
          "\0\6blksize\0"
          "1428\0"s);
    (void)service.received(flow, as_bytes("\0\3\0\1"s + std::string(1428, 'p')));
    service.finish_flows(DatagramService::Which::all);
    CHECK(test.recorder.last("tftp")["payload"] == std::string(1428, 'p'));
    CHECK(test.recorder.last("tftp")["whole"] == false);
}

TEST_CASE("a file of more blocks than TFTP can count is given whole, and its size is told") {
    Personality personality;
    personality.http_routes.push_back(
        {.path = "/big.bin", .answers = {{.body = std::string(8 * 65540 + 3, 'f')}}});
    TestWorld test(personality);
    DatagramService service(test.world);
    const auto flow = test.flow("198.51.100.69", 69, Transport::udp);
    CHECK(as_text(service.received(flow, as_bytes("\0\1big.bin\0octet\0tsize\0"
                                                  "0\0blksize\0"
                                                  "8\0"s))) ==
          "\0\6blksize\0"
          "8\0tsize\0"
          "524323\0"s);
    std::size_t bytes = 0;
    for (std::uint32_t block = 0; block <= 65541; ++block) {
        ByteWriter acknowledgement;
        const auto given =
            service.received(flow, acknowledgement.u16(4).u16(static_cast<std::uint16_t>(block)).take());
        if (given.size() > 4) bytes += given.size() - 4;
    }
    CHECK(bytes == 8 * 65540 + 3);
    CHECK(test.recorder.last("tftp")["whole"] == true);
    CHECK(service.received(flow, as_bytes("\0\1big.bin\0octet\0"s)).size() == 516);
    CHECK(service.received(flow, as_bytes("\0\4\377\377"s)).empty());  // of a block that was never sent
}

TEST_CASE("system logs and traps are decoded") {
    TestWorld test;
    DatagramService service(test.world);
    CHECK(service.received(test.flow("198.51.100.2", 514, Transport::udp), as_bytes("<134>cam: motion"))
              .empty());
    CHECK(test.recorder.last("syslog")["facility"] == 16);
    CHECK(test.recorder.last("syslog")["severity"] == 6);
    CHECK(test.recorder.last("syslog")["text"] == "cam: motion");
    CHECK_FALSE(parse_syslog(as_bytes("<999>x")).ok());
    CHECK_FALSE(parse_syslog(as_bytes("<1x>x")).ok());
    const auto parsed = parse_snmp(
        from_hex("302902010104067075626c6963a71c0201010201000201003011300f06082b060106030101010403313233"));
    REQUIRE(parsed.ok());
    CHECK(parsed->version == 2);
    CHECK(parsed->community == "public");
    CHECK(parsed->kind == "trap");
    CHECK(parsed->objects == std::vector<std::string>{"1.3.6.1.6.3.1.1.1"});
    CHECK_FALSE(parse_snmp(from_hex("3084ffffffff")).ok());
    CHECK_FALSE(parse_snmp(from_hex("300302010")).ok());
}

TEST_CASE("questions for local names are decoded") {
    TestWorld test;
    DatagramService service(test.world);
    (void)service.received(test.flow("192.168.77.1", 5353, Transport::udp),
                           as_bytes("\0\0\0\0\0\1\0\0\0\0\0\0\5_http\4_tcp\5local\0\0\x0c\0\1"s));
    CHECK(test.recorder.last("local-name")["questions"][0] == "_http._tcp.local PTR");
}

TEST_CASE("TUTK's scrambled heads are recognised") {
    const std::array<std::size_t, 16> swapped_from{11, 9, 8, 15, 13, 10, 12, 14, 2, 1, 5, 0, 6, 4, 7, 3};
    const auto turned = [](std::array<std::uint8_t, 16> block, int first) {
        for (std::size_t word = 0; word < 16; word += 4) {
            std::uint32_t value = block[word] | block[word + 1] << 8 | block[word + 2] << 16 |
                                  static_cast<std::uint32_t>(block[word + 3]) << 24;
            value = std::rotr(value, static_cast<int>(word) + first);
            for (std::size_t i = 0; i < 4; ++i) block[word + i] = static_cast<std::uint8_t>(value >> (8 * i));
        }
        return block;
    };
    // The device's side of it: turn back, mask, swap, turn back.
    auto block = turned({4, 2, 0x1a, 2, 8}, 1);
    std::array<std::uint8_t, 16> swapped{};
    for (std::size_t i = 0; i < 16; ++i)
        swapped[swapped_from[i]] =
            static_cast<std::uint8_t>(block[i] ^ static_cast<std::uint8_t>("Charlie is the d"[i]));
    const auto scrambled = turned(swapped, 3);
    const auto datagram = std::as_bytes(std::span(scrambled));
    CHECK(hex(tutk_head(datagram), 5) == "04 02 1a 02 08 ..");
    CHECK(is_tutk(datagram));
    TestWorld test;
    DatagramService service(test.world);
    (void)service.received(test.flow("198.51.100.10", 10001, Transport::udp), datagram);
    CHECK(test.recorder.last("udp")["protocol"] == "tutk");
    CHECK(tutk_head(as_bytes("short")).empty());
    CHECK_FALSE(is_tutk(as_bytes(std::string(32, 'x'))));
}

TEST_CASE("servers that the personality refuses answer nothing, in the order the camera tries them") {
    Personality personality;
    personality.refuse_first = 2;
    TestWorld test(personality);
    const auto to = [&](std::string_view address) { return test.flow(address, 9000, Transport::udp); };
    CHECK(test.world.refuses(to("198.51.100.1")));
    CHECK(test.world.refuses(to("198.51.100.2")));
    CHECK_FALSE(test.world.refuses(to("198.51.100.3")));
    CHECK(test.world.refuses(to("198.51.100.1")));
    CHECK_FALSE(test.world.refuses(to("192.168.77.1")));
    // The sandbox refuses connections itself, by address, in each family.
    const auto connects = [&](std::string_view address, std::uint16_t port) {
        const auto flow = test.flow(address, port, Transport::tcp);
        return !test.world.refuses(flow) && test.world.refuses_first_packet(flow);
    };
    CHECK_FALSE(connects("198.51.100.3", 53));
    CHECK(connects("198.51.100.3", 80));
    CHECK(connects("198.51.100.3", 443));
    CHECK(connects("198.51.100.1", 80));
    CHECK_FALSE(connects("198.51.100.2", 80));
    CHECK(connects("2001:db8::1", 80));
    CHECK(connects("198.51.100.3", 80));
}

TEST_CASE("a dead cloud answers no server's protocol but still tells names and time") {
    Personality personality;
    personality.servers_dead = true;
    TestWorld test(personality);
    DatagramService service(test.world);
    ByteWriter stun;
    CHECK(service
              .received(test.flow("198.51.100.1", 3478, Transport::udp),
                        stun.u16(1).u16(0).u32(0x2112a442).text("abcdefghijkl").view())
              .empty());
    CHECK(test.recorder.last("udp")["answered"] == false);
    ByteWriter query;
    CHECK_FALSE(
        service
            .received(
                test.flow("198.51.100.1", 53, Transport::udp),
                query.u16(7).u16(0x0100).u16(1).u16(0).u16(0).u16(0).text("\1a"s).u8(0).u16(1).u16(1).view())
            .empty());
}

TEST_CASE("frames of camera clouds are answered so that the device goes on") {
    TestWorld test;
    auto xiongmai = make_conversation(test.world, test.flow("198.51.100.4", 34567, Transport::tcp));
    const auto body = "{\"Name\":\"login\"}\n\0"s;
    ByteWriter frame;
    frame.u8(0xff)
        .zeros(3)
        .u32_le(0)
        .u32_le(7)
        .u16(0)
        .u16_le(1000)
        .u32_le(static_cast<std::uint32_t>(body.size()))
        .text(body);
    const auto answer = say(*xiongmai, as_text(frame.view()), 3);
    REQUIRE(answer.size() > 20);
    CHECK(hex(as_bytes(answer).subspan(14, 2)) == "e9 03");
    CHECK(answer.find("\"Ret\":100") != std::string::npos);
    CHECK(test.recorder.last("camera-cloud")["command"] == 1000);
    CHECK(test.recorder.last("camera-cloud")["payload"] == body);

    auto dahua = make_conversation(test.world, test.flow("198.51.100.4", 37777, Transport::tcp));
    const auto realm = say(*dahua, "\xa0\1\0\0"s + std::string(20, '\0') + "\5\2\1\1\0\0\xa1\xaa"s);
    CHECK(realm.starts_with("\xb0\1"));
    CHECK(realm.find("Realm:") != std::string::npos);

    auto tuya = make_conversation(test.world, test.flow("198.51.100.4", 6668, Transport::tcp));
    CHECK(hex(as_bytes(say(*tuya, "\0\0\x55\xaa\0\0\0\1\0\0\0\x09\0\0\0\x08\0\0\0\0\0\0\xaa\x55"s)))
              .starts_with("00 00 55 aa 00 00 00 01 00 00 00 09 00 00 00 0c"));
}

TEST_CASE("a DHCPv6 client gets an address, a resolver and its words recorded") {
    TestWorld test;
    Link link(test.world);
    const auto camera = MacAddress::parse("02:4b:52:00:00:01").value();
    const Endpoint from{ip("fe80::4b:52ff:fe00:1"), 546}, servers{ip("ff02::1:2"), 547};
    const auto ask = [&](std::uint8_t kind) {
        ByteWriter message;
        message.u8(kind)
            .u24(0x123456)
            .u16(1)
            .u16(10)
            .u16(3)
            .u16(1)
            .bytes(camera.bytes())
            .u16(3)
            .u16(12)
            .u32(7)
            .u32(0)
            .u32(0)
            .u16(6)
            .u16(4)
            .u16(23)
            .u16(24);
        message.u16(39).u16(6).u8(0).text("\3cam\0"s);
        return link.received(ethernet_frame(multicast_mac(servers.address), camera, ethertype::ipv6,
                                            udp_packets(from, servers, message.view(), 1500).at(0)));
    };
    const auto offered = ask(1);
    REQUIRE(offered.size() == 1);
    const auto event = test.recorder.last("dhcp6");
    CHECK(event["message"] == "solicit");
    CHECK(event["answer"] == "advertise");
    CHECK(event["address"] == "2001:2:0:1::6:100");
    CHECK(event["host_name"] == "cam");
    const auto packet = parse_ip(parse_ethernet(offered[0])->payload);
    REQUIRE(packet.ok());
    CHECK(packet->destination == from.address);
    const auto datagram = parse_udp(packet->payload);
    REQUIRE(datagram.ok());
    CHECK(hex(datagram->payload.first(4)) == "02 12 34 56");
    REQUIRE(ask(3).size() == 1);
    CHECK(test.recorder.last("dhcp6")["answer"] == "reply");
    CHECK(test.recorder.last("dhcp6")["address"] == "2001:2:0:1::6:100");
    CHECK_FALSE(parse_dhcp6(as_bytes("\1\0\0\1\0\1\0\x0a"s)).ok());
}

TEST_CASE("services that tell a device where it is say what the personality says") {
    Personality personality;
    personality.country = "CN";
    personality.public_address = ip("36.112.0.1");
    TestWorld test(personality);
    auto conversation = make_http_dialogue(test.world, test.flow("198.51.100.6", 80, Transport::tcp));
    CHECK(
        say(*conversation, "GET /json HTTP/1.1\r\nHost: ip-api.com\r\n\r\n").find("\"countryCode\":\"CN\"") !=
        std::string::npos);
    CHECK(say(*conversation, "GET / HTTP/1.1\r\nHost: api.ipify.org\r\n\r\n").ends_with("\r\n36.112.0.1\n"));
    CHECK(say(*conversation, "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n").find("36.112") ==
          std::string::npos);
}
