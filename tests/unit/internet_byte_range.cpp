#include "harness/wire/byte_range.hpp"
#include "tests/catch.hpp"

using namespace cambench::internet;

TEST_CASE("a range is understood when it is one and is there") {
    CHECK(parse_range("bytes=0-9", 100) == ByteRange{0, 10});
    CHECK(parse_range("Bytes=50-", 100) == ByteRange{50, 100});
    CHECK(parse_range(" bytes=90-1000 ", 100) == ByteRange{90, 100});
    CHECK(parse_range("bytes=-10", 100) == ByteRange{90, 100});
    CHECK(parse_range("bytes=-1000", 100) == ByteRange{0, 100});
    for (const auto* wrong : {"", "bytes=", "bytes=-", "bytes=100-", "bytes=9-3", "bytes=0-1,5-6",
                              "lines=0-1", "bytes=a-b", "bytes=-0", "bytes=99999999999999999999-"}) {
        CAPTURE(wrong);
        CHECK_FALSE(parse_range(wrong, 100));
    }
    CHECK_FALSE(parse_range("bytes=0-0", 0));
    CHECK_FALSE(parse_range("bytes=-5", 0));
}

TEST_CASE("bytes that went out twice count once") {
    Coverage coverage;
    coverage.add({10, 20});
    coverage.add({30, 40});
    CHECK(coverage.bytes() == 20);
    coverage.add({15, 32});
    CHECK(coverage.bytes() == 30);
    coverage.add({40, 50});
    coverage.add({0, 10});
    CHECK(coverage.bytes() == 50);
    coverage.add({5, 45});
    coverage.add({7, 7});
    CHECK(coverage.bytes() == 50);
}
