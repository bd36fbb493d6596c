// What a USB/IP client sends, and what it makes the boards do: none may read past its input.

#include <cstddef>
#include <cstdint>

#include "fixtures/usb/board_table.hpp"
#include "fixtures/usb/device/serial_line.hpp"
#include "fixtures/usb/device/usbip.hpp"
#include "fixtures/usb/table.hpp"

using namespace cambench;
using namespace cambench::usb;

namespace {

void transfer(Device& device, const Submit& submit, Monotonic::time_point now) {
    if (submit.endpoint == 0)
        (void)device.control(submit.setup, submit.sent);
    else if (submit.to_host)
        (void)device.read(submit.endpoint, submit.length, now);
    else
        (void)device.write(submit.endpoint, submit.sent, now);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView bytes(reinterpret_cast<const std::byte*>(data), size);
    (void)parse_operation(bytes);
    if (size == 0) return 0;
    constexpr const char* kinds[] = {"dcttech-relay", "lcus-relay",   "lcus-hid-relay", "icstation-relay",
                                     "numato-relay",  "ft245r-relay", "ykush",          "switching-hub"};
    auto board = make_board(kinds[data[0] % std::size(kinds)], 1);
    if (!board) return 0;
    auto rest = bytes.subspan(1);
    auto now = Monotonic::time_point{} + std::chrono::seconds(1);
    while (true) {
        const auto parsed = parse_command(rest);
        if (!parsed || !*parsed) break;
        if (const auto* submit = std::get_if<Submit>(&(*parsed)->message))
            transfer(*board->device, *submit, now);
        now += std::chrono::milliseconds(5);
        rest = rest.subspan((*parsed)->size);
    }
    (void)over_the_wire(bytes.first(std::min<std::size_t>(size, 64)), 115200, 300U * (1U + data[0]));
    std::vector<Board> boards;
    boards.push_back(std::move(*board));
    Table table(std::move(boards), Loads({}));
    (void)table.request(as_text(bytes));
    return 0;
}
