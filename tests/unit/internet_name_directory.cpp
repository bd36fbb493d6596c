#include "bench/internet/world/name_directory.hpp"
#include "tests/catch.hpp"

using namespace cambench;
using namespace cambench::internet;

namespace {

IpAddress address(const char* text) { return IpAddress::parse(text).value(); }
NameDirectory directory() {
    return {Cidr::parse("198.18.0.0/15").value(), Cidr::parse("2001:2:0:ffff::/64").value()};
}

}  // namespace

TEST_CASE("an address leads back to the name it was given out for, and no other does") {
    auto names = directory();
    std::vector<NameDirectory::Own> given;
    for (int i = 0; i < 1000; ++i) given.push_back(names.own("n" + std::to_string(i) + ".example"));
    for (int i = 0; i < 1000; ++i) {
        const auto& own = given[static_cast<std::size_t>(i)];
        const auto name = "n" + std::to_string(i) + ".example";
        REQUIRE(names.name_of(own.v4) != nullptr);
        REQUIRE(names.name_of(own.v6) != nullptr);
        REQUIRE(*names.name_of(own.v4) == name);
        REQUIRE(*names.name_of(own.v6) == name);
        REQUIRE(names.own(name).v4 == own.v4);
    }
    CHECK(given.front().v4 == address("198.18.0.1"));
    CHECK(given[254].v4 == address("198.18.1.1"));
    CHECK(names.size() == 1000);
    for (const auto* literal :
         {"198.18.0.0", "198.18.0.255", "198.18.1.0", "198.18.3.240", "198.17.255.255", "198.20.0.1",
          "192.0.2.1", "2001:2:0:ffff::", "2001:2:0:ffff::ff", "2001:2:0:fffe::1", "2001:2:0:ffff:0:1:0:1",
          "2001:2:0:ffff:0:1::1", "::1", "2001:2:1:0:0:0:0:1"}) {
        CAPTURE(literal);
        CHECK(names.name_of(address(literal)) == nullptr);
    }
}

TEST_CASE("the first name an address stands for keeps it") {
    auto names = directory();
    names.bind(address("203.0.113.9"), "Time.Vendor.example.");
    names.bind(address("203.0.113.9"), "other.example");
    REQUIRE(names.name_of(address("203.0.113.9")) != nullptr);
    CHECK(*names.name_of(address("203.0.113.9")) == "time.vendor.example");
    const auto own = names.own("first.example");
    names.bind(own.v4, "late.example");
    CHECK(*names.name_of(own.v4) == "first.example");
    names.bind(address("198.18.0.2"), "bound.example");
    CHECK(names.own("second.example").v4 == address("198.18.0.2"));
    CHECK(*names.name_of(address("198.18.0.2")) == "bound.example");
}

TEST_CASE("when the pool is used up, all further names share an address that tells no name") {
    NameDirectory names(Cidr::parse("198.18.0.0/30").value(), Cidr::parse("2001:2:0:ffff::/126").value());
    for (const auto* name : {"a.example", "b.example", "c.example"}) CHECK_FALSE(names.own(name).shared);
    const auto shared = names.own("d.example");
    CHECK(shared.shared);
    CHECK(names.own("e.example").v4 == shared.v4);
    CHECK(names.name_of(shared.v4) == nullptr);
    CHECK(names.own("a.example").v4 == address("198.18.0.1"));
}
