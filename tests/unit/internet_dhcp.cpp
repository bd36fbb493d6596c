#include "tests/unit/internet_link_wire.hpp"

using namespace cambench;
using namespace cambench::internet;
using namespace cambench::link_wire;

TEST_CASE("a client that cannot take unicast yet is answered by broadcast") {
    Wire wire;
    const auto offer = wire.ask({.broadcast = true});
    CHECK(offer->frame.destination == everyone);
    CHECK(offer->packet.destination.is_broadcast());
}

TEST_CASE("an address of another network or another client is refused") {
    Wire wire;
    (void)wire.ask({});
    CHECK(wire.ask({.kind = dhcp::Kind::request, .wanted = "10.0.0.5"})->kind == dhcp::Kind::nak);
    const auto other = MacAddress::parse("02:4b:52:00:00:02").value();
    CHECK(wire.ask({.kind = dhcp::Kind::request, .wanted = "192.168.77.100", .mac = other})->kind ==
          dhcp::Kind::nak);
    CHECK_FALSE(
        wire.ask({.kind = dhcp::Kind::request, .wanted = "192.168.77.100", .server = "192.168.77.9"}));
}

TEST_CASE(
    "a lease that was taken back is refused at its renewal, and another address is given from then on") {
    Wire wire;
    CHECK(wire.ask({})->address == ip("192.168.77.100"));
    CHECK(
        wire.ask({.kind = dhcp::Kind::request, .client_address = "192.168.77.100"}, "192.168.77.100")->kind ==
        dhcp::Kind::ack);
    REQUIRE(obey(wire.test.world, {{"command", "move-leases"}}).ok());
    CHECK(
        wire.ask({.kind = dhcp::Kind::request, .client_address = "192.168.77.100"}, "192.168.77.100")->kind ==
        dhcp::Kind::nak);
    CHECK(wire.ask({.wanted = "192.168.77.100"})->address == ip("192.168.77.101"));
    CHECK(
        wire.ask({.kind = dhcp::Kind::request, .wanted = "192.168.77.101", .server = "192.168.77.1"})->kind ==
        dhcp::Kind::ack);
    REQUIRE(obey(wire.test.world, {{"command", "move-leases"}}).ok());
    CHECK(wire.ask({})->address == ip("192.168.77.102"));
}

TEST_CASE("the scenario says how long a lease holds") {
    Personality personality;
    personality.lease = std::chrono::seconds(30);
    Wire wire(personality);
    const auto offer = wire.ask({});
    CHECK(offer->options.at(51) == std::string("\0\0\0\x1e", 4));
    CHECK(offer->options.at(58) == std::string("\0\0\0\x0f", 4));
}

TEST_CASE("a wished address is given, a declined one is not given again, and the pool ends") {
    Wire wire;
    CHECK(wire.ask({.wanted = "192.168.77.102"})->address == ip("192.168.77.102"));
    CHECK_FALSE(wire.ask({.kind = dhcp::Kind::decline, .wanted = "192.168.77.102"}));
    CHECK(wire.ask({})->address == ip("192.168.77.100"));
    CHECK_FALSE(wire.ask({.kind = dhcp::Kind::release, .client_address = "192.168.77.100"}));
    for (int i = 2; i < 4; ++i)
        CHECK(
            wire.ask({.mac = MacAddress::parse("02:4b:52:00:00:0" + std::to_string(i)).value()}).has_value());
    CHECK_FALSE(wire.ask({.mac = MacAddress::parse("02:4b:52:00:00:09").value()}));
    CHECK(wire.test.recorder.last("dhcp")["note"] == "no address left");
}

TEST_CASE("an inform is answered without an address or a lease time") {
    Wire wire;
    const auto told =
        wire.ask({.kind = dhcp::Kind::inform, .client_address = "192.168.77.50"}, "192.168.77.50");
    CHECK(told->kind == dhcp::Kind::ack);
    CHECK(told->address.is_unspecified());
    CHECK_FALSE(told->options.contains(51));
}

TEST_CASE("hostile DHCP messages get nothing and are kept") {
    Wire wire;
    const auto whole = dhcp_message({});
    for (std::size_t size = 0; size < whole.size(); size += 3)
        (void)wire.link.received(dhcp_frame(ByteView(whole).first(size)));
    auto lying = whole;
    lying[lying.size() - 2] = std::byte{200};
    std::minstd_rand random(3);
    for (int i = 0; i < 3000; ++i) {
        auto bent = whole;
        for (int k = 0; k < 4; ++k) bent[random() % bent.size()] = static_cast<std::byte>(random());
        (void)wire.link.received(dhcp_frame(bent));
    }
    ByteWriter no_cookie;
    CHECK(wire.link.received(dhcp_frame(no_cookie.u8(1).u8(1).u8(6).zeros(297).view())).empty());
    CHECK(wire.test.recorder.last("dhcp")["malformed"] == "dhcp: no magic cookie (plain BOOTP)");
}
