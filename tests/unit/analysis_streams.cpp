#include "harness/analysis/flows/stream.hpp"
#include "tests/catch.hpp"
#include "tests/unit/packets.hpp"

using namespace cambench;
using namespace cambench::analysis;

namespace {

void add(StreamSide& side, std::uint32_t sequence, std::string_view text, std::uint64_t frame = 1) {
    side.add(sequence, text.size(), as_bytes(text), {frame, {}, 0});
}

}  // namespace

TEST_CASE("retransmitted_and_overlapping_bytes_count_once", "[analysis]") {
    StreamSide side;
    side.begin(100);
    add(side, 100, "hello ");
    add(side, 100, "hello ");
    add(side, 103, "lo world");
    CHECK(side.bytes() == 11);
    CHECK(as_text(side.head()) == "hello world");
}

TEST_CASE("reordered_segments_make_one_head_and_the_first_bytes_to_come_are_kept", "[analysis]") {
    StreamSide side;
    side.begin(0xfffffffe);  // wraps
    add(side, 4, "GHIJ", 1);
    add(side, 0xfffffffe, "ABCDEF----", 2);
    CHECK(as_text(side.head()) == "ABCDEFGHIJ");
    CHECK(side.bytes() == 10);
    CHECK(side.frame_of(6).number == 2);
}

TEST_CASE("a_gap_ends_the_head_but_not_the_count", "[analysis]") {
    StreamSide side;
    side.begin(0);
    add(side, 0, "abc");
    add(side, 10, "xyz");
    CHECK(side.bytes() == 6);
    CHECK(as_text(side.head()) == "abc");
    CHECK_FALSE(side.head_whole());
    add(side, 3, "defghij");
    CHECK(as_text(side.head()) == "abcdefghijxyz");
    CHECK(side.head_whole());
}

TEST_CASE("many_gaps_and_wild_sequence_numbers_stay_bounded", "[analysis]") {
    StreamSide side;
    side.begin(0);
    for (std::uint32_t i = 0; i < 100'000; ++i) add(side, i * 3 + 1, "x");
    add(side, 0x7fffffff, "far away");
    CHECK(side.bytes() == 100'000);
    CHECK(side.head().empty());
}
