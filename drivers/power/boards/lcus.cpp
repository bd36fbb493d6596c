#include "drivers/power/boards/lcus.hpp"

namespace cambench::lcus {
namespace {

using State = PowerSwitch::State;

constexpr std::uint8_t start = 0xa0;
constexpr auto write_time = std::chrono::seconds(2);

class SerialBoard final : public RelayBoard {
public:
    SerialBoard(StreamOpener open, PresenceCheck present)
        : open_(std::move(open)), present_(std::move(present)) {}

    Status set(unsigned channel, State wanted, BoardLock&) override {
        TRY_ASSIGN(const auto stream, open_());
        return stream->write(encode(channel, wanted), Deadline::after(write_time));
    }

    Result<std::optional<State>> read(unsigned, BoardLock&) override {
        TRY(present_());
        return std::optional<State>{};
    }

private:
    StreamOpener open_;
    PresenceCheck present_;
};

class HidBoard final : public RelayBoard {
public:
    HidBoard(UsbOpener open, PresenceCheck present)
        : device_(std::move(open)), present_(std::move(present)) {}

    Status set(unsigned channel, State wanted, BoardLock&) override {
        TRY(device_.use([&](UsbDevice& device) { return device.exchange(0, encode(channel, wanted), 0); }));
        return {};
    }

    Result<std::optional<State>> read(unsigned, BoardLock&) override {
        TRY(present_());
        return std::optional<State>{};
    }

private:
    KeptUsbDevice device_;
    PresenceCheck present_;
};

}  // namespace

Bytes encode(unsigned channel, State wanted) {
    const auto number = static_cast<std::uint8_t>(channel);
    const std::uint8_t state = wanted == State::on ? 1 : 0;
    ByteWriter writer;
    writer.u8(start).u8(number).u8(state).u8(static_cast<std::uint8_t>(start + number + state));
    return writer.take();
}

std::unique_ptr<RelayBoard> make_serial_board(StreamOpener open, PresenceCheck present) {
    return std::make_unique<SerialBoard>(std::move(open), std::move(present));
}

std::unique_ptr<RelayBoard> make_hid_board(UsbOpener open, PresenceCheck present) {
    return std::make_unique<HidBoard>(std::move(open), std::move(present));
}

}  // namespace cambench::lcus
