#include "drivers/power/boards/dcttech.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/text.hpp"

namespace cambench::dcttech {
namespace {

using State = PowerSwitch::State;

/// HID class requests with the device as recipient. The firmware does not look at the recipient.
constexpr UsbSetup set_report{0x20, 0x09, 0x0300, 0};
constexpr UsbSetup get_report{0xa0, 0x01, 0x0300, 0};
constexpr std::uint8_t close_contact = 0xff, open_contact = 0xfd;
constexpr std::size_t serial_size = 5, contacts_at = 7;
constexpr unsigned most_channels = 8;

class Board final : public RelayBoard {
public:
    Board(UsbOpener open, std::string serial) : device_(std::move(open)), serial_(std::move(serial)) {}

    Status set(unsigned channel, State wanted, BoardLock&) override {
        return device_.use(
            [&](UsbDevice& device) { return device.control_out(set_report, encode(channel, wanted)); });
    }

    Result<std::optional<State>> read(unsigned channel, BoardLock&) override {
        TRY_ASSIGN(const auto report, device_.use([](UsbDevice& device) { return read_report(device); }));
        if (!serial_.empty() && report.serial != serial_)
            return bench_error(
                fmt::format("the board says that its serial is '{}': another board is plugged in there",
                            inert(report.serial)));
        return std::optional((report.contacts >> (channel - 1) & 1) != 0 ? State::on : State::off);
    }

private:
    KeptUsbDevice device_;
    std::string serial_;
};

}  // namespace

Bytes encode(unsigned channel, State wanted) {
    ByteWriter writer;
    writer.u8(wanted == State::on ? close_contact : open_contact)
        .u8(static_cast<std::uint8_t>(channel))
        .zeros(report_size - 2);
    return writer.take();
}

Result<Report> parse_report(ByteView bytes) {
    if (bytes.size() != report_size)
        return bench_error(fmt::format("the board's report has {} bytes, not {}: {}", bytes.size(),
                                       report_size, hex(bytes, 16)));
    const auto text = as_text(bytes.first(serial_size));
    return Report{std::string(text.substr(0, text.find('\0'))),
                  std::to_integer<std::uint8_t>(bytes[contacts_at])};
}

unsigned channels_of(const std::string& name) {
    const std::string_view prefix = name_prefix;
    if (!name.starts_with(prefix) || name.size() != prefix.size() + 1) return 0;
    const auto digit = static_cast<unsigned>(name.back() - '0');
    return digit <= most_channels ? digit : 0;
}

Result<Report> read_report(UsbDevice& device) {
    TRY_ASSIGN(const auto bytes, device.control_in(get_report, report_size));
    return parse_report(bytes);
}

std::unique_ptr<RelayBoard> make_board(UsbOpener open, std::string serial) {
    return std::make_unique<Board>(std::move(open), std::move(serial));
}

}  // namespace cambench::dcttech
