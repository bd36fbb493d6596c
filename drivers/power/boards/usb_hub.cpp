#include "drivers/power/boards/usb_hub.hpp"

#include <fmt/format.h>

namespace cambench::usb_hub {
namespace {

using State = PowerSwitch::State;

constexpr std::uint8_t clear_feature = 0x01, set_feature = 0x03;
constexpr std::uint16_t port_power = 8;
constexpr std::uint8_t high_type = 0x29, super_type = 0x2a;
constexpr std::uint16_t high_power_bit = 0x0100, super_power_bit = 0x0200;
constexpr unsigned switching_mask = 0x03, switching_each_port = 0x01;
constexpr unsigned most_ports = 31;

class Board final : public RelayBoard {
public:
    explicit Board(std::vector<Half> halves) {
        for (auto& half : halves)
            halves_.push_back({KeptUsbDevice(std::move(half.open)), half.speed, half.port});
    }

    Status set(unsigned, State wanted, BoardLock&) override {
        for (auto& half : halves_)
            TRY(half.device.use(
                [&](UsbDevice& device) { return device.control_out(power_request(half.port, wanted), {}); }));
        return {};
    }

    Result<std::optional<State>> read(unsigned, BoardLock&) override {
        auto state = State::off;
        for (auto& half : halves_) {
            TRY_ASSIGN(const auto bytes, half.device.use([&](UsbDevice& device) {
                return device.control_in(status_request(half.port), status_size);
            }));
            TRY_ASSIGN(const auto one, parse_status(bytes, half.speed));
            if (one == State::on) state = State::on;
        }
        return std::optional(state);
    }

private:
    struct OpenHalf {
        KeptUsbDevice device;
        Speed speed;
        unsigned port;
    };
    std::vector<OpenHalf> halves_;
};

}  // namespace

UsbSetup descriptor_request(Speed speed) {
    return {0xa0, 0x06, static_cast<std::uint16_t>((speed == Speed::super ? super_type : high_type) << 8), 0};
}

Result<Descriptor> parse_descriptor(ByteView bytes, Speed speed) {
    ByteReader reader(bytes);
    const auto length = reader.u8();
    const auto type = reader.u8();
    Descriptor descriptor;
    descriptor.ports = reader.u8();
    descriptor.switches_each_port = (reader.u16_le() & switching_mask) == switching_each_port;
    const auto expected = speed == Speed::super ? super_type : high_type;
    if (reader.failed() || length < reader.position() || type != expected || descriptor.ports > most_ports)
        return bench_error("the hub's descriptor makes no sense: " + hex(bytes, 16));
    return descriptor;
}

Result<Descriptor> read_descriptor(UsbDevice& device, Speed speed) {
    TRY_ASSIGN(const auto bytes, device.control_in(descriptor_request(speed), descriptor_size));
    return parse_descriptor(bytes, speed);
}

UsbSetup power_request(unsigned port, State wanted) {
    return {0x23, wanted == State::on ? set_feature : clear_feature, port_power,
            static_cast<std::uint16_t>(port)};
}

UsbSetup status_request(unsigned port) { return {0xa3, 0x00, 0, static_cast<std::uint16_t>(port)}; }

Result<State> parse_status(ByteView bytes, Speed speed) {
    ByteReader reader(bytes);
    const auto status = reader.u16_le();
    if (reader.failed() || bytes.size() != status_size)
        return bench_error(fmt::format("the port's status has {} bytes, not {}", bytes.size(), status_size));
    return (status & (speed == Speed::super ? super_power_bit : high_power_bit)) != 0 ? State::on
                                                                                      : State::off;
}

std::unique_ptr<RelayBoard> make_board(std::vector<Half> halves) {
    return std::make_unique<Board>(std::move(halves));
}

}  // namespace cambench::usb_hub
