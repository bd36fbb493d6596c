#include "drivers/power/boards/ft245r.hpp"

#include <fmt/format.h>

#include <array>

namespace cambench::ft245r {
namespace {

using State = PowerSwitch::State;

constexpr auto outputs_note = "outputs";

class Board final : public RelayBoard {
public:
    Board(UsbOpener open, std::function<Result<std::string>()> instance)
        : device_(std::move(open)), instance_(std::move(instance)) {}

    Status set(unsigned channel, State wanted, BoardLock& lock) override {
        TRY_ASSIGN(const auto instance, instance_());
        return device_.use([&](UsbDevice& device) -> Status {
            std::uint8_t pins = 0;
            if (lock.note(instance) == outputs_note) {
                TRY_ASSIGN(pins, pins_of(device));
            } else {
                TRY(device.control_out(bit_bang, {}));
            }
            const std::array byte{static_cast<std::byte>(with(pins, channel, wanted))};
            TRY(device.exchange(0, byte, 0));
            return lock.set_note(instance, outputs_note);
        });
    }

    Result<std::optional<State>> read(unsigned channel, BoardLock& lock) override {
        TRY_ASSIGN(const auto instance, instance_());
        TRY_ASSIGN(const auto pins, device_.use([](UsbDevice& device) { return pins_of(device); }));
        if (lock.note(instance) != outputs_note) return std::optional<State>{};
        return std::optional((pins >> (channel - 1) & 1) != 0 ? State::on : State::off);
    }

private:
    static Result<std::uint8_t> pins_of(UsbDevice& device) {
        TRY_ASSIGN(const auto bytes, device.control_in(read_pins, 1));
        return parse_pins(bytes);
    }

    KeptUsbDevice device_;
    std::function<Result<std::string>()> instance_;
};

}  // namespace

std::uint8_t with(std::uint8_t pins, unsigned channel, State wanted) {
    const auto bit = 1U << (channel - 1);
    return static_cast<std::uint8_t>(wanted == State::on ? pins | bit : pins & ~bit);
}

Result<std::uint8_t> parse_pins(ByteView bytes) {
    if (bytes.size() != 1)
        return bench_error(fmt::format("the chip sent {} bytes for its pins, not 1", bytes.size()));
    return std::to_integer<std::uint8_t>(bytes.front());
}

std::unique_ptr<RelayBoard> make_board(UsbOpener open, std::function<Result<std::string>()> instance) {
    return std::make_unique<Board>(std::move(open), std::move(instance));
}

}  // namespace cambench::ft245r
