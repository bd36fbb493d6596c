#include "drivers/power/boards/ykush.hpp"

#include <fmt/format.h>

namespace cambench::ykush {
namespace {

using State = PowerSwitch::State;

constexpr std::uint8_t up = 0x10, down = 0x00, status = 0x20;

Bytes report(std::uint8_t command) {
    ByteWriter writer;
    writer.u8(command).u8(command).zeros(report_size - 2);
    return writer.take();
}

class Board final : public RelayBoard {
public:
    explicit Board(UsbOpener open) : device_(std::move(open)) {}

    Status set(unsigned channel, State wanted, BoardLock&) override {
        TRY(device_.use(
            [&](UsbDevice& device) { return device.exchange(0, encode(channel, wanted), report_size); }));
        return {};
    }

    Result<std::optional<State>> read(unsigned channel, BoardLock&) override {
        TRY_ASSIGN(const auto answer, device_.use([&](UsbDevice& device) {
            return device.exchange(0, encode_query(channel), report_size);
        }));
        TRY_ASSIGN(const auto state, parse_status(answer, channel));
        return std::optional(state);
    }

private:
    KeptUsbDevice device_;
};

}  // namespace

unsigned channels_of(std::uint16_t product) { return product == ykush_xs ? 1 : 3; }

Bytes encode(unsigned channel, State wanted) {
    return report(static_cast<std::uint8_t>((wanted == State::on ? up : down) | channel));
}

Bytes encode_query(unsigned channel) { return report(static_cast<std::uint8_t>(status | channel)); }

Result<State> parse_status(ByteView answer, unsigned channel) {
    if (answer.size() < 2)
        return bench_error(fmt::format("the answer has {} bytes: {}", answer.size(), hex(answer)));
    const auto byte = std::to_integer<unsigned>(answer[1]);
    if ((byte & 0x0f) != channel || (byte >> 4) > 1)
        return bench_error(fmt::format("the answer {} is not the state of port {}", hex(answer, 4), channel));
    return (byte >> 4) == 1 ? State::on : State::off;
}

std::unique_ptr<RelayBoard> make_board(UsbOpener open) { return std::make_unique<Board>(std::move(open)); }

}  // namespace cambench::ykush
