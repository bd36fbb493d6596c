#include "harness/core/ip.hpp"

#include "tests/catch.hpp"

using namespace cambench;

namespace {
IpAddress ip(std::string_view text) { return IpAddress::parse(text).value(); }
Cidr network(std::string_view text) { return Cidr::parse(text).value(); }
}  // namespace

TEST_CASE("addresses are read and written in both families", "[core]") {
    CHECK(ip("192.0.2.1").to_string() == "192.0.2.1");
    CHECK(ip("2001:DB8:0:0::1").to_string() == "2001:db8::1");
    CHECK(ip("192.0.2.1").to_v4() == 0xc0000201);
    CHECK(IpAddress::v4(0xc0000201) == ip("192.0.2.1"));
    CHECK(ip("::1") != ip("0.0.0.1"));
    CHECK(Endpoint{ip("2001:db8::1"), 443}.to_string() == "[2001:db8::1]:443");
    CHECK(Endpoint{ip("198.51.100.77"), 9443}.to_string() == "198.51.100.77:9443");
    for (const std::string bad :
         {"", "1.2.3", "1.2.3.256", "1.2.3.4.5", "01.2.3.4x", "fe80::1%eth0", "1.2.3.4 ", "g::1"}) {
        CAPTURE(bad);
        CHECK_FALSE(IpAddress::parse(bad).ok());
    }
    CHECK_FALSE(IpAddress::parse(std::string_view("1.2.3.4\0junk", 12)).ok());
}

TEST_CASE("the kinds of addresses are told apart at their borders", "[core]") {
    CHECK(ip("10.255.255.255").is_private());
    CHECK_FALSE(ip("11.0.0.0").is_private());
    CHECK(ip("172.16.0.0").is_private());
    CHECK(ip("172.31.255.255").is_private());
    CHECK_FALSE(ip("172.32.0.0").is_private());
    CHECK(ip("192.168.0.1").is_private());
    CHECK(ip("fd00::1").is_private());
    CHECK_FALSE(ip("2001:db8::1").is_private());
    CHECK(ip("169.254.1.1").is_link_local());
    CHECK(ip("febf::1").is_link_local());
    CHECK_FALSE(ip("fec0::1").is_link_local());
    CHECK(ip("239.255.255.250").is_multicast());
    CHECK_FALSE(ip("240.0.0.1").is_multicast());
    CHECK(ip("ff02::1").is_multicast());
    CHECK(ip("255.255.255.255").is_broadcast());
    CHECK(ip("127.8.8.8").is_loopback());
    CHECK(ip("::1").is_loopback());
    CHECK_FALSE(ip("::2").is_loopback());
    CHECK(ip("::").is_unspecified());
}

TEST_CASE("networks hold their addresses and no others", "[core]") {
    CHECK(network("192.0.2.0/24").contains(ip("192.0.2.255")));
    CHECK_FALSE(network("192.0.2.0/24").contains(ip("192.0.3.0")));
    CHECK(network("172.16.0.0/12").contains(ip("172.31.9.9")));
    CHECK_FALSE(network("172.16.0.0/12").contains(ip("172.32.0.0")));
    CHECK(network("0.0.0.0/0").contains(ip("203.0.113.1")));
    CHECK_FALSE(network("0.0.0.0/0").contains(ip("::1")));
    CHECK(network("2001:db8::/33").contains(ip("2001:db8:7fff::1")));
    CHECK_FALSE(network("2001:db8::/33").contains(ip("2001:db8:8000::1")));
    CHECK(network("192.0.2.1").contains(ip("192.0.2.1")));
    CHECK_FALSE(network("192.0.2.1").contains(ip("192.0.2.2")));
    CHECK(network("192.0.2.77/24").contains(ip("192.0.2.1")));
    CHECK(network("192.0.2.1").to_string() == "192.0.2.1/32");
    for (const std::string bad : {"", "/24", "192.0.2.0/", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/24x",
                                  "2001:db8::/129", "host/24"}) {
        CAPTURE(bad);
        CHECK_FALSE(Cidr::parse(bad).ok());
    }
}

TEST_CASE("hardware addresses are read with colons or dashes", "[core]") {
    CHECK(MacAddress::parse("02:4B:52:00:00:01").value().to_string() == "02:4b:52:00:00:01");
    CHECK(MacAddress::parse("02-4b-52-00-00-01").ok());
    CHECK(MacAddress::parse("01:00:5e:00:00:01").value().is_group());
    CHECK_FALSE(MacAddress::parse("02:4b:52:00:00:01").value().is_group());
    for (const std::string bad : {"", "02:4b:52:00:00", "02:4b:52:00:00:1", "02:4b:52:00:00:0g",
                                  "024b52000001", "02:4b:52:00:00:01:02", "+2:4b:52:00:00:01"}) {
        CAPTURE(bad);
        CHECK_FALSE(MacAddress::parse(bad).ok());
    }
}

TEST_CASE("a wildcard fits names below its domain only", "[core]") {
    CHECK(name_matches("*.cloud.example", "a.cloud.example"));
    CHECK(name_matches("*.cloud.example", "A.b.Cloud.Example."));
    CHECK_FALSE(name_matches("*.cloud.example", "cloud.example"));
    CHECK_FALSE(name_matches("*.cloud.example", "evilcloud.example"));
    CHECK_FALSE(name_matches("*.cloud.example", "a.cloud.example.evil"));
    CHECK_FALSE(name_matches("*.cloud.example", ".cloud.example"));
    CHECK(name_matches("time.example", "TIME.example."));
    CHECK_FALSE(name_matches("time.example", "time.example.evil"));
    CHECK_FALSE(name_matches("time.example", ""));
}
