#include "bench/unit_addresses.hpp"
#include "tests/catch.hpp"

using namespace cambench;
using namespace std::chrono_literals;

namespace {

struct Nobody final : EventSink {
    void emit(Event) override {}
};

IpAddress address(std::string_view text) { return IpAddress::parse(text).value(); }

struct Unit {
    void shows(Nanoseconds time, const std::string& own, const std::string& by = "arp") {
        addresses.emit(
            {time, "network", "unit-address", {{"address", own}, {"mac", "02:4b:52:00:00:01"}, {"by", by}}});
    }
    void dhcp(Nanoseconds time, const std::string& message, const std::string& answer,
              const std::string& given = "") {
        Json fields{{"message", message}, {"mac", "02:4b:52:00:00:01"}, {"answer", answer}};
        if (!given.empty()) fields["address"] = given;
        addresses.emit({time, "network", "dhcp", std::move(fields)});
    }
    std::vector<std::string> shown() const {
        std::vector<std::string> texts;
        for (const auto& one : addresses.shown()) texts.push_back(one.address.to_string());
        return texts;
    }
    Nobody nobody;
    UnitAddresses addresses{nobody};
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a lease is where a unit is called, whatever it used before") {
    Unit unit;
    unit.shows(1s, "192.168.1.108");
    CHECK_FALSE(unit.addresses.current().has_value());
    CHECK_FALSE(unit.addresses.asked_dhcp());
    unit.addresses.use(address("192.168.1.108"));
    unit.dhcp(5s, "discover", "offer", "192.168.77.100");
    CHECK(unit.addresses.current() == address("192.168.1.108"));
    CHECK(unit.addresses.asked_dhcp());
    unit.dhcp(6s, "request", "ack", "192.168.77.100");
    CHECK(unit.addresses.current() == address("192.168.77.100"));
    CHECK(unit.addresses.leased(address("192.168.77.100")));
    CHECK_FALSE(unit.addresses.leased(address("192.168.1.108")));
    CHECK(unit.addresses.macs().size() == 1);
    CHECK(unit.addresses.all().size() == 2);
}

TEST_CASE("who asks DHCP for options alone has an address of its own") {
    Unit unit;
    unit.dhcp(1s, "inform", "ack");
    CHECK_FALSE(unit.addresses.asked_dhcp());
    CHECK_FALSE(unit.addresses.current().has_value());
    CHECK_FALSE(is_lease({1s, "network", "dhcp", {{"answer", "ack"}}}));
}

TEST_CASE("of several addresses the one that operators use comes first") {
    Unit unit;
    for (const auto* own : {"fe80::99", "169.254.3.4", "2001:db8:5::108", "192.168.1.109", "192.168.1.108"})
        unit.shows(1s, own);
    CHECK(unit.shown() ==
          Texts{"192.168.1.109", "192.168.1.108", "2001:db8:5::108", "169.254.3.4", "fe80::99"});
    StatedNetwork stated;
    stated.addresses.push_back({address("2001:db8:5::108"), {}});
    unit.addresses.state(stated);
    CHECK(unit.shown().front() == "2001:db8:5::108");
    unit.addresses.use(address("2001:db8:5::108"));
    unit.dhcp(9s, "request", "ack", "192.168.77.100");
    CHECK(unit.addresses.current() == address("2001:db8:5::108"));  // what is stated is not given up
}

TEST_CASE("after a start a unit may have the address it had, and has to answer there again") {
    Unit unit;
    unit.shows(1s, "192.168.1.108");
    unit.shows(2s, "192.168.1.108", "answer");
    REQUIRE(unit.addresses.shown().size() == 1);
    CHECK(unit.addresses.shown()[0].answered == 2s);
    CHECK(unit.addresses.expected().empty());
    unit.addresses.use(address("192.168.1.108"));
    unit.addresses.begin_start(10s);
    REQUIRE(unit.shown() == Texts{"192.168.1.108"});
    CHECK(unit.addresses.shown()[0].first == 10s);
    CHECK_FALSE(unit.addresses.shown()[0].answered.has_value());
    CHECK(unit.addresses.expected() == std::vector{address("192.168.1.108")});
    unit.shows(9s, "192.168.1.108", "answer");  // before the start
    CHECK_FALSE(unit.addresses.shown()[0].answered.has_value());
    unit.shows(12s, "192.168.1.108", "answer");
    CHECK(unit.addresses.shown()[0].answered == 12s);
    unit.dhcp(13s, "request", "ack", "192.168.77.100");
    unit.shows(14s, "192.168.77.100");
    unit.addresses.begin_start(20s);
    CHECK(unit.shown() == Texts{"192.168.1.108"});  // a leased one has to be leased again
    CHECK(unit.addresses.expected().empty());
}

TEST_CASE("what is told late counts as what was told before the start") {
    for (const auto* frame : {"arp", "datagram", "ndp"}) {
        Unit unit;
        unit.addresses.begin_start(10s);
        unit.shows(9s, "169.254.7.8", frame);
        CHECK(unit.shown() == Texts{"169.254.7.8"});
        CHECK(unit.addresses.shown().front().first == 10s);
        CHECK_FALSE(unit.addresses.shown().front().answered.has_value());
    }
    Unit talker;
    talker.addresses.begin_start(10s);
    talker.shows(9s, "169.254.7.8", "sadp");
    CHECK(talker.shown().empty());
    Unit leased;
    leased.dhcp(5s, "request", "ack", "192.168.77.100");
    leased.addresses.begin_start(10s);
    leased.shows(9s, "192.168.77.100");
    CHECK(leased.shown().empty());
}

TEST_CASE("what a unit only says of itself is no address it was seen with") {
    Unit unit;
    unit.shows(1s, "192.168.1.64", "sadp");
    CHECK(unit.shown() == Texts{"192.168.1.64"});  // to be asked for
    CHECK(unit.addresses.all().empty());
    unit.shows(2s, "192.168.1.64", "answer");
    CHECK(unit.addresses.all().size() == 1);
}

TEST_CASE("conflicts with the bench's own addresses and the neighbours a unit looks for are kept") {
    Unit unit;
    unit.addresses.emit({1s, "network", "address-conflict", {{"address", "192.168.77.2"}, {"by", "arp"}}});
    unit.addresses.emit({1s,
                         "network",
                         "arp",
                         {{"address", "192.168.1.1"}, {"asker", "192.168.1.108"}, {"sort", "request"}}});
    unit.addresses.emit(
        {1s, "network", "arp", {{"address", "192.168.1.108"}, {"asker", "0.0.0.0"}, {"sort", "probe"}}});
    CHECK(unit.addresses.conflicts() == std::vector{address("192.168.77.2")});
    CHECK(unit.addresses.neighbours() == std::vector{address("192.168.1.1")});
    CHECK(unit.shown().empty());
}
