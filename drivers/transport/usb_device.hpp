#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "drivers/transport/usb_tree.hpp"
#include "harness/core/bytes.hpp"
#include "harness/core/result.hpp"

namespace cambench {

/// The head of a control transfer, as USB 2.0 section 9.3 names its fields.
struct UsbSetup {
    std::uint8_t request_type = 0, request = 0;
    std::uint16_t value = 0, index = 0;
};

/// An open USB device. Protocols talk to this, so that transcripts can stand in for hardware.
///
/// A transfer that takes longer than a second has failed. After the device was unplugged, every call fails.
class UsbDevice {
public:
    virtual ~UsbDevice() = default;

    /// What the device sent, at most `length` bytes.
    [[nodiscard]] virtual Result<Bytes> control_in(const UsbSetup& setup, std::size_t length) = 0;
    [[nodiscard]] virtual Status control_out(const UsbSetup& setup, ByteView bytes) = 0;

    /// Sends through the OUT endpoint of `interface` (as an output report where a HID device has none) and
    /// then reads once from its IN endpoint, unless `answer` (the most bytes to read) is 0. The interface is
    /// taken from the kernel's driver for that long and given back.
    [[nodiscard]] virtual Result<Bytes> exchange(unsigned interface, ByteView bytes, std::size_t answer) = 0;
};

/// Opens without claiming an interface: other programs and the kernel's drivers keep theirs.
[[nodiscard]] Result<std::unique_ptr<UsbDevice>> open_usb_device(const UsbEntry& entry);

/// Its file under /dev, which needs to be readable and writable.
[[nodiscard]] std::filesystem::path usb_device_file(const UsbEntry& entry);

}  // namespace cambench
