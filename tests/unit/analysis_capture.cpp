#include "harness/analysis/capture/capture_reader.hpp"
#include "tests/catch.hpp"
#include "tests/unit/packets.hpp"

using namespace cambench;
using namespace cambench::analysis;

namespace {

struct Read {
    std::vector<RawFrame> frames;  ///< without their bytes
    std::vector<std::size_t> sizes;
    bool truncated = false;
    std::optional<std::uint64_t> dropped;
};

Read read_all(ByteView bytes) {
    Read read;
    auto reader = CaptureReader::open(memory_source(bytes));
    REQUIRE(reader.ok());
    for (;;) {
        auto next = reader->next();
        REQUIRE(next.ok());
        if (!next->has_value()) break;
        read.sizes.push_back((**next).bytes.size());
        read.frames.push_back(**next);
        read.frames.back().bytes = {};
    }
    read.truncated = reader->truncated();
    read.dropped = reader->dropped();
    return read;
}

/// pcapng blocks in either byte order.
class Blocks {
public:
    explicit Blocks(bool little) : little_(little) {}
    Blocks& block(std::uint32_t type, const Bytes& body) {
        const auto padded = (body.size() + 3) / 4 * 4;
        u32(type), u32(static_cast<std::uint32_t>(padded + 12));
        out_.bytes(body).zeros(padded - body.size());
        return u32(static_cast<std::uint32_t>(padded + 12));
    }
    Blocks& section() {
        return block(0x0a0d0d0a,
                     Blocks(little_).u32(0x1a2b3c4d).u16(1).u16(0).u32(0xffffffff).u32(0xffffffff).take());
    }
    Blocks& interface(std::uint16_t link, std::uint8_t resolution) {
        return block(1, Blocks(little_)
                            .u16(link)
                            .u16(0)
                            .u32(0)
                            .u16(9)
                            .u16(1)
                            .u8(resolution)
                            .u8(0)
                            .u16(0)
                            .u16(0)
                            .u16(0)
                            .take());
    }
    Blocks& packet(std::uint32_t id, std::uint64_t time, const Bytes& frame) {
        const auto size = static_cast<std::uint32_t>(frame.size());
        return block(6, packets::operator+(Blocks(little_)
                                               .u32(id)
                                               .u32(static_cast<std::uint32_t>(time >> 32))
                                               .u32(static_cast<std::uint32_t>(time))
                                               .u32(size)
                                               .u32(size)
                                               .take(),
                                           frame));
    }
    Blocks& dropped(std::uint32_t id, std::uint32_t count) {
        Blocks body(little_);
        body.u32(id).u32(0).u32(0).u16(5).u16(8);
        little_ ? body.u32(count).u32(0) : body.u32(0).u32(count);
        return block(5, body.u16(0).u16(0).take());
    }
    Blocks& u8(std::uint8_t value) { return out_.u8(value), *this; }
    Blocks& u16(std::uint16_t value) { return little_ ? out_.u16_le(value) : out_.u16(value), *this; }
    Blocks& u32(std::uint32_t value) { return little_ ? out_.u32_le(value) : out_.u32(value), *this; }
    Bytes take() { return out_.take(); }

private:
    bool little_;
    ByteWriter out_;
};

Bytes pcap_of(std::uint32_t magic, bool little, std::uint32_t fraction) {
    Blocks out(little);
    out.u32(magic).u16(2).u16(4).u32(0).u32(0).u32(65535).u32(1);
    return out.u32(100).u32(fraction).u32(4).u32(60).u32(0x01020304).take();
}

}  // namespace

TEST_CASE("pcap_is_read_in_both_byte_orders_and_resolutions", "[analysis]") {
    for (const bool little : {true, false}) {
        const auto micro = read_all(pcap_of(0xa1b2c3d4, little, 250'000)),
                   nano = read_all(pcap_of(0xa1b23c4d, little, 250'000'000));
        for (const auto& read : {micro, nano}) {
            REQUIRE(read.frames.size() == 1);
            CHECK(read.frames[0].number == 1);
            CHECK(read.frames[0].time == WallTime(std::chrono::milliseconds(100'250)));
            CHECK(read.frames[0].wire_length == 60);
            CHECK(read.sizes[0] == 4);
            CHECK_FALSE(read.truncated);
        }
    }
}

TEST_CASE("a_torn_last_frame_is_noted_and_the_ones_before_it_count", "[analysis]") {
    auto bytes = packets::pcap({{std::chrono::seconds(1), Bytes(60)}, {std::chrono::seconds(2), Bytes(60)}});
    bytes.resize(bytes.size() - 5);
    const auto read = read_all(bytes);
    CHECK(read.frames.size() == 1);
    CHECK(read.truncated);
}

TEST_CASE("a_frame_that_claims_more_than_any_link_carries_ends_the_reading", "[analysis]") {
    const auto bytes = Blocks(true)
                           .u32(0xa1b2c3d4)
                           .u16(2)
                           .u16(4)
                           .u32(0)
                           .u32(0)
                           .u32(0)
                           .u32(1)
                           .u32(1)
                           .u32(1)
                           .u32(0xfffffff0)
                           .u32(60)
                           .u32(0)
                           .take();
    const auto read = read_all(bytes);
    CHECK(read.frames.empty());
    CHECK(read.truncated);
}

TEST_CASE("pcapng_sections_interfaces_and_resolutions_are_kept_apart", "[analysis]") {
    for (const bool little : {true, false}) {
        Blocks out(little);
        out.section()
            .interface(1, 6)
            .interface(101, 9)
            .packet(0, 5'000'000, Bytes(60))
            .packet(1, 5'000'000'001, Bytes(40))
            .dropped(0, 3);
        out.section().interface(113, 0x80 | 10).packet(0, 5 * 1024 + 512, Bytes(20));
        const auto read = read_all(out.take());
        REQUIRE(read.frames.size() == 3);
        CHECK(read.frames[0].time == WallTime(std::chrono::seconds(5)));
        CHECK(read.frames[1].time == WallTime(Nanoseconds(5'000'000'001)));
        CHECK(read.frames[1].link_type == 101);
        CHECK(read.frames[2].link_type == 113);
        CHECK(read.frames[2].time == WallTime(std::chrono::milliseconds(5500)));
        CHECK(read.frames[2].number == 3);
        CHECK(read.dropped == 3);
    }
}

TEST_CASE("pcapng_records_are_numbered_as_wireshark_numbers_them", "[analysis]") {
    Blocks out(true);
    out.section()
        .interface(1, 6)
        .block(10, Bytes(16))
        .block(4, Bytes(8))
        .block(0x7777, Bytes(12))
        .packet(0, 1, Bytes(60));
    out.block(0xbad, Bytes(12)).block(9, Bytes(12)).packet(0, 2, Bytes(60));
    const auto read = read_all(out.take());
    REQUIRE(read.frames.size() == 4);
    CHECK(read.frames[0].number == 1);
    CHECK(read.frames[1].opaque_record);
    CHECK(read.frames[2].opaque_record);
    CHECK(read.frames[3].number == 4);
    CHECK_FALSE(read.frames[3].opaque_record);
    CHECK_FALSE(read.dropped.has_value());
}

TEST_CASE("a_torn_pcapng_keeps_its_frames_and_statistics", "[analysis]") {
    auto bytes = Blocks(true)
                     .section()
                     .interface(1, 6)
                     .packet(0, 1, Bytes(60))
                     .dropped(0, 7)
                     .packet(0, 2, Bytes(60))
                     .take();
    bytes.resize(bytes.size() - 20);
    const auto read = read_all(bytes);
    CHECK(read.frames.size() == 1);
    CHECK(read.truncated);
    CHECK(read.dropped == 7);
}

TEST_CASE("what_is_no_capture_is_refused", "[analysis]") {
    CHECK_FALSE(CaptureReader::open(memory_source(as_bytes(""))).ok());
    CHECK_FALSE(CaptureReader::open(memory_source(as_bytes("<?xml version=\"1.0\"?>"))).ok());
    CHECK(CaptureReader::open(memory_source(as_bytes("\x1f\x8b\x08..."))).error().message.find("packed") !=
          std::string::npos);
}
