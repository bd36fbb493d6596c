#pragma once

#include <functional>
#include <memory>
#include <string>

#include "drivers/transport/byte_stream.hpp"
#include "drivers/transport/usb_device.hpp"

/// What the protocols of boards share: openers, so that a board is connected only while a command is sent,
/// and reading.
namespace cambench {

using StreamOpener = std::function<Result<std::unique_ptr<ByteStream>>()>;
using UsbOpener = std::function<Result<std::unique_ptr<UsbDevice>>()>;

/// Says whether a board that cannot be asked is still plugged in.
using PresenceCheck = std::function<Status()>;

/// Exactly `count` bytes.
[[nodiscard]] Result<Bytes> read_exactly(ByteStream& stream, std::size_t count, Deadline deadline);

/// Everything up to and with `end`; at most `most` bytes.
[[nodiscard]] Result<std::string> read_until(ByteStream& stream, char end, std::size_t most,
                                             Deadline deadline);

/// A USB device that stays open from one command to the next. After a failure the next command opens it anew,
/// so that a board that was plugged in again can still be switched off.
class KeptUsbDevice {
public:
    explicit KeptUsbDevice(UsbOpener open) : open_(std::move(open)) {}

    template <typename Action>
    auto use(Action action) -> decltype(action(std::declval<UsbDevice&>())) {
        if (!device_) {
            auto opened = open_();
            if (!opened) return std::move(opened).error();
            device_ = std::move(*opened);
        }
        auto outcome = action(*device_);
        if (!outcome.ok()) device_.reset();
        return outcome;
    }

private:
    UsbOpener open_;
    std::unique_ptr<UsbDevice> device_;
};

}  // namespace cambench
