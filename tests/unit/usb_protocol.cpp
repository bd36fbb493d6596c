#include <memory>

#include "fixtures/usb/board_table.hpp"
#include "fixtures/usb/device/serial_line.hpp"
#include "fixtures/usb/device/usbip.hpp"
#include "fixtures/usb/table.hpp"
#include "tests/catch.hpp"

using namespace cambench;
using namespace cambench::usb;

namespace {

Bytes submit_bytes(std::uint32_t sequence, std::uint32_t direction, std::uint32_t endpoint,
                   std::uint32_t length, ByteView data = {}) {
    return ByteWriter()
        .u32(1)
        .u32(sequence)
        .u32(0x10002)
        .u32(direction)
        .u32(endpoint)
        .u32(0)
        .u32(length)
        .u32(0)
        .u32(0xffffffff)
        .u32(10)
        .u64(0x8006000100001200)
        .bytes(data)
        .take();
}

template <typename T>
const T* as(const Result<std::optional<Parsed<Command>>>& parsed) {
    return parsed && *parsed ? std::get_if<T>(&(*parsed)->message) : nullptr;
}

}  // namespace

TEST_CASE("a request for the list of boards is eight bytes") {
    const auto bytes = ByteWriter().u16(0x0111).u16(0x8005).u32(0).take();
    const auto parsed = parse_operation(bytes);
    REQUIRE(parsed);
    REQUIRE(*parsed);
    CHECK((*parsed)->size == 8);
    CHECK(std::holds_alternative<ListRequest>((*parsed)->message));
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
        const auto early = parse_operation(ByteView(bytes).first(cut));
        REQUIRE(early);
        CHECK_FALSE(early->has_value());
    }
}

TEST_CASE("a request for a board names it") {
    const auto bytes = ByteWriter().u16(0x0111).u16(0x8003).u32(0).text("1-1").zeros(29).take();
    const auto parsed = parse_operation(bytes);
    REQUIRE(parsed);
    REQUIRE(*parsed);
    CHECK((*parsed)->size == 40);
    CHECK(std::get<ImportRequest>((*parsed)->message).bus_id == "1-1");
    CHECK_FALSE(parse_operation(ByteView(bytes).first(39))->has_value());
}

TEST_CASE("other versions and other requests are refused") {
    CHECK_FALSE(parse_operation(ByteWriter().u16(0x0106).u16(0x8005).u32(0).take()));
    CHECK_FALSE(parse_operation(ByteWriter().u16(0x0111).u16(0x8004).u32(0).take()));
}

TEST_CASE("a transfer to the host carries its setup packet little-endian") {
    const auto parsed = parse_command(submit_bytes(7, 1, 0, 18));
    const auto* submit = as<Submit>(parsed);
    REQUIRE(submit != nullptr);
    CHECK((*parsed)->size == 48);
    CHECK(submit->sequence == 7);
    CHECK(submit->to_host);
    CHECK(submit->length == 18);
    CHECK(submit->setup.type == 0x80);
    CHECK(submit->setup.request == 6);
    CHECK(submit->setup.value == 0x0100);
    CHECK(submit->setup.length == 0x12);
}

TEST_CASE("a transfer to the device waits for all its bytes") {
    const auto bytes = submit_bytes(8, 0, 2, 4, to_bytes("\xa0\x01\x01\xa2"));
    CHECK_FALSE(parse_command(ByteView(bytes).first(bytes.size() - 1))->has_value());
    const auto parsed = parse_command(bytes);
    const auto* submit = as<Submit>(parsed);
    REQUIRE(submit != nullptr);
    CHECK((*parsed)->size == 52);
    CHECK(submit->endpoint == 2);
    CHECK(hex(submit->sent) == "a0 01 01 a2");
}

TEST_CASE("a transfer that is too long, isochronous or for no endpoint is refused") {
    CHECK_FALSE(parse_command(submit_bytes(1, 1, 1, longest_transfer + 1)));
    CHECK_FALSE(parse_command(submit_bytes(1, 1, 16, 8)));
    CHECK_FALSE(parse_command(submit_bytes(1, 2, 1, 8)));
    auto isochronous = submit_bytes(1, 1, 1, 8);
    isochronous[35] = std::byte{3};
    isochronous[32] = isochronous[33] = isochronous[34] = std::byte{};
    CHECK_FALSE(parse_command(isochronous));
}

TEST_CASE("an unlink names its victim") {
    const auto parsed =
        parse_command(ByteWriter().u32(2).u32(9).u32(0x10002).u32(0).u32(0).u32(7).zeros(24).take());
    const auto* unlink = as<Unlink>(parsed);
    REQUIRE(unlink != nullptr);
    CHECK(unlink->sequence == 9);
    CHECK(unlink->victim == 7);
}

TEST_CASE("replies have the lengths the protocol gives them") {
    const Exported board{.bus_id = "1-1",
                         .device_number = 2,
                         .speed = Speed::low,
                         .vendor = 0x16c0,
                         .product = 0x05df,
                         .release = 0x0100,
                         .interface_classes = {{3, 0, 0}}};
    CHECK(list_reply({board}).size() == 12 + 312 + 4);
    CHECK(import_reply(&board).size() == 8 + 312);
    CHECK(hex(import_reply(nullptr)) == "01 11 00 03 00 00 00 01");
    const auto stalled = submit_reply({.sequence = 5}, transfer_stalled, 0, {});
    CHECK(stalled.size() == 48);
    CHECK(hex(ByteView(stalled).subspan(20, 4)) == "ff ff ff e0");
    CHECK(unlink_reply(6, transfer_unlinked).size() == 48);
}

TEST_CASE("a byte sent and heard at one rate is itself") {
    const auto text = to_bytes("U-Boot 2023.01\r\n");
    CHECK(over_the_wire(text, 115200, 115200) == text);
    CHECK(over_the_wire(text, 115200, 115385) == text);
    CHECK(over_the_wire(text, 115200, 57600) != text);
    CHECK(over_the_wire(text, 115200, 9600).size() < text.size());
    CHECK(over_the_wire(text, 57600, 115200).size() > text.size());
    CHECK(over_the_wire(text, 0, 115200).empty());
}

TEST_CASE("a line at half the rate doubles every bit") {
    // 'U' is the levels 0 1 0 1 0 1 0 1 0 1, and each lasts two of the receiver's bits: 0 [01100110] 0, a
    // stop bit that is low, so it waits for the line to idle; then from the next edge 0 [01100111] 1, the
    // last from the idle line.
    CHECK(hex(over_the_wire(to_bytes("U"), 4800, 9600)) == "66 e6");
}
