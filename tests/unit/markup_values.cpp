#include "tests/unit/markup_values.hpp"

#include "harness/core/markup/markup_internal.hpp"
#include "tests/catch.hpp"

using namespace cambench;
using namespace cambench::markup;

namespace {

bool fits(const KindSamples& samples, const std::string& text) {
    return check_value({.name = "x", .kind = samples.kind, .doc = "", .choices = samples.choices}, text).ok();
}

}  // namespace

TEST_CASE("each kind of value takes what is right and refuses what is wrong", "[markup]") {
    for (const auto& samples : kind_samples()) {
        INFO(kind_name(samples.kind));
        for (const auto& text : samples.right) {
            CAPTURE(text);
            CHECK(fits(samples, text));
        }
        for (const auto* wrong : {&samples.wrong, &samples.wrong_in_parser_only}) {
            for (const auto& text : *wrong) {
                CAPTURE(text);
                CHECK_FALSE(fits(samples, text));
            }
        }
    }
}

TEST_CASE("the example of each kind is of that kind", "[markup]") {
    for (const auto& samples : kind_samples()) {
        CAPTURE(kind_name(samples.kind));
        if (samples.kind != Kind::choice) CHECK(fits(samples, std::string(kind_example(samples.kind))));
        CHECK_FALSE(kind_name(samples.kind).empty());
    }
}

TEST_CASE("amounts of data are powers of ten", "[markup]") {
    CHECK(parse_volume("2kB").value() == 2000);
    CHECK(parse_volume("1.5MB").value() == 1500000);
    CHECK(parse_volume("3GB").value() == 3000000000);
    CHECK(parse_volume("0B").value() == 0);
    CHECK(parse_volume("2").error().message ==
          "'2' is not an amount of data; write a number and its unit, such as 200B, 2kB, 3MB or 1GB");
}

TEST_CASE("a wrong value says what would be right", "[markup]") {
    const auto message = [](Kind kind, std::string_view text) {
        return check_value({.name = "x", .kind = kind, .doc = ""}, text).error().message;
    };
    CHECK(message(Kind::port, "70000") == "'70000' is not a whole number from 1 to 65535");
    CHECK(message(Kind::flag, "true") == "'true' is neither yes nor no");
    CHECK(message(Kind::host, "192.0.2.1") ==
          "'192.0.2.1' is an address, not a name; use the attribute for addresses");
    CHECK(message(Kind::address, "nas") == "'nas' is not an address; write it as 192.0.2.1 or 2001:db8::1");
    CHECK(message(Kind::mac_prefix, "2:4b") ==
          "'2:4b' is not the beginning of a MAC address; write it as 02:4b:52");
    CHECK(message(Kind::pattern, "a(b").find("missing )") != std::string::npos);
}
