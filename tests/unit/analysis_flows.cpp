#include <fmt/format.h>

#include "tests/catch.hpp"
#include "tests/unit/packets.hpp"

using namespace cambench;
using namespace cambench::packets;
using analysis::Resolution;
using namespace std::chrono_literals;

TEST_CASE("a_flow_to_an_address_that_dns_gave_has_its_name", "[analysis]") {
    Wire wire;
    wire.lease().resolve("Time.Vendor.Example", ip("203.0.113.9"));
    const auto first = wire.datagram(ip("203.0.113.9"), 123, ntp_request(), ntp_request());
    const auto seen = observe(wire.frames);
    const auto* time = find(seen, "time.vendor.example", 123);
    REQUIRE(time != nullptr);
    CHECK(time->resolution == Resolution::dns);
    CHECK(time->protocol == "ntp");
    CHECK(time->bytes_out == 48);
    CHECK(time->bytes_in == 48);
    CHECK(time->attempts == 1);
    CHECK(time->failed == 0);
    CHECK(time->first_frame.number == first);
}

TEST_CASE("an_address_without_any_name_is_a_literal", "[analysis]") {
    Wire wire;
    wire.lease().connect(ip("198.51.100.77"), 9443, to_bytes("beacon"));
    const auto seen = observe(wire.frames);
    const auto* planted = find(seen, "198.51.100.77", 9443);
    REQUIRE(planted != nullptr);
    CHECK(planted->resolution == Resolution::literal);
    CHECK(planted->bytes_out == 6);
    CHECK(planted->bytes_in == 5);
}

TEST_CASE("ipv6_is_followed_like_ipv4", "[analysis]") {
    Wire wire;
    wire.lease().resolve("six.vendor.example", ip("2001:db8:99::1"));
    wire.connect(ip("2001:db8:99::1"), 443, client_hello("six.vendor.example"));
    wire.datagram(ip("2001:db8:66::6"), 9443, to_bytes("beacon"));
    const auto seen = observe(wire.frames);
    REQUIRE(find(seen, "six.vendor.example", 443) != nullptr);
    CHECK(find(seen, "six.vendor.example", 443)->resolution == Resolution::dns);
    REQUIRE(find(seen, "2001:db8:66::6", 9443) != nullptr);
    CHECK(find(seen, "2001:db8:66::6", 9443)->resolution == Resolution::literal);
}

TEST_CASE("the_name_is_the_one_asked_for_and_the_aliases_are_kept", "[analysis]") {
    Wire wire;
    wire.resolve("cloud.vendor.example", {alias_record("cloud.vendor.example", "edge.cdn.example"),
                                          address_record("edge.cdn.example", ip("203.0.113.1"))});
    wire.connect(ip("203.0.113.1"), 443, client_hello("cloud.vendor.example"));
    const auto seen = observe(wire.frames);
    const auto* cloud = find(seen, "cloud.vendor.example", 443);
    REQUIRE(cloud != nullptr);
    CHECK(cloud->aliases == std::vector<std::string>{"edge.cdn.example"});
    CHECK(cloud->claims.empty());
}

TEST_CASE("answers_that_do_not_answer_the_question_name_nothing", "[analysis]") {
    const auto target = ip("198.51.100.5");
    Wire wire;
    SECTION("a record of another owner") {
        wire.resolve("cloud.vendor.example", {address_record("other.example", target)});
    }
    SECTION("an answer nobody asked for") {
        wire.in(wire.resolver, 17,
                udp(53, 41000,
                    dns_answer(7, "cloud.vendor.example", {address_record("cloud.vendor.example", target)})));
    }
    SECTION("an answer from another resolver") {
        wire.ask("cloud.vendor.example");
        wire.in(
            ip("192.168.7.66"), 17,
            udp(53, wire.last_port(),
                dns_answer(101, "cloud.vendor.example", {address_record("cloud.vendor.example", target)})));
    }
    SECTION("an answer with another number") {
        wire.ask("cloud.vendor.example");
        wire.in(
            wire.resolver, 17,
            udp(53, wire.last_port(),
                dns_answer(999, "cloud.vendor.example", {address_record("cloud.vendor.example", target)})));
    }
    SECTION("an answer the camera sends itself") {
        wire.ask("cloud.vendor.example");
        wire.put(ethernet(wire.router_mac, wire.camera_mac, 0x0800,
                          ipv4(wire.resolver, wire.camera, 17,
                               udp(53, wire.last_port(),
                                   dns_answer(101, "cloud.vendor.example",
                                              {address_record("cloud.vendor.example", target)})))));
    }
    SECTION("an answer that comes after the flow began") {
        wire.connect(target, 443, {});
        wire.resolve("cloud.vendor.example", target);
    }
    wire.wait(1s).connect(ip("198.51.100.6"), 443, {});
    if (wire.frames.size() < 12) wire.connect(target, 443, {});
    const auto seen = observe(wire.frames, std::nullopt, "02:4b:52:00:00:01");
    const auto* flow = find(seen, "198.51.100.5", 443);
    REQUIRE(flow != nullptr);
    CHECK(flow->resolution == Resolution::literal);
}

TEST_CASE("a_server_name_is_found_in_a_hello_split_over_segments", "[analysis]") {
    const auto hello = client_hello("cloud.vendor.example");
    const Bytes first(hello.begin(), hello.begin() + 30), rest(hello.begin() + 30, hello.end());
    Wire wire;
    const auto to = ip("203.0.113.7");
    wire.out(to, 6, tcp(40001, 443, 99, 0, syn));
    wire.in(to, 6, tcp(443, 40001, 500, 100, syn | ack));
    wire.out(to, 6, tcp(40001, 443, 100 + 30, 501, ack, rest));  // reordered
    const auto complete = wire.out(to, 6, tcp(40001, 443, 100, 501, ack, first));
    wire.out(to, 6, tcp(40001, 443, 100, 501, ack, first));  // and retransmitted
    const auto seen = observe(wire.frames);
    const auto* flow = find(seen, "cloud.vendor.example", 443);
    REQUIRE(flow != nullptr);
    CHECK(flow->resolution == Resolution::sni);
    CHECK(flow->bytes_out == hello.size());
    CHECK(flow->protocol == "tls");
    CHECK(flow->claims.empty());
    CHECK(complete == 4);
}

TEST_CASE("a_claimed_name_that_dns_contradicts_is_kept_as_a_claim", "[analysis]") {
    Wire wire;
    wire.resolve("cloud.vendor.example", ip("203.0.113.7"));
    wire.connect(ip("203.0.113.7"), 443, client_hello("hidden.example"));
    const auto seen = observe(wire.frames);
    const auto* flow = find(seen, "cloud.vendor.example", 443);
    REQUIRE(flow != nullptr);
    REQUIRE(flow->claims.size() == 1);
    CHECK(flow->claims[0].name == "hidden.example");
}

TEST_CASE("of_several_names_for_an_address_the_claimed_one_is_taken", "[analysis]") {
    Wire wire;
    wire.resolve("one.example", ip("203.0.113.7"));
    wire.resolve("two.example", ip("203.0.113.7"));
    wire.connect(ip("203.0.113.7"), 443, client_hello("one.example"));
    const auto seen = observe(wire.frames);
    const auto* flow = find(seen, "one.example", 443);
    REQUIRE(flow != nullptr);
    CHECK(flow->other_names == std::vector<std::string>{"two.example"});
}

TEST_CASE("a_host_header_names_a_destination_unless_it_is_an_address", "[analysis]") {
    Wire wire;
    wire.connect(ip("203.0.113.7"), 8080, to_bytes("GET / HTTP/1.1\r\nHost: Web.Example:8080\r\n\r\n"));
    wire.connect(ip("203.0.113.8"), 8080, to_bytes("GET / HTTP/1.1\r\nHost: 203.0.113.8:8080\r\n\r\n"));
    const auto seen = observe(wire.frames);
    REQUIRE(find(seen, "web.example", 8080) != nullptr);
    CHECK(find(seen, "web.example", 8080)->resolution == Resolution::host);
    CHECK(find(seen, "203.0.113.8", 8080)->resolution == Resolution::literal);
}

TEST_CASE("failed_connections_count_as_attempts_and_a_retransmitted_syn_does_not", "[analysis]") {
    const auto to = ip("198.51.100.77");
    Wire wire;
    wire.out(to, 6, tcp(40001, 9443, 99, 0, syn));
    wire.wait(1s).out(to, 6, tcp(40001, 9443, 99, 0, syn));
    wire.wait(2s).out(to, 6, tcp(40002, 9443, 77, 0, syn));
    wire.in(to, 6, tcp(9443, 40002, 0, 78, rst | ack));
    wire.wait(2s).out(to, 6, tcp(40002, 9443, 5555, 0, syn));  // the same ports, another connection
    const auto seen = observe(wire.frames);
    REQUIRE(seen.destinations.size() == 1);
    CHECK(seen.destinations[0].attempts == 3);
    CHECK(seen.destinations[0].failed == 3);
    CHECK(seen.destinations[0].attempt_frames.size() == 3);
    CHECK(seen.destinations[0].bytes_out == 0);
}

TEST_CASE("failed_attempts_join_the_destination_they_were_meant_for", "[analysis]") {
    const auto to = ip("203.0.113.7");
    Wire wire;
    wire.out(to, 6, tcp(40001, 443, 99, 0, syn));
    wire.wait(3s).connect(to, 443, client_hello("cloud.vendor.example"));
    const auto seen = observe(wire.frames);
    REQUIRE(seen.destinations.size() == 1);
    CHECK(seen.destinations[0].name == "cloud.vendor.example");
    CHECK(seen.destinations[0].attempts == 2);
    CHECK(seen.destinations[0].failed == 1);
}

TEST_CASE("of_very_many_connections_each_counts_once_though_its_last_acknowledgment_comes_late",
          "[analysis]") {
    constexpr unsigned connections = 1500;
    const auto to = ip("203.0.113.7");
    Wire wire;
    for (unsigned i = 0; i < connections; ++i) {
        const auto own = static_cast<std::uint16_t>(20000 + i);
        wire.out(to, 6, tcp(own, 443, 99, 0, syn));
        if (i > 0) wire.out(to, 6, tcp(own - 1, 443, 105, 202, ack));  // of the connection before
        wire.in(to, 6, tcp(443, own, 200, 100, syn | ack));
        wire.out(to, 6, tcp(own, 443, 100, 201, ack | psh, to_bytes("beat")));
        wire.out(to, 6, tcp(own, 443, 104, 201, fin | ack));
        wire.in(to, 6, tcp(443, own, 201, 105, fin | ack));
    }
    const auto seen = observe(wire.frames);
    REQUIRE(seen.destinations.size() == 1);
    CHECK(seen.destinations[0].attempts == connections);
    CHECK(seen.destinations[0].failed == 0);
    CHECK(seen.destinations[0].bytes_out == 4 * connections);
    CHECK(seen.flows_in == 0);
}

TEST_CASE("of_very_many_look_ups_each_counts_once_though_an_answer_comes_twice", "[analysis]") {
    constexpr unsigned lookups = 1000;
    Wire wire;
    wire.lease();
    for (unsigned i = 0; i < lookups; ++i) {
        const auto name = fmt::format("n{}.vendor.example", i);
        const auto own = static_cast<std::uint16_t>(20000 + i);
        const auto answer = dns_answer(static_cast<std::uint16_t>(i), name,
                                       {address_record(name, IpAddress::v4(0xcb007100 + i % 200))});
        wire.out(wire.resolver, 17, udp(own, 53, dns_query(static_cast<std::uint16_t>(i), name)));
        wire.in(wire.resolver, 17, udp(53, own, answer));
        wire.in(wire.resolver, 17, udp(53, own, answer));
    }
    const auto seen = observe(wire.frames);
    CHECK(seen.lookups.size() == lookups);
    const auto* resolver = find(seen, wire.resolver.to_string(), 53);
    REQUIRE(resolver != nullptr);
    CHECK(resolver->attempts == lookups);
    CHECK(resolver->failed == 0);
    CHECK(seen.visitors.empty());
}

TEST_CASE("an_unreachable_datagram_is_a_failed_attempt", "[analysis]") {
    const auto to = ip("198.51.100.77");
    Wire wire;
    const auto sent = ipv4(wire.camera, to, 17, udp(40001, 32100, to_bytes("hello")));
    wire.put(ethernet(wire.router_mac, wire.camera_mac, 0x0800, sent));
    wire.in(wire.router, 1, ByteWriter().u8(3).u8(1).u16(0).u32(0).bytes(sent).take());
    const auto seen = observe(wire.frames);
    REQUIRE(seen.destinations.size() == 1);
    CHECK(seen.destinations[0].failed == 1);
}

TEST_CASE("sendings_of_one_socket_half_a_second_apart_are_attempts_of_their_own", "[analysis]") {
    const auto to = ip("198.51.100.77");
    Wire wire;
    for (int i = 0; i < 3; ++i) {
        wire.out(to, 17, udp(40001, 9000, to_bytes("beacon")));
        wire.out(to, 17, udp(40001, 9000, to_bytes("beacon")));
        wire.wait(10s);
    }
    const auto seen = observe(wire.frames);
    REQUIRE(seen.destinations.size() == 1);
    CHECK(seen.destinations[0].attempts == 3);
    CHECK(seen.destinations[0].bytes_out == 36);
}

TEST_CASE("connections_that_others_begin_are_no_destinations", "[analysis]") {
    Wire wire;
    const auto viewer = ip("192.168.7.2");
    wire.in(viewer, 6, tcp(50000, 554, 1, 0, syn));
    wire.out(viewer, 6, tcp(554, 50000, 9, 2, syn | ack));
    wire.in(viewer, 6,
            tcp(50000, 554, 2, 10, ack,
                to_bytes("SETUP rtsp://192.168.7.20/ RTSP/1.0\r\nTransport: "
                         "RTP/AVP;unicast;client_port=6000-6001\r\n\r\n")));
    wire.out(viewer, 17, udp(7000, 6000, to_bytes("rtp")));
    wire.out(viewer, 17, udp(7002, 6666, to_bytes("not asked for")));
    const auto seen = observe(wire.frames, std::nullopt, "192.168.7.20");
    CHECK(seen.flows_in == 1);
    REQUIRE(find(seen, "192.168.7.2", 6000) != nullptr);
    CHECK(find(seen, "192.168.7.2", 6000)->asked_for);
    REQUIRE(find(seen, "192.168.7.2", 6666) != nullptr);
    CHECK_FALSE(find(seen, "192.168.7.2", 6666)->asked_for);
}

TEST_CASE("media_of_a_call_that_a_neighbour_makes_are_asked_for_and_others_are_not", "[analysis]") {
    Wire wire;
    const auto viewer = ip("192.168.7.2");
    const auto* call =
        "INVITE sip:cam@192.168.7.20 SIP/2.0\r\nContent-Type: application/sdp\r\n\r\nv=0\r\nc=IN IP4 "
        "192.168.7.2\r\nm=audio 0 RTP/AVP 8\r\nm=video 6000 RTP/AVP 96\r\n";
    wire.in(viewer, 17, udp(5060, 5060, to_bytes(call)));
    wire.out(viewer, 17, udp(5060, 5060, to_bytes("SIP/2.0 200 OK\r\n\r\n")));
    for (const std::uint16_t port : {6000, 6001, 6666})
        wire.out(viewer, 17, udp(7000, port, to_bytes("rtp")));
    const auto seen = observe(wire.frames, std::nullopt, "192.168.7.20");
    for (const std::uint16_t port : {6000, 6001, 6666}) {
        REQUIRE(find(seen, "192.168.7.2", port) != nullptr);
        CHECK(find(seen, "192.168.7.2", port)->asked_for == (port != 6666));
    }
}

TEST_CASE("neighbours_are_lan_and_private_addresses_behind_the_router_are_not", "[analysis]") {
    Wire wire;
    wire.lease();
    wire.connect(ip("192.168.7.30"), 80, to_bytes("GET / HTTP/1.0\r\n\r\n"));
    wire.connect(ip("10.20.30.40"), 80, to_bytes("GET / HTTP/1.0\r\n\r\n"));
    wire.group(ip("239.255.255.250"), 40000, 3702,
               to_bytes("<Hello xmlns='http://schemas.xmlsoap.org/ws/2005/04/discovery'/>"));
    const auto seen = observe(wire.frames);
    CHECK(find(seen, "192.168.7.30", 80)->resolution == Resolution::lan);
    CHECK(find(seen, "10.20.30.40", 80)->resolution == Resolution::literal);
    CHECK(find(seen, "239.255.255.250", 3702)->resolution == Resolution::lan);
    CHECK(find(seen, "239.255.255.250", 3702)->protocol == "ws-discovery");
}

TEST_CASE("a_camera_cannot_widen_its_own_network", "[analysis]") {
    Wire wire;
    DhcpOptions wide{5, "", "", "", {ip("198.51.100.53")}, {}, {}, 0xff000000};
    wire.put(ethernet(wire.camera_mac, wire.camera_mac, 0x0800,
                      ipv4(wire.router, wire.camera, 17,
                           udp(67, 68, dhcp(true, wire.camera_mac, ip("198.51.100.20"), wide)))));
    wire.connect(ip("198.51.100.77"), 443, {});
    const auto seen = observe(wire.frames, std::nullopt, "02:4b:52:00:00:01");
    CHECK(seen.network.resolvers.empty());
    CHECK(find(seen, "198.51.100.77", 443)->resolution == Resolution::literal);
}

TEST_CASE("icmp_and_other_protocols_are_destinations", "[analysis]") {
    Wire wire;
    wire.out(ip("198.51.100.1"), 1, icmp_echo(7));
    wire.out(ip("198.51.100.2"), 47, to_bytes("tunnel"));
    wire.in(ip("198.51.100.3"), 1, icmp_echo(9));
    wire.out(ip("198.51.100.3"), 1, icmp_echo(9, to_bytes("ping"), 0));
    const auto seen = observe(wire.frames);
    REQUIRE(seen.destinations.size() == 2);
    CHECK(seen.destinations[0].transport == Transport::icmp);
    CHECK(seen.destinations[1].transport == Transport::other);
    CHECK(seen.destinations[1].protocol == "ip-47");
}

TEST_CASE("fragments_count_with_the_ports_of_their_first_and_even_alone", "[analysis]") {
    const auto to = ip("198.51.100.77");
    const auto whole = udp(40001, 9000, Bytes(3000, std::byte{'x'}));
    const auto part = [&](std::size_t from, std::size_t to_offset, bool more, std::uint16_t id) {
        return ipv4(
            ip("192.168.7.20"), to, 17,
            Bytes(whole.begin() + static_cast<long>(from), whole.begin() + static_cast<long>(to_offset)), id,
            static_cast<std::uint16_t>((more ? 0x2000 : 0) | from / 8));
    };
    Wire wire;
    const auto send = [&](const Bytes& datagram) {
        return wire.put(ethernet(wire.router_mac, wire.camera_mac, 0x0800, datagram));
    };
    send(part(1480, 2960, true, 5));
    send(part(0, 1480, true, 5));
    send(part(2960, whole.size(), false, 5));
    send(part(0, 1480, true, 6));  // never completed
    const auto seen = observe(wire.frames);
    REQUIRE(find(seen, "198.51.100.77", 9000) != nullptr);
    CHECK(find(seen, "198.51.100.77", 9000)->bytes_out == 3000 + 1472);
}

TEST_CASE("vlan_tags_and_cooked_captures_are_decoded", "[analysis]") {
    const auto inner = ipv4(ip("192.168.7.20"), ip("198.51.100.77"), 17, udp(1, 9000, to_bytes("x")));
    const auto tagged = ethernet(mac("02:00:5e:00:00:01"), mac("02:4b:52:00:00:01"), 0x88a8,
                                 ByteWriter().u16(5).u16(0x8100).u16(6).u16(0x0800).bytes(inner).take());
    CHECK(find(observe({{Nanoseconds(1), tagged}}), "198.51.100.77", 9000) != nullptr);
    const auto cooked = ByteWriter()
                            .u16(0)
                            .u16(1)
                            .u16(6)
                            .bytes(mac("02:4b:52:00:00:01").bytes())
                            .u16(0)
                            .u16(0x0800)
                            .bytes(inner)
                            .take();
    const TemporaryFile file(pcap({{Nanoseconds(1), cooked}}, 113));
    analysis::Inputs inputs;
    inputs.captures = {{file.path(), ""}};
    const auto seen = analysis::analyze(inputs);
    REQUIRE(seen.ok());
    CHECK(find(*seen, "198.51.100.77", 9000) != nullptr);
}

TEST_CASE("the_camera_is_guessed_among_several_hosts_and_never_the_gateway", "[analysis]") {
    Wire wire;
    wire.lease();
    for (int i = 0; i < 5; ++i)
        wire.connect(ip(fmt::format("203.0.113.{}", i + 1)), 443, Bytes(200), Bytes(9000));
    // a chatty neighbour that only serves
    const auto neighbour = mac("02:aa:aa:aa:aa:aa"), other = mac("02:bb:bb:bb:bb:bb");
    for (int i = 0; i < 100; ++i)
        wire.put(
            ethernet(other, neighbour, 0x0800,
                     ipv4(ip("192.168.7.40"), ip("192.168.7.41"), 17, udp(5000, 6000, to_bytes("chat")))));
    const auto seen = observe(wire.frames);
    REQUIRE(seen.camera.mac.has_value());
    CHECK(*seen.camera.mac == wire.camera_mac);
    CHECK(seen.camera.guessed);
    CHECK(seen.camera.addresses == std::vector<IpAddress>{wire.camera});
    CHECK(seen.camera.hostname == "cam-0001");
    CHECK(seen.network.joined.has_value());
}

TEST_CASE("the_user_may_name_the_camera_by_address", "[analysis]") {
    Wire wire;
    wire.connect(ip("203.0.113.1"), 443, {});
    const auto seen = observe(wire.frames, std::nullopt, "192.168.7.20");
    REQUIRE(seen.camera.mac.has_value());
    CHECK(*seen.camera.mac == wire.camera_mac);
    CHECK_FALSE(seen.camera.guessed);
    CHECK(observe(wire.frames, std::nullopt, "192.168.7.99").destinations.empty());
}

TEST_CASE("dns_over_tcp_names_addresses_too", "[analysis]") {
    Wire wire;
    const auto framed = [](const Bytes& message) {
        return ByteWriter().u16(static_cast<std::uint16_t>(message.size())).bytes(message).take();
    };
    wire.connect(wire.resolver, 53, framed(dns_query(5, "cloud.vendor.example")),
                 framed(dns_answer(5, "cloud.vendor.example",
                                   {address_record("cloud.vendor.example", ip("203.0.113.7"))})));
    wire.connect(ip("203.0.113.7"), 443, {});
    const auto seen = observe(wire.frames);
    REQUIRE(find(seen, "cloud.vendor.example", 443) != nullptr);
    REQUIRE(seen.lookups.size() == 1);
    CHECK(seen.lookups[0].transport == Transport::tcp);
}

TEST_CASE("labels_with_dots_inside_do_not_pass_for_other_names", "[analysis]") {
    Wire wire;
    ByteWriter query;
    query.u16(9)
        .u16(0x0100)
        .u16(1)
        .u16(0)
        .u16(0)
        .u16(0)
        .u8(12)
        .text("time.vendor.")
        .u8(7)
        .text("example")
        .u8(0)
        .u16(1)
        .u16(1);
    wire.out(wire.resolver, 17, udp(40001, 53, query.take()));
    const auto seen = observe(wire.frames);
    REQUIRE(seen.lookups.size() == 1);
    CHECK(seen.lookups[0].name == "time\\046vendor\\046.example");
}
